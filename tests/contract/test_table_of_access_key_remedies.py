"""What is said of long-term access keys is carried out, and the same command succeeds."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import aws, temporary  # noqa: F401 - fixtures among them
from traycreds.aws.access_keys.iam import AccessKeys
from traycreds.core.errors import TraycredsError

CONSENT = 'max_key_age = "90d"\nlist_access_keys = true\n'


def refused(profile: str = "base") -> str:
    """The hint with which the list of a profile's keys is refused."""
    with pytest.raises(TraycredsError) as caught:
        AccessKeys(profile).list()
    return caught.value.hint


def test_a_profile_that_has_no_key(aws):
    aws.config("[profile other]\nregion = eu-west-1\n")
    assert refused("other") == "Choose a profile that has an access key in the credentials file."
    assert AccessKeys("base").list()


def test_a_profile_that_has_a_session(aws):
    key = aws.keys("long", aws.user)
    temporary(aws)
    with (aws.folder / "credentials").open("a") as file:
        file.write(key)
    assert refused() == "Choose another profile."
    assert AccessKeys("long").list()


def test_a_key_that_is_not_active(aws):
    other = aws.sim.world.add_key(aws.user)
    aws.sim.world.deactivate(aws.user.access_key_id)
    assert refused() == "Put an active key of your user in the profile."
    aws.credentials(aws.keys("base", other))
    assert AccessKeys("base").list()


def test_a_permission_that_is_missing(aws):
    aws.sim.iam.denied.add("ListAccessKeys")
    assert refused().startswith("Ask for that permission on your own user; a policy may also demand MFA")
    aws.sim.iam.denied.clear()
    assert AccessKeys("base").list()


def found(sandbox) -> list[dict[str, str]]:
    done = sandbox.command("doctor", "--json", AWS_ENDPOINT_URL_IAM=sandbox.simulator.url)
    return json.loads(done.stdout)["findings"]


@pytest.fixture
def aged(sandbox):
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    created = datetime.now(timezone.utc) - timedelta(days=100)
    sandbox.simulator.iam.created[sandbox.owner.access_key_id] = created
    return sandbox


def test_a_key_that_is_too_old_is_replaced(aged):
    with aged.config.open("a", encoding="utf-8") as file:
        file.write(f"[settings]\n{CONSENT}")
    (old,) = found(aged)
    assert old["remedy"] == "Replace it in the IAM console, and put the new key in profile base."
    new = aged.simulator.world.add_key(aged.owner)
    text = aged.credentials_file.read_text().replace(aged.owner.access_key_id, new.access_key_id)
    aged.credentials_file.write_text(text.replace(aged.owner.secret_access_key, new.secret_access_key))
    aged.at_rest()
    assert found(aged) == []


@pytest.mark.parametrize(
    ("wrong", "remedy", "right"),
    [
        (
            'max_key_age = "900d"',
            "Add list_access_keys = true to [settings] to allow it, or remove max_key_age.",
            'max_key_age = "900d"\nlist_access_keys = true',
        ),
        (
            "list_access_keys = true",
            'Add max_key_age = "90d" to [settings], or remove list_access_keys.',
            'list_access_keys = true\nmax_key_age = "900d"',
        ),
    ],
)
def test_one_setting_without_the_other(aged, wrong, remedy, right):
    before = aged.config.read_text()
    aged.config.write_text(f"{before}[settings]\n{wrong}\n")
    assert [each["remedy"] for each in found(aged)] == [remedy]
    for corrected in (f"{before}[settings]\n{right}\n", before):
        aged.config.write_text(corrected)
        assert found(aged) == []
