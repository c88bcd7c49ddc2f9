"""What a command says of programs, keyrings, browsers and sessions that fail is carried out, and it works."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.cli.test_console import federation  # noqa: F401 - a fixture
from tests.integration.refresh.test_refresh_login import console  # noqa: F401 - a fixture
from tests.support.builders import NOW, a_session, a_state
from tests.support.sandbox_mfa import Mfa
from tests.support.terminal import CTRL_C, Typed, in_terminal
from tests.support.wait_until import PATIENCE, until
from tests.unit.cli.picker.test_prompt import asked
from tests.windows.mark import linux_only, not_on_windows
from traycreds.cli import main, status_table
from traycreds.cli.commands import control
from traycreds.cli.picker.prompt import Picks
from traycreds.core.events import ClockSeen
from traycreds.desktop import browser_redirect
from traycreds.lifecycle import presentation
from traycreds.lifecycle.apply import apply
from traycreds.process import spawn

ONCE = "traycreds is not running, so nothing refreshes this session. Start it with `traycreds`.\n"


@pytest.fixture
def here(sandbox, monkeypatch):
    """The home with a role, for commands that run in this process."""
    sandbox.add_role("dev")
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    return sandbox


# Other systems have a different entry.
@linux_only
def test_a_program_that_is_gone_from_the_login_items(sandbox):
    on = sandbox.command("autostart", "on")
    entry = Path(on.stdout.splitlines()[1].removeprefix("The entry is "))
    entry.write_text(entry.read_text().replace("Exec=/", "Exec=/gone/"))
    wrong = sandbox.command("autostart", "status")
    assert (wrong.returncode, "Run `traycreds autostart on` again." in wrong.stderr) == (2, True)
    assert sandbox.command("autostart", "on").returncode == 0
    assert sandbox.command("autostart", "status").returncode == 0


@not_on_windows
def test_a_machine_without_a_screen_prints_the_address(here, federation):
    address = {"TRAYCREDS_FEDERATION_ENDPOINT": federation.url}
    wrong = here.command("console", "dev", **address)
    assert (wrong.returncode, wrong.stderr.splitlines()[-1]) == (2, "Use --print, then open the URL elsewhere.")
    right = here.command("console", "dev", "--print", **address)
    assert (right.returncode, right.stdout.startswith(federation.url)) == (0, True)


def test_a_browser_that_does_not_come_has_the_address_printed(here, federation, monkeypatch, capsys):
    monkeypatch.setenv("TRAYCREDS_FEDERATION_ENDPOINT", federation.url)
    monkeypatch.setenv("BROWSER", "a-browser")
    monkeypatch.setattr(browser_redirect, "open_as_role", lambda *_, **__: False)
    assert main(["console", "dev"]) == 2
    assert "Use --print, then open the URL yourself." in capsys.readouterr().err
    assert main(["console", "dev", "--print"]) == 0
    assert capsys.readouterr().out.startswith(federation.url)


def test_an_app_that_is_started_refreshes_what_was_written_once(sandbox, start):
    sandbox.add_role("dev")
    assert sandbox.command("use", "dev").stderr == ONCE
    first = sandbox.profiles()["default"]
    text = sandbox.credentials_file.read_text(encoding="utf-8")
    ended = re.sub(r"(x_security_token_expires = )\S+", r"\g<1>2026-01-05T10:00:00Z", text)
    sandbox.credentials_file.write_text(ended, encoding="utf-8", newline="\n")
    sandbox.at_rest()
    start()
    new = until(lambda: (now := sandbox.profiles().get("default", first)) != first and now, "it is refreshed")
    until(
        lambda: sandbox.profiles()["default"]["aws_session_token"] != first["aws_session_token"], "with a new session"
    )
    assert new["traycreds_role"] == "dev"


_DELETES_NOTHING = """
    def delete_password(self, service, username):
        raise RuntimeError("it is locked")
