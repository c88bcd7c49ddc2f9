"""What is printed arrives, or is left out, whatever the streams are: code pages, unread pipes, no streams."""

from __future__ import annotations

import locale
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.terminal import in_terminal
from tests.support.wait_until import PATIENCE

NAME = "Łukasz→✓"
"""Of a folder, whose letters no code page of Windows holds."""
COMMANDS = (
    (("import", "--live", "dev"), 0),
    (("import", "--dry-run"), 0),
    (("doctor",), 4),
    (("doctor", "--report"), 4),
)
"""They name the files in that folder."""


@pytest.fixture
def odd(sandbox):
    """The user's files in a folder with such a name."""
    sandbox.add_role("dev")
    folder = sandbox.home / NAME
    folder.mkdir()
    sandbox.aws_config = sandbox.aws_config.rename(folder / "config")
    with sandbox.aws_config.open("a", newline="\n") as file:
        file.write("[profile x]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n")
        file.write("duration_seconds = 1h\n")
    return sandbox


@pytest.mark.parametrize("encoding", ["ascii", "cp437", "cp1252", "utf-8", None])
def test_what_a_code_page_lacks_is_written_by_its_number(odd, encoding):
    given = {} if encoding is None else {"PYTHONIOENCODING": encoding}
    # One function prints for all commands, so one command is enough for the other encodings.
    for command, code in COMMANDS if encoding == "ascii" else COMMANDS[-1:]:
        done = odd.command(*command, encoding=encoding, **given)
        assert (done.returncode, "unexpected" in done.stderr) == (code, False), done.stderr
        page = encoding or locale.getpreferredencoding(do_setlocale=False)
        assert NAME.encode(page, errors="backslashreplace").decode(page) in done.stdout, command


def test_a_terminal_shows_it_as_it_is(odd):
    for command, code in COMMANDS:
        shown, given = in_terminal(odd, command=command)
        assert (given, NAME in shown) == (code, True), command


@pytest.mark.parametrize("roles", [1, 200])
def test_who_reads_no_more_has_enough(sandbox, roles):
    for number in range(roles):
        sandbox.add_role(f"role-{number}")
    process = subprocess.Popen(
        [*sandbox.program, "status", "--json"],
        env=sandbox.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    message = process.stderr.read()
    process.stderr.close()
    assert (process.wait(PATIENCE), message) == (0, b"")


def test_without_streams_it_does_its_work(sandbox):
    """As a desktop starts it: a closed standard output, or pythonw, which has none."""
    sandbox.add_role("dev")
    if sys.platform == "win32":
        command = [str(Path(sys.executable).with_name("pythonw.exe")), "-m", "traycreds"]
        detached = {"creationflags": subprocess.DETACHED_PROCESS}
    else:
        command, detached = ["sh", "-c", 'exec "$0" -m traycreds "$@" >&- 2>&- <&-', sys.executable], {}
    for arguments, code in ((["once", "dev"], 0), (["status"], 0), (["once", "nobody"], 2), (["--help"], 0)):
        done = subprocess.run([*command, *arguments], env=sandbox.environment(), check=False, timeout=30, **detached)
        assert done.returncode == code, arguments
    assert sandbox.profiles()["dev-session"]["traycreds_role"] == "dev"
