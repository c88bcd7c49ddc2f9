"""A rotation whose every step may fail: the profile always has an active key, and other bytes stay."""

from __future__ import annotations

import pytest

from traycreds.aws.access_keys.iam import AccessKeys
from traycreds.awsfiles.ini_edit import parse
from traycreds.core.errors import TraycredsError
from traycreds.files import atomic_write
from traycreds.sim import Fault
from traycreds.usecases import rotation
from traycreds.usecases.options import Options
from traycreds.usecases.rotation import TRIES, Rotation

BEFORE = "# mine\r\n[other]\r\nregion=x\r\n[base]\r\n  aws_access_key_id={0}\r\n  # work\r\n  aws_secret_access_key = {1}\r\n"
AFTER = BEFORE.replace("_id={0}", "_id = {0}")


@pytest.fixture
def file(aws):
    path = aws.folder / "credentials"
    path.write_bytes(BEFORE.format(aws.user.access_key_id, aws.user.secret_access_key).encode())
    return path


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def rotate(aws, file, pauses):
    rotation = Rotation(Options(), "base", pause=pauses.append)
    rotation.check_key()
    return rotation


def active(aws) -> dict[str, bool]:
    return {key.access_key_id: key.active for key in aws.sim.iam.keys_of(aws.user)}


def failed(rotate) -> TraycredsError:
    with pytest.raises(TraycredsError) as caught:
        rotate.carry_out()
    return caught.value


def unchanged(aws, file) -> bool:
    """Only the old key is there, on file and in IAM."""
    on_file = BEFORE.format(aws.user.access_key_id, aws.user.secret_access_key).encode()
    return file.read_bytes() == on_file and active(aws) == {aws.user.access_key_id: True}


def test_the_new_key_is_in_the_two_lines_and_the_old_one_is_inactive(aws, file, rotate):
    new = rotate.carry_out()
    assert active(aws) == {aws.user.access_key_id: False, new: True}
    secret = aws.sim.world.key(new).secret_access_key
    assert file.read_bytes() == AFTER.format(new, secret).encode()
    order = [action for action in aws.actions() if action != "GetCallerIdentity"]
    assert order == ["ListAccessKeys", "CreateAccessKey", "UpdateAccessKey"]


def test_a_key_that_sts_knows_late_is_waited_for(aws, file, rotate, pauses):
    aws.sim.iam.late = 3
    new = rotate.carry_out()
    assert active(aws)[new]
    assert len(pauses) == 4


def test_a_key_that_never_works_is_deleted(aws, file, rotate, pauses):
    aws.sim.iam.late = 10_000
    error = failed(rotate)
    assert error.hint == "Try again later; the old key is still in place."
    assert len(pauses) == TRIES
    assert unchanged(aws, file)


@pytest.mark.parametrize("action", ["CreateAccessKey", "UpdateAccessKey"])
def test_a_step_that_a_policy_denies_is_undone(aws, file, rotate, action):
    aws.sim.iam.denied.add(action)
    assert failed(rotate).sentence.startswith("AWS does not let profile base")
    assert unchanged(aws, file)


def test_a_key_whose_secret_was_lost_on_the_way_is_deleted(aws, file, rotate):
    aws.sim.iam.lost.add("CreateAccessKey")
    assert "no usable response from AWS" in failed(rotate).sentence
    assert unchanged(aws, file)


def test_an_old_key_that_is_inactive_although_the_answer_was_lost_is_not_put_back(aws, file, rotate):
    aws.sim.iam.lost.add("UpdateAccessKey")
    new = rotate.carry_out()
    assert active(aws) == {aws.user.access_key_id: False, new: True}
    assert parse(file.read_text())["base"]["aws_access_key_id"] == new


def test_if_the_state_of_the_old_key_is_unknown_the_new_one_stays(aws, file, rotate, monkeypatch):
    deactivate = AccessKeys.deactivate

    def cut_off(self, access_key_id):
        aws.sim.faults.set(Fault.DROP)
        deactivate(self, access_key_id)

    monkeypatch.setattr(AccessKeys, "deactivate", cut_off)
    error = failed(rotate)
    assert error.sentence.startswith("The new access key of profile base is in place, but the old one may still be")
    assert error.hint.startswith("Deactivate AKIA")
    on_file = parse(file.read_text())["base"]["aws_access_key_id"]
    assert (on_file != aws.user.access_key_id, active(aws)[on_file]) == (True, True)


def test_a_file_that_another_program_changed_keeps_its_content(aws, file, rotate, monkeypatch):
    theirs = b"[base]\naws_access_key_id = AKIATHEIRS\naws_secret_access_key = x\n"

    def meanwhile(*_):
        file.write_bytes(theirs)
        return True

    monkeypatch.setattr(AccessKeys, "works", meanwhile)
    assert failed(rotate).sentence.startswith("Another program changed the access key of profile base in ")
    assert file.read_bytes() == theirs
    assert active(aws) == {aws.user.access_key_id: True}


def test_a_new_key_that_cannot_be_deleted_is_named(aws, file, rotate):
    aws.sim.iam.late, aws.sim.iam.denied = 10_000, {"DeleteAccessKey"}
    assert "Also delete its unused key AKIA" in failed(rotate).hint
    assert active(aws)[aws.user.access_key_id]


def test_an_interrupt_undoes_what_is_not_in_place(aws, file, rotate, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(rotation.ini_edit, "change", interrupted)
    with pytest.raises(KeyboardInterrupt):
        rotate.carry_out()
    assert unchanged(aws, file)


def test_an_interrupt_right_after_the_write_deletes_no_key_that_is_in_place(aws, file, rotate, monkeypatch):
    replace = atomic_write.replace

    def interrupted(*arguments, **options):
        replace(*arguments, **options)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(atomic_write, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            rotate.carry_out()
    on_file = parse(file.read_text())["base"]["aws_access_key_id"]
    assert on_file != aws.user.access_key_id
    assert active(aws) == {aws.user.access_key_id: True, on_file: True}


def test_a_user_with_two_keys_is_refused(aws, file):
    aws.sim.world.add_key(aws.user)
    with pytest.raises(TraycredsError) as caught:
        Rotation(Options(), "base").check_key()
    assert caught.value.sentence == "The user of profile base already has two access keys, the most that AWS allows."
    assert "CreateAccessKey" not in aws.actions()


def test_it_waits_for_a_new_key_for_half_a_minute():
    assert rotation.TRIES * rotation.PAUSE == 30
