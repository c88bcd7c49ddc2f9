"""What a notice says instead of a remedy that is too long for it is carried out, and the whole remedy is there."""

from __future__ import annotations

import logging
import subprocess

import pytest

from tests.support.wait_until import until
from tests.unit.app.actions.test_menu_actions import CONFIG, federation, of, recorded, reported  # noqa: F401 - fixtures among them
from tests.windows.mark import not_on_windows
from traycreds.app import start_failure
from traycreds.app.actions import session_actions
from traycreds.core.errors import ConfigError
from traycreds.core.ui_commands import UiCommand
from traycreds.desktop import browser
from traycreds.lifecycle import notices

LONG = "payments-production-administrator-of-the-whole-company-in-europe"


@pytest.fixture
def app(sandbox):
    """Starts an app that prints its notices; `lines()` are what it printed so far."""
    printed = sandbox.home / "printed"

    def lines():
        return printed.read_text().splitlines()

    with printed.open("w") as output:
        running = None

        def start():
            nonlocal running
            running = subprocess.Popen(
                [*sandbox.program, "run", "--no-tray"], env=sandbox.environment(), stdout=output, stderr=output
            )
            until(sandbox.listens, "the app runs")
            return lines

        yield start
        if running is not None:
            running.kill()
            running.wait()


def notice_in(lines, words):
    """The text of the notice with these words."""
    return until(lambda: next((line for line in lines() if line.startswith("! ") and words in line), None), words)


@not_on_windows
def test_a_command_that_makes_a_file_again_is_read_in_the_status(sandbox, app):
    where = sandbox.home / f"a-vault-with-a-long-name-{'x' * 60}" / "credentials"
    where.parent.mkdir()
    sandbox.credentials_file.replace(where)
    sandbox.credentials_file.symlink_to(where)
    sandbox.add_role("dev", extra="keep = true")
    lines = app()
    sandbox.wait_for_profile("dev-session")
    text = where.read_text()
    where.unlink()
    sandbox.command("refresh", "dev")
    notice = notice_in(lines, "Credentials file not written")
    assert "Mount or unlock the drive that it is on." in notice
    shown = sandbox.command("status").stdout
    remedy = next(line for line in shown.splitlines() if "which is missing. " in line).partition("create it: ")[2]
    assert remedy.startswith("touch "), "the whole of it"
    subprocess.run(remedy, shell=True, check=True)
    where.write_text(text)
    until(lambda: "Fresh" in sandbox.command("status").stdout, "the file is written again")


@not_on_windows
def test_a_command_that_is_too_long_for_a_notice_is_in_the_status(sandbox, app):
    name = f"{LONG}-session"
    with sandbox.credentials_file.open("a") as file:
        file.write(f"[{name}]\naws_access_key_id = AKIAEXAMPLE000000009\naws_secret_access_key = {'s' * 40}\n")
    sandbox.add_role(LONG, extra="keep = true")
    lines = app()
    assert "Run: traycreds status" in notice_in(lines, "Run: ")
    shown = sandbox.command("status").stdout
    line = next(line for line in shown.splitlines() if "take-over" in line)
    words = line.partition("traycreds import ")[2].split()
    done = sandbox.command("import", *words[: words.index("--as") + 2])
    assert done.returncode == 0, done.stderr
    until(lambda: "Fresh" in sandbox.command("status").stdout, "the role has its profile")


def test_a_line_of_the_configuration_is_named_by_doctor(sandbox, app):
    sandbox.add_role("dev")
    lines = app()
    before = sandbox.config.read_text()
    sandbox.config.write_text(
        f"{before}[roles.{LONG}]\nrole_arn = 'arn:aws:iam::123456789012:role/x'\nsource_profile = 'b'\n"
    )
    sandbox.aws_config.write_text(
        f"[profile {LONG}-session]\nrole_arn = x\nsource_profile = base\n[profile b]\nregion = x\n"
    )
    notice = notice_in(lines, "Configuration error")
    assert "Run: traycreds doctor" in notice
    shown = sandbox.command("doctor").stdout
    assert f'Give it another profile, such as profile = "{LONG}-session-2".' in shown
    sandbox.config.write_text(f'{sandbox.config.read_text()}profile = "{LONG}-session-2"\n')
    assert "Give it another profile" not in sandbox.command("doctor").stdout


def test_an_address_that_did_not_open_is_in_the_log(recorded, federation, monkeypatch, caplog):
    monkeypatch.setattr(browser, "open_page", lambda address, failed, by: None)
    monkeypatch.setattr(session_actions, "BROWSER_SECONDS", 0.05)
    recorded.where.config_file.write_text(CONFIG.replace("roles.dev", f"roles.{LONG}") + 'profile = "dev-session"\n')
    recorded.write_session()
    caplog.set_level(logging.INFO)
    recorded.run(of(UiCommand.OPEN_CONSOLE, LONG))
    assert reported(recorded).body.endswith(notices.IN_LOG)
    assert notices.IN_LOG == "Choose Open log in the tray menu: it says what to do."
    recorded.where.log_dir.mkdir(parents=True)
    (recorded.where.log_dir / "traycreds.log").touch()
    recorded.run(UiCommand.OPEN_LOG)
    until(lambda: recorded.opened, "the log is open")
    assert f"Run traycreds console --print {LONG}, then open the URL in a browser." in caplog.text


def test_an_app_that_does_not_start_says_why_in_a_terminal(sandbox, monkeypatch):
    sandbox.add_role("dev", source="bas")
    hint = sandbox.command("run", "--no-tray").stderr.splitlines()[1]
    sent = []

    class Desktop:
        def __init__(self, picture):
            pass

        def linger(self):
            pass

        send = sent.append

    monkeypatch.setattr(start_failure, "DesktopNotifier", Desktop)
    start_failure.announce(ConfigError("No.", hint))
    start_failure.announce(ConfigError("No.", f"{'Look there, ' * 9}{hint}"))
    assert [each.body for each in sent] == [f"No. {hint}", "No. Run traycreds in a terminal: it says what to do."]
    assert hint == "Did you mean base?"


@pytest.mark.parametrize("remedy", ["Rename it there to [", "], or remove those settings."])
def test_a_profile_of_ours_that_gets_settings_of_its_own(sandbox, app, remedy):
    sandbox.add_role("dev", extra="keep = true")
    app()
    sandbox.wait_for_profile("dev-session")
    before = sandbox.aws_config.read_text()
    own = f"{before}[profile dev-session]\nrole_arn = x\nsource_profile = base\n"
    sandbox.aws_config.write_text(own)

    def says():
        return next((line for line in sandbox.command("status").stdout.splitlines() if remedy in line), None)

    line = until(says, "what to do")
    renamed = line.partition("Rename it there to [")[2].partition("]")[0]
    assert renamed == "profile dev-session-2"
    sandbox.aws_config.write_text(before if remedy.startswith("]") else own.replace("profile dev-session", renamed))
    until(lambda: "Fresh" in sandbox.command("status").stdout, "it is fresh")
