"""What is said of a configuration with one mistake, and of one with more: each mistake and each remedy once."""

from __future__ import annotations

import pytest


def test_one_mistake_is_one_sentence_and_its_remedy(sandbox):
    sandbox.add_role("dev", extra="kep = true")
    done = sandbox.command("status")
    assert done.returncode == 2
    wrong, remedy = done.stderr.splitlines()
    assert wrong.endswith("kep of role dev is no known key.")
    assert remedy == "Did you mean keep?"


def test_of_more_each_is_told_with_its_line_and_its_remedy(sandbox):
    sandbox.add_role("dev", extra='kep = true\nduration = "13h"')
    done = sandbox.command("status")
    assert done.returncode == 2
    summary, *each = done.stderr.splitlines()
    assert "has 2 problems" in summary
    assert [line.partition(": ")[2] for line in each] == [
        "kep of role dev is no known key. Did you mean keep?",
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
    assert remedy == "Correct that line; until then no AWS tool in Python can read the file."
    assert sandbox.credentials_file.read_text() == "garbage\n[base]\n"
