"""A program is in the middle of a write of the credentials file: commands say so within seconds, and what they asked for comes later."""

from __future__ import annotations

import pytest

from tests.support.wait_until import until


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
def deleted(sandbox):
    """A credentials file with a foreign section, which is deleted while the app runs; the keys are elsewhere."""
    keys = sandbox.credentials_file.read_text().partition("[base]\n")[2]
    sandbox.aws_config.write_text(f"[profile base]\n{keys}")
    sandbox.credentials_file.write_text("[mine]\naws_session_token = x\n")
    sandbox.at_rest()
    sandbox.add_role("dev", extra="keep = true\n")
    sandbox.run()
    sandbox.wait_for_valid("dev")
    sandbox.credentials_file.unlink()
    return sandbox


def test_a_file_that_was_deleted_is_called_missing(deleted):
    done = deleted.command("refresh")
    assert done.returncode == 4, done.stdout
    assert "The credentials file is missing" in done.stderr
    assert "Another program" not in done.stderr
