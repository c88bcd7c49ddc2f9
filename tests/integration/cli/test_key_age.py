"""`max_key_age`: IAM is asked for the age of keys with consent only."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from traycreds.sim import Fault

CONSENT = "list_access_keys = true\n"


@pytest.fixture
def aged(sandbox):
    """A sandbox whose key is 100 days old."""
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    created = datetime.now(timezone.utc) - timedelta(days=100, hours=1)
    sandbox.simulator.iam.created[sandbox.owner.access_key_id] = created
    return sandbox


def findings(sandbox, settings: str) -> list[dict[str, str]]:
    with sandbox.config.open("a", encoding="utf-8") as file:
        file.write(f"[settings]\n{settings}")
    done = sandbox.command("doctor", "--json", AWS_ENDPOINT_URL_IAM=sandbox.simulator.url)
    assert done.stderr == ""
    return json.loads(done.stdout)["findings"]


def actions(sandbox) -> list[str]:
    return [call.action for call in sandbox.simulator.calls]


def test_a_key_that_is_too_old_is_found_at_its_line(aged):
    (found,) = findings(aged, f'max_key_age = "90d"\n{CONSENT}')
    assert found["what"] == "the access key of profile base is 100 days old; max_key_age is 90 days"
    assert (found["file"], found["line"], found["severity"]) == (str(aged.credentials_file), 3, "warning")
    assert actions(aged) == ["ListAccessKeys"]


def test_one_that_is_not_is_no_finding(aged):
    assert findings(aged, f'max_key_age = "101d"\n{CONSENT}') == []


@pytest.mark.parametrize(
    ("settings", "what", "remedy"),
    [
        (
            'max_key_age = "90d"\n',
            "max_key_age has no effect, because traycreds may not ask IAM for the age of keys",
            "Add list_access_keys = true to [settings] to allow it, or remove max_key_age.",
        ),
        (
            CONSENT,
            "list_access_keys has no effect without max_key_age",
            'Add max_key_age = "90d" to [settings], or remove list_access_keys.',
        ),
    ],
)
def test_without_consent_or_a_limit_nothing_is_asked(aged, settings, what, remedy):
    (found,) = findings(aged, settings)
    assert (found["what"], found["remedy"]) == (what, remedy)
    assert actions(aged) == []


def test_an_age_that_aws_refuses_is_a_note(aged):
    aged.simulator.iam.denied.add("ListAccessKeys")
    (found,) = findings(aged, f'max_key_age = "90d"\n{CONSENT}')
    assert found["severity"] == "note"
    assert found["what"].startswith(
        "the age of the access key of profile base is unknown. AWS does not let profile base"
    )


def test_a_key_that_aws_does_not_accept_is_an_error(aged):
    aged.simulator.world.deactivate(aged.owner.access_key_id)
    (found,) = findings(aged, f'max_key_age = "90d"\n{CONSENT}')
    assert (found["what"], found["severity"]) == ("AWS does not accept the access key of profile base", "error")


def test_a_network_that_fails_is_a_note(aged):
    aged.simulator.faults.set(Fault.DROP)
    (found,) = findings(aged, f'max_key_age = "90d"\n{CONSENT}')
    assert found["what"].endswith(
        "is unknown. Could not list the access keys for profile base: no usable response from AWS"
    )


def test_the_running_app_shows_a_notice(aged):
    with aged.config.open("a", encoding="utf-8") as file:
        file.write(f'[settings]\nmax_key_age = "90d"\n{CONSENT}')
    with aged.apps() as start:
        app = start("run", "--no-tray", AWS_ENDPOINT_URL_IAM=aged.simulator.url)
        text = ""
        while "An access key is too old" not in text:
            line = app.stdout.readline()
            assert line, text
            text += line
