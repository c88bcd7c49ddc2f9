"""`use --none`, `use` without an app, `pause` and `resume`, as a user runs them."""

from __future__ import annotations

import json

import pytest

from tests.integration.refresh.test_refresh import complaint
from tests.support.wait_until import PATIENCE, until
from tests.windows.mark import not_on_windows
from traycreds.state import choices

ONCE = "traycreds is not running, so nothing refreshes this session. Start it with `traycreds`.\n"


def role(sandbox, name="dev"):
    roles = json.loads(sandbox.command("status", "--json").stdout)["roles"]
    return next(each for each in roles if each["name"] == name)


def test_without_an_app_it_is_written_once_and_reported(sandbox):
    sandbox.add_role("dev", extra='region = "us-east-1"')
    sandbox.add_role("kept", extra="keep = true")
    done = sandbox.command("use", "dev")
    assert (done.returncode, done.stderr) == (0, ONCE)
    assert done.stdout.startswith("dev is the default profile, region us-east-1, expires at ")
    profiles = sandbox.profiles()
    assert profiles["default"]["aws_session_token"] == profiles["dev-session"]["aws_session_token"]
    assert "kept-session" not in profiles, "nothing else is refreshed"
    assert "region = us-east-1" in sandbox.aws_config.read_text()


def test_without_an_app_a_session_on_file_is_used_as_it_is(sandbox):
    sandbox.add_role("dev")
    sandbox.command("once", "dev")
    before = sandbox.profiles()["dev-session"]
    assert sandbox.command("use", "dev").returncode == 0
    assert sandbox.profiles()["dev-session"] == before
    assert len([call for call in sandbox.simulator.calls if call.action == "AssumeRole"]) == 1


def test_the_next_app_goes_on_from_there(sandbox, start):
    sandbox.add_role("dev")
    sandbox.add_role("prod")
    app = start()
    sandbox.command("use", "prod")
    sandbox.command("quit")
    app.wait(PATIENCE)
    sandbox.command("use", "dev", "--region", "eu-west-1")
    kept = choices.load(sandbox.state)
    assert (kept.chosen, kept.recent, kept.regions["dev"].region) == ("dev", ("dev", "prod"), "eu-west-1")
    start()
    shown = until(lambda: (found := role(sandbox))["is_default"] and found, "the file is read")
    assert (shown["wanted_default"], shown["region"]) == (True, "eu-west-1")


def test_without_an_app_a_refusal_changes_nothing(sandbox):
    sandbox.add_role("dev", trusted=False)
    before = sandbox.credentials_file.read_bytes()
    done = sandbox.command("use", "dev")
    assert done.returncode == 3
    assert complaint(done).startswith("dev: ")
    assert "becomes the default" not in done.stderr, "nothing will make it so"
    assert sandbox.credentials_file.read_bytes() == before
    assert choices.load(sandbox.state).chosen is None


def test_without_an_app_a_default_of_the_users_own_stays(sandbox):
    sandbox.add_role("dev")
    text = sandbox.credentials_file.read_text() + "[default]\naws_access_key_id = AKIAMINE\n"
    sandbox.credentials_file.write_text(text)
    done = sandbox.command("use", "dev")
    assert done.returncode == 4
    assert "traycreds import take-over default" in done.stderr
    assert sandbox.profiles()["default"]["aws_access_key_id"] == "AKIAMINE"
    assert sandbox.command("use", "--none").returncode == 0
    assert sandbox.profiles()["default"]["aws_access_key_id"] == "AKIAMINE"


@pytest.mark.parametrize("running", [True, False])
def test_none_takes_the_default_away_and_the_role_keeps_its_own_profile(sandbox, start, running):
    sandbox.add_role("dev", extra='region = "us-east-1"')
    before = sandbox.aws_config.read_text()
    if running:
        start()
    assert sandbox.command("use", "dev").returncode == 0
    done = sandbox.command("use", "--none")
    assert (done.returncode, done.stdout, done.stderr) == (0, "No role is the default profile now.\n", "")
    assert set(sandbox.profiles()) == {"base", "dev-session"}
    assert sandbox.aws_config.read_text().startswith(before)
    assert choices.load(sandbox.state).chosen is None
    assert sandbox.command("use", "--none").returncode == 0, "it is not an error to have none to remove"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "No role given."),
        (("dev", "--none"), "--none and the role dev cannot be combined."),
        (("--none", "--region", "eu-west-1"), "--region and --none cannot be combined."),
        (("dve",), "There is no role dve.\nDid you mean dev?"),
        (("dev", "--region", "moon"), '--region "moon" is not a region name.'),
    ],
)
def test_what_use_refuses(sandbox, arguments, sentence):
    sandbox.add_role("dev")
    done = sandbox.command("use", *arguments)
    assert done.returncode == 2
    assert complaint(done).startswith(sentence)
    assert set(sandbox.profiles()) == {"base"}


def test_pause_and_resume_do_what_the_menu_does(sandbox, start):
    sandbox.add_role("dev")
    start()
    done = sandbox.command("pause")
    assert (done.returncode, done.stdout) == (0, "Paused: nothing is refreshed until `traycreds resume`.\n")
    assert sandbox.command("status").stdout.startswith("Paused, nothing is refreshed")
    done = sandbox.command("keep", "dev")
    assert done.returncode == 3
    assert "traycreds refresh dev" in complaint(done)
    done = sandbox.command("resume")
    assert (done.returncode, done.stdout) == (0, "Resumed: refreshing continues.\n")
    until(lambda: "dev-session" in sandbox.profiles(), "what waited is refreshed")
    assert not sandbox.command("status").stdout.startswith("Paused")


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_without_an_app_there_is_nothing_to_pause(sandbox, command):
    done = sandbox.command(command)
    assert (done.returncode, done.stdout) == (5, "")
    assert complaint(done) == "traycreds is not running.\nStart it with `traycreds`, then try again.\n"


@not_on_windows
def test_an_app_that_is_silent_is_not_passed_by(sandbox, start):
    """It may write as soon as it wakes."""
    import signal

    sandbox.add_role("dev")
    app = start()
    app.send_signal(signal.SIGSTOP)
    try:
        for command in (("use", "dev"), ("use", "--none"), ("pause",)):
            assert sandbox.command(*command).returncode == 5, command
    finally:
        app.send_signal(signal.SIGCONT)
    assert set(sandbox.profiles()) == {"base"}
