"""`traycreds rotate` as a user types it."""

from __future__ import annotations

import pytest

from tests.support.terminal import in_terminal

LIST, CREATE = "ListAccessKeys", "CreateAccessKey"


@pytest.fixture
def iam(sandbox):
    return {"AWS_ENDPOINT_URL_IAM": sandbox.simulator.url}


def actions(sandbox) -> set[str]:
    return {call.action for call in sandbox.simulator.calls}


def test_it_rotates_and_shows_no_secret(sandbox, iam):
    sandbox.add_role("dev")
    done = sandbox.command("rotate", "base", "--yes", **iam)
    assert (done.returncode, done.stderr) == (0, "")
    new = sandbox.profiles()["base"]
    assert new["aws_access_key_id"] != sandbox.owner.access_key_id
    assert new["aws_access_key_id"] not in done.stdout
    for secret in (new["aws_secret_access_key"], sandbox.owner.secret_access_key):
        assert secret not in done.stdout
    assert not sandbox.simulator.world.key(sandbox.owner.access_key_id).active
    assert sandbox.command("once", "dev").returncode == 0


def test_a_dry_run_says_what_it_would_do(sandbox, iam):
    before = sandbox.credentials_file.read_bytes()
    done = sandbox.command("rotate", "base", "--dry-run", **iam)
    assert (done.returncode, done.stderr) == (0, "")
    assert "of profile base is 0 days old" in done.stdout
    assert done.stdout.endswith("Nothing was changed.\n")
    assert (actions(sandbox), sandbox.credentials_file.read_bytes()) == ({LIST}, before)


def test_it_asks_in_a_terminal_and_only_there(sandbox, iam):
    done = sandbox.command("rotate", "base", **iam)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Cannot ask here: this is not a terminal." in done.stderr
    shown, code = in_terminal(sandbox, "n\n", command=("rotate", "base"), **iam)
    assert (code, CREATE in actions(sandbox)) == (0, False)
    assert "deactivates AKIA" in shown
    shown, code = in_terminal(sandbox, "y\n", command=("rotate", "base"), **iam)
    assert (code, CREATE in actions(sandbox)) == (0, True)


@pytest.mark.parametrize(
    ("profile", "sentence"),
    [("nope", "Profile nope has no access key in "), ("dev-session", "Profile dev-session has a session, not a")],
)
def test_what_has_no_long_term_key_is_refused_before_aws_is_asked(sandbox, iam, profile, sentence):
    sandbox.add_role("dev")
    sandbox.command("once", "dev")
    done = sandbox.command("rotate", profile, "--yes", **iam)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)
    assert actions(sandbox) == {"AssumeRole"}


def test_profiles_that_have_the_same_key_are_named_before_and_after(sandbox, iam):
    own = sandbox.credentials_file.read_text()
    sandbox.credentials_file.write_text(own + own.replace("[base]", "[two]"))
    done = sandbox.command("rotate", "base", "--dry-run", **iam)
    assert "The same key is in two, which keep it: change them yourself." in done.stdout
    done = sandbox.command("rotate", "base", "--yes", **iam)
    assert "The old key is still in two: put the new one there too." in done.stdout
    assert sandbox.profiles()["two"]["aws_access_key_id"] == sandbox.owner.access_key_id
