"""Of two problems a command names first the one that it has everywhere: a wrong name before a missing terminal."""

from __future__ import annotations

import pytest

CANNOT_ASK = "Cannot ask here: this is not a terminal."


@pytest.fixture
def home(sandbox):
    sandbox.add_role("dev")
    sandbox.aws_config.write_text(
        "[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n"
        "[profile other]\nrole_arn = arn:aws:iam::123456789012:role/other\nsource_profile = base\n"
    )
    return sandbox


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("rotate nosuch", "Profile nosuch has no access key in "),
        ("rotate base", CANNOT_ASK),
        ("import sso nosuch", "There is no sso-session, profile or role nosuch."),
        ("import sso corp", CANNOT_ASK),
        ("import profiles nosuch", "nosuch is not one of the roles that can be added."),
        ("import profiles othr", "othr is not one of the roles that can be added.\nDid you mean other?"),
        ("import keyrng base", "keyrng is not one of the roles that can be added.\nDid you mean keyring?"),
        ("import profiles other", CANNOT_ASK),
        ("exec nosuch", "There is no role nosuch."),
        ("exec dev", "No command to run."),
        ("console nosuch", "There is no role nosuch."),
        ("console dev", "Cannot open a browser: there is no display."),
    ],
)
def test_a_wrong_name_comes_before_a_missing_terminal_or_browser(home, command, sentence):
    done = home.command(*command.split())
    assert done.returncode == 2
    assert done.stderr.startswith(sentence)
    assert not home.simulator.calls, "no call to AWS before"
