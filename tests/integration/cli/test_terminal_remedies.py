"""What a running app tells its terminal, where there is no menu, is carried out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest

from tests.support.terminal import in_terminal
from tests.support.wait_until import until
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.cli.display.hints import by_commands
from traycreds.core.model import FileNote
from traycreds.core.text import rfc_3339
from traycreds.lifecycle import notices
from traycreds.state.log import start_log


@pytest.fixture
def ending(sandbox):
    """A role that is not kept, whose session ends soon."""
    sandbox.add_role("dev")
    assert sandbox.command("once", "dev").returncode == 0
    soon = rfc_3339(datetime.now(timezone.utc) + timedelta(minutes=4))
    text = sandbox.credentials_file.read_text()
    text, count = re.subn(r"(?m)^(x_security_token_expires = ).*$", rf"\g<1>{soon}", text)
    assert count, text
    sandbox.credentials_file.write_text(text)
    return sandbox


def test_a_session_that_ends_is_kept_by_the_command_of_the_notice(ending):
    with ending.apps() as start:
        app = start("run", "--no-tray")
        notice = next(line for line in iter(app.stdout.readline, "") if line.startswith("! dev"))
        assert "Run traycreds keep if you still need it." in notice
        before = ending.profiles()["dev-session"]["aws_session_token"]
        shown, code = in_terminal(ending, "1\n", "\n", command=("keep",))
        assert code == 0, shown
        until(lambda: ending.profiles()["dev-session"]["aws_session_token"] != before, "a new session")
        assert ending.command("quit").returncode == 0


def test_a_first_role_is_refreshed_always_after_the_same_command():
    assert by_commands(notices.KEEP_ALWAYS_HINT) == "Run traycreds keep to refresh it always."


@pytest.mark.logs_warnings
def test_the_report_says_what_to_do_about_a_note_that_is_too_long(sandbox):
    sandbox.add_role("dev")
    store = CredentialsFile(sandbox.credentials_file, lock_dir=sandbox.state / "locks")
    log = start_log(sandbox.state / "log")
    store._keep_copy(sandbox.credentials_file, b"[mine]\n", "mine vanished from the file.", "What was there")
    log.stop()
    (note,) = store.read().notes
    body = notices.file_note(FileNote(sentence=note.sentence, hint=note.hint * 2)).body
    assert by_commands(body).endswith("Run traycreds doctor --report: it says what to do.")
    assert "Copy what is missing from it, then delete it" in note.hint
    assert note.hint.rpartition(".backup-")[2] in sandbox.command("doctor", "--report").stdout
