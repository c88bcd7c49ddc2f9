"""A program is in the middle of a write of the credentials file: commands say so within seconds, and what they asked for comes later."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.support.wait_until import until
from tests.windows.mark import not_on_windows
from traycreds.core.snapshot import Status


def default_on_file(sandbox):
    return sandbox.profiles().get("default", {}).get("traycreds_role")


@pytest.fixture
def held_up(sandbox):
    """The sandbox with two sessions, and a file that another program has emptied and is about to write."""
    for name in ("dev", "prod"):
        sandbox.add_role(name, extra="keep = true\n")
    sandbox.run()
    for name in ("dev", "prod"):
        sandbox.wait_for_valid(name)
    assert sandbox.command("use", "dev").returncode == 0
    text = sandbox.credentials_file.read_text()
    with sandbox.credentials_file.open("w", newline="\n") as file:
        yield sandbox
        file.write(text)
    until(lambda: default_on_file(sandbox) == "prod", "the switch happens once that program is done")


def test_use_names_the_role_that_is_the_default_until_then(held_up):
    done = held_up.command("use", "prod")
    assert done.returncode == 4, done.stdout
    assert "prod becomes the default once its session is written; until then dev is." in done.stderr
    assert not done.stdout
    status = held_up.command("status").stdout
    assert "until then dev is" in status


@pytest.fixture
def deleted(sandbox, tmp_path):
    """A credentials file with a foreign section, which is deleted while the app runs; the keys are elsewhere."""
    keys = sandbox.credentials_file.read_text().partition("[base]\n")[2]
    sandbox.aws_config.write_text(f"[profile base]\n{keys}")
    sandbox.credentials_file.write_text("[mine]\naws_session_token = x\n")
    sandbox.at_rest()
    sandbox.add_role("dev", extra="keep = true\n")
    sandbox.run()
    sandbox.wait_for_valid("dev")
    sandbox.credentials_file.rename(tmp_path / "away")
    return sandbox


def test_a_file_that_was_deleted_is_called_missing(deleted):
    done = deleted.command("refresh")
    assert done.returncode == 4, done.stdout
    assert "The credentials file is missing" in done.stderr
    assert "Another program" not in done.stderr


def test_no_session_is_fresh_while_the_file_is_missing(deleted, tmp_path):
    """The app waits before it writes the file again: it would undo what the program does that replaces it."""
    until(lambda: deleted.shown().roles[0].status is not Status.FRESH, "the app notices")
    (shown,) = json.loads(deleted.command("status", "--json").stdout)["roles"]
    assert (shown["state"], shown["expires_at"]) == ("refreshing", None)
    status = deleted.command("status").stdout
    assert status.startswith("The credentials file is missing, so traycreds waits")
    assert "resh," not in status
    (tmp_path / "away").rename(deleted.credentials_file)
    until(lambda: deleted.shown().roles[0].status is Status.FRESH, "it is there again")
    assert deleted.valid("dev")
    assert "missing" not in deleted.command("status").stdout


@not_on_windows
def test_no_session_is_fresh_while_the_drive_that_it_is_on_is_gone(sandbox, tmp_path):
    volume, folder = tmp_path / "volume" / "aws", sandbox.home / ".aws"
    volume.parent.mkdir()
    folder.rename(volume)
    folder.symlink_to(volume)
    sandbox.add_role("dev", extra="keep = true\n")
    sandbox.run()
    sandbox.wait_for_valid("dev")
    assert sandbox.command("use", "dev").returncode == 0
    calls = len(sandbox.simulator.calls)
    away = volume.rename(tmp_path / "unmounted")

    def role():
        (found,) = json.loads(sandbox.command("status", "--json").stdout)["roles"]
        return found

    until(lambda: sandbox.shown().roles[0].status is not Status.FRESH, "the app notices")
    shown = role()
    assert (shown["state"], shown["expires_at"], shown["is_default"], shown["wanted_default"]) == (
        "failed",
        None,
        False,
        True,
    )
    status = sandbox.command("status").stdout
    assert "which is missing. Mount or unlock the drive that it is on." in status
    assert "Needs you" in status
    assert "Fresh" not in status
    sandbox.tick(timedelta(minutes=3))
    away.rename(volume)
    until(lambda: sandbox.shown().roles[0].status is Status.FRESH, "the session is back with the drive")
    assert (role()["state"], role()["is_default"]) == ("fresh", True)
    assert len(sandbox.simulator.calls) == calls, "no call of AWS was needed"
