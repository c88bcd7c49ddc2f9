"""What is said of a configuration with one mistake, and of one with more: each mistake and each remedy once."""

from __future__ import annotations

import os

import pytest

from tests.windows.mark import not_on_windows


def test_one_mistake_is_one_sentence_and_its_remedy(sandbox):
    sandbox.add_role("dev", extra="kep = true")
    done = sandbox.command("status")
    assert done.returncode == 2
    wrong, remedy = done.stderr.splitlines()
    assert wrong.endswith("kep of role dev is an unknown key.")
    assert remedy == "Did you mean keep?"


def test_each_of_several_faults_is_reported_with_its_line_and_remedy(sandbox):
    sandbox.add_role("dev", extra='kep = true\nduration = "13h"')
    done = sandbox.command("status")
    assert done.returncode == 2
    summary, *each = done.stderr.splitlines()
    assert "has 2 problems" in summary
    assert [line.partition(": ")[2] for line in each] == [
        "kep of role dev is an unknown key. Did you mean keep?",
        'duration of role dev is 46800 seconds. AWS allows 15 minutes to 12 hours ("15m" to "12h").',
    ]
    assert all(line.startswith("  line ") for line in each)


@pytest.mark.parametrize("command", ["once", "status"])
def test_a_credentials_file_that_no_tool_can_read_has_its_own_exit_code(sandbox, command):
    sandbox.add_role("dev")
    sandbox.credentials_file.write_text("garbage\n[base]\n")
    done = sandbox.command(command)
    assert done.returncode == 4
    wrong, remedy = done.stderr.splitlines()
    assert wrong.endswith("line 1: text before the first [profile].")
    assert remedy == "Fix that line. Until then, no AWS tool written in Python can read the file."
    assert sandbox.credentials_file.read_text() == "garbage\n[base]\n"


def test_a_text_in_place_of_an_arn_is_the_trouble_of_its_role_alone(sandbox):
    arn = sandbox.add_role("good")
    sandbox.config.unlink()
    bad = "[profile bad]\nrole_arn = TODO\nsource_profile = base\n"
    sandbox.aws_config.write_text(f"{bad}[profile good]\nrole_arn = {arn}\nsource_profile = base\n")
    for words in (("status",), ("once", "good"), ("creds", "good"), ("exec", "good", "--", "true")):
        done = sandbox.command(*words)
        assert (done.returncode, done.stderr) == (0, ""), words
    done = sandbox.command("once", "bad")
    assert done.returncode == 2
    place = f"{sandbox.aws_config}, line 2"
    remedy = "It looks like arn:aws:iam::123456789012:role/Name."
    assert done.stderr == f'bad: role_arn of profile bad is not the ARN of a role ("TODO") ({place}). {remedy}\n'
    found = sandbox.command("doctor").stdout
    assert f'{sandbox.aws_config}, line 2: role_arn of profile bad is not the ARN of a role ("TODO")' in found


@not_on_windows
@pytest.mark.parametrize("command", ["status", "once"])
def test_files_that_would_block_or_are_too_large_are_refused_at_once(sandbox, command):
    """The peak of each command is checked after the test."""
    sandbox.add_role("dev")
    os.mkfifo(sandbox.home / "fifo")
    for no_file in (sandbox.home / "fifo", "/dev/zero"):
        done = sandbox.command("--config", str(no_file), command, timeout=10)
        assert (done.returncode, done.stderr.splitlines()[0]) == (2, f"{no_file} is not a regular file.")
    for path, code in ((sandbox.aws_config, 2), (sandbox.credentials_file, 4)):
        whole = path.stat().st_size
        os.truncate(path, 300 * 1024**2)
        done = sandbox.command(command, timeout=10)
        assert (done.returncode, done.stderr) == (code, f"{path} is larger than 8 MiB.\nCheck its contents.\n")
        os.truncate(path, whole)
    assert sandbox.command(command).returncode == 0