"""


def test_a_keyring_that_keeps_what_it_should_forget(sandbox):
    mfa = Mfa(sandbox)
    environment = mfa.environment()
    moved = sandbox.command("import", "keyring", "base", **environment)
    assert moved.returncode == 0, moved.stderr
    module = mfa.folder / "filekeyring.py"
    module.write_text(module.read_text() + _DELETES_NOTHING)
    back = sandbox.command("import", "keyring", "base", "--undo", **environment)
    assert back.returncode == 0, back.stderr
    assert "Delete the traycreds entries with your keyring's own program." in back.stderr
    secret = sandbox.owner.secret_access_key
    assert (secret in mfa.keyring.read_text(), secret in sandbox.credentials_file.read_text()) == (True, True)
    assert '"traycreds|' in mfa.keyring.read_text()
    # The keyring holds only the entries of traycreds, so the test deletes all of it.
    mfa.keyring.unlink()
    sandbox.add_role("dev")
    done = sandbox.command("once", "dev", **environment)
    assert done.returncode == 0, done.stderr


def test_a_sign_in_of_the_aws_cli_is_ended_by_it(sandbox, console):
    console.sign_in()
    wrong = sandbox.command("logout", "console", **console.environment)
    assert wrong.stderr.endswith("Run: aws logout --profile console\n")
    # `aws logout` removes this file.
    console.file.unlink()
    once = sandbox.command("once", "behind", **console.environment)
    assert (once.returncode, "aws login --profile console" in once.stderr) == (3, True), once.stderr


# Without a desktop, the app cannot show a notice.
@pytest.mark.logs_warnings
def test_an_app_that_cannot_be_started_apart(here, start, monkeypatch, capsys):
    def fails(_words):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(spawn, "detached", fails)
    assert main(["run", "--no-tray", "--detach"]) == 2
    assert capsys.readouterr().err.endswith("Start it without --detach.\n")
    start()


class Ended:
    """A program that has exited, however slow the machine is."""

    def __init__(self, words) -> None:
        none = subprocess.DEVNULL
        done = subprocess.run(words, check=False, stdin=none, stdout=none, stderr=none, timeout=2 * PATIENCE)
        self.returncode = done.returncode

    def wait(self, _seconds) -> int:
        return self.returncode


# On Windows, the app shows the error in a window.
@not_on_windows
def test_an_app_that_exits_right_away_says_why_without_detach(here, start, monkeypatch, capsys):
    whole = here.config.read_text(encoding="utf-8")

    def broken_meanwhile(words):
        here.config.write_text("[roles.dev\n", encoding="utf-8")
        return Ended(words)

    monkeypatch.setattr(spawn, "detached", broken_meanwhile)
    assert main(["run", "--no-tray", "--detach"]) == 2
    assert "Start it without --detach to see why." in capsys.readouterr().err
    why = here.command("run", "--no-tray")
    assert (why.returncode, "line 1" in why.stderr) == (2, True), why.stderr
    here.config.write_text(whole, encoding="utf-8")
    start()


@not_on_windows
def test_a_shell_is_opened_in_a_terminal(here):
    wrong = here.command("exec", "dev")
    assert wrong.stderr.strip().endswith("`. In a terminal, leave it out to open your shell.")
    terminal = Typed(here.environment(SHELL=shutil.which("sh")), "exec", "dev")
    terminal.wait_for("This shell is dev until ")
    terminal.type("exit 7")
    assert terminal.end() == 7


@pytest.fixture
def script(here):
    path = here.home / "script.py"
    path.write_text("import os; print(os.environ['AWS_ACCESS_KEY_ID'])\n")
    return path


def test_a_script_is_run_by_its_program(here, script):
    script.chmod(0o755)
    wrong = here.command("exec", "dev", "--", str(script))
    hint = f"Put the program that runs it first, such as python {script}."
    assert (wrong.returncode, hint in wrong.stderr) == (126, True), wrong.stderr
    right = here.command("exec", "dev", "--", sys.executable, str(script))
    assert right.stdout.strip() == here.profiles()["dev-session"]["aws_access_key_id"]


@not_on_windows
def test_a_program_that_may_not_be_run(here, script):
    script.write_text(f"#!{sys.executable}\n{script.read_text()}")
    script.chmod(0o644)
    wrong = here.command("exec", "dev", "--", str(script))
    assert (wrong.returncode, wrong.stderr.splitlines()[-1]) == (126, "Check its permissions.")
    script.chmod(0o755)
    right = here.command("exec", "dev", "--", str(script))
    assert right.stdout.strip() == here.profiles()["dev-session"]["aws_access_key_id"]


def test_an_unexpected_error_is_whole_with_verbose(monkeypatch, capsys):
    def broken(_parsed):
        raise RuntimeError("the third wheel")

    monkeypatch.setattr(control, "pause", broken)
    assert main(["pause"]) == 1
    error = capsys.readouterr().err
    assert "Run it again with --verbose and report what it prints." in error
    assert "wheel" not in error
    with pytest.raises(RuntimeError, match="the third wheel"):
        main(["--verbose", "pause"])


@pytest.mark.parametrize("typed", ["3", "dev"])
@pytest.mark.parametrize(
    ("line", "hint"), [("", ", or part of the name. Ctrl-C ends this."), ("1 2", "Type one number.")]
)
def test_what_to_type_into_a_list(line, hint, typed):
    picks, shown = asked(line, typed)
    assert hint in shown
    assert picks == Picks(("dev",))


@not_on_windows
def test_ctrl_c_ends_a_list(here):
    shown, code = in_terminal(here, CTRL_C, command=("use",))
    assert code == 130, shown


def test_a_clock_that_is_set():
    hint = ". Set it, or turn on automatic time."
    off = apply(a_state(a_session()), ClockSeen(timedelta(minutes=12), NOW))
    assert status_table.lines(presentation.snapshot(NOW, off), None)[-1].endswith(hint)
    right = apply(off, ClockSeen(timedelta(0), NOW))
    assert hint not in "".join(status_table.lines(presentation.snapshot(NOW, right), None))
