"""What is said of long-term access keys is carried out, and the same command succeeds."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import aws, temporary  # noqa: F401 - fixtures among them
from tests.support.terminal import in_terminal
from traycreds.aws.access_keys.iam import AccessKeys
from traycreds.core.errors import TraycredsError
from traycreds.sim import Fault
from traycreds.usecases.options import Options
from traycreds.usecases.rotation import Rotation

CONSENT = 'max_key_age = "90d"\nlist_access_keys = true\n'


PERMISSION = (
    "Ask for that permission on your own user. If a policy demands MFA, manage the key in the IAM console: "
    "no code is sent here."
)


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
    assert refused() == PERMISSION
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
    assert old["remedy"] == "Run: traycreds rotate base"
    program, *words = old["remedy"].removeprefix("Run: ").split()
    iam = {"AWS_ENDPOINT_URL_IAM": aged.simulator.url}
    shown, code = in_terminal(aged, "y\n", command=tuple(words), **iam)
    assert (program, code) == ("traycreds", 0), shown
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


def rotated(profile: str) -> str:
    rotation = Rotation(Options(), profile, pause=lambda _: None)
    rotation.check_key()
    return rotation.carry_out()


def rotation_refused(profile: str = "base") -> str:
    """The hint with which a rotation is refused."""
    with pytest.raises(TraycredsError) as caught:
        rotated(profile)
    return caught.value.hint


def rotates(aws, profile: str = "base") -> bool:
    return rotated(profile) != aws.user.access_key_id


def test_a_rotation_of_a_profile_without_a_key(aws):
    hint = "Choose a profile that has one. If its keys are in the keyring, first run: "
    assert rotation_refused("other") == f"{hint}traycreds import keyring other --undo"
    assert rotates(aws)


def test_a_key_in_the_config_file_can_be_rotated_once_it_is_moved(aged):
    aged.aws_config.write_text(aged.credentials_file.read_text().replace("[base]", "[profile base]"))
    keys = aged.credentials_file.read_text()
    aged.credentials_file.write_text("")
    with aged.config.open("a", encoding="utf-8") as file:
        file.write(f"[settings]\n{CONSENT}")
    (old,) = found(aged)
    remedy = f"Move aws_access_key_id and aws_secret_access_key from {aged.aws_config} to [base] in "
    remedy += f"{aged.credentials_file}, then run: traycreds rotate base"
    assert (old["file"], old["remedy"]) == (str(aged.aws_config), remedy)
    iam = {"AWS_ENDPOINT_URL_IAM": aged.simulator.url}
    refused = aged.command("rotate", "base", "--yes", **iam)
    assert refused.returncode == 2
    assert remedy in refused.stderr
    aged.aws_config.write_text("[profile base]\n")
    aged.credentials_file.write_text(keys)
    assert aged.command("rotate", "base", "--yes", **iam).returncode == 0
    assert found(aged) == []


def test_a_rotation_for_a_user_with_two_keys(aws):
    other = aws.sim.world.add_key(aws.user)
    hint = rotation_refused()
    assert hint.startswith("Delete the other one, AKIA")
    assert hint.endswith(", in the IAM console if nothing uses it.")
    del aws.sim.world._keys[other.access_key_id]
    assert rotates(aws)


def test_a_rotation_that_aws_is_too_slow_for(aws):
    aws.sim.iam.late = 1000
    assert rotation_refused() == "Try again later; the old key is still in place."
    aws.sim.iam.late = 0
    assert rotates(aws)


def test_a_rotation_amid_another_change_of_the_key(aws, monkeypatch):
    other = aws.sim.world.add_user("other")

    def meanwhile(*_):
        aws.credentials(aws.keys("base", other))
        return True

    with monkeypatch.context() as patch:
        patch.setattr(AccessKeys, "works", meanwhile)
        assert rotation_refused() == "Check which key is right, then try again."
    aws.credentials(aws.keys("base", aws.user))
    assert rotates(aws)


def test_a_rotation_of_a_key_that_iam_lists_for_nobody(aws, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(AccessKeys, "list", lambda _: ())
        assert rotation_refused() == "Check which user the profile is for: aws sts get-caller-identity --profile base"
    assert rotates(aws)


def test_keys_that_are_left_to_deactivate_or_delete(aws, monkeypatch):
    deactivate = AccessKeys.deactivate

    def cut_off(self, access_key_id):
        aws.sim.faults.set(Fault.DROP)
        deactivate(self, access_key_id)

    monkeypatch.setattr(AccessKeys, "deactivate", cut_off)
    hint = rotation_refused()
    assert hint.startswith("Deactivate AKIA")
    assert hint.endswith(" in the IAM console.")


def test_a_rotation_without_a_terminal(sandbox):
    iam = {"AWS_ENDPOINT_URL_IAM": sandbox.simulator.url}
    done = sandbox.command("rotate", "base", **iam)
    assert "Add --yes to rotate, or --dry-run to see what it does." in done.stderr
    assert sandbox.command("rotate", "base", "--dry-run", **iam).returncode == 0
    done = sandbox.command("rotate", "base", "--yes", **iam)
    advice = "Restart programs that still use the old key. Once nothing needs it, delete it in the IAM console."
    assert (done.returncode, advice in done.stdout) == (0, True)
    assert sandbox.command("rotate", "base", "--yes", **iam).returncode == 2
    del sandbox.simulator.world._keys[sandbox.owner.access_key_id]
    assert sandbox.command("rotate", "base", "--yes", **iam).returncode == 0


def test_a_rotation_that_a_policy_demands_mfa_for(aws):
    """The console, where one signs in with MFA, makes a key that takes the place of the old one."""
    aws.sim.iam.denied |= {"CreateAccessKey", "UpdateAccessKey"}
    assert rotation_refused() == PERMISSION
    new = aws.sim.world.add_key(aws.user)
    aws.sim.world.deactivate(aws.user.access_key_id)
    aws.credentials(aws.keys("base", new))
    assert AccessKeys("base").works(AccessKeys("base").keys)
