"""The values: what they compare by, and that none of them shows a secret."""

from __future__ import annotations

import typing
from datetime import timedelta

import pytest

from tests.support.builders import HOUR, NOW, SECRET, TOKEN, a_role, a_session, a_state, credentials
from traycreds.core import errors
from traycreds.core.engine_state import Session
from traycreds.core.events import Issued, Write
from traycreds.core.model import Batch, Credentials, ProfileName, ProfileWrite, RoleName
from traycreds.core.snapshot import Snapshot
from traycreds.core.value_class import replace


@pytest.mark.parametrize(
    "value",
    [
        credentials(),
        a_session(unwritten=credentials()),
        a_state(a_session(unwritten=credentials())),
        Issued(a_role(), credentials(), NOW),
        Write(Batch(sets=(ProfileWrite(profile=ProfileName("p"), role=RoleName("r"), credentials=credentials()),))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_secret_shows_in_a_repr(value):
    shown = f"{value!r} {value}"
    for secret in (SECRET, TOKEN, credentials().access_key_id):
        assert secret not in shown


def _types_within(kind, seen):
    if isinstance(kind, type) and kind.__module__.startswith("traycreds.") and kind not in seen:
        seen.add(kind)
        for hint in typing.get_type_hints(kind).values():
            _types_within(hint, seen)
    for part in typing.get_args(kind):
        _types_within(part, seen)
    return seen


def test_a_snapshot_has_no_place_for_a_secret():
    # The search finds credentials where there are some.
    assert Credentials in _types_within(Session, set())
    within = _types_within(Snapshot, set())
    assert not {Credentials, Session} & within


def test_a_role_means_the_same_session_however_it_is_kept_and_shown():
    role = a_role()
    assert role.same_session(replace(role, keep=True, group="Work"))
    for change in (
        {"arn": "arn:aws:iam::123456789012:role/other"},
        {"profile": "other"},
        {"source_profile": "other"},
        {"region": "eu-west-1"},
        {"duration": timedelta(hours=2)},
        {"mfa_serial": "arn:aws:iam::123456789012:mfa/me"},
        {"policy": "{}"},
        {"tags": (("a", "b"),)},
    ):
        assert not role.same_session(replace(role, **change)), change


@pytest.mark.parametrize(
    ("arn", "account"),
    [
        ("arn:aws:iam::123456789012:role/dev", "123456789012"),
        ("arn:aws-cn:iam::012345678901:role/path/dev", "012345678901"),
        ("arn:aws:iam::", None),
        ("arn:aws:iam:::role/dev", None),
        ("no arn", None),
        (None, None),
    ],
)
def test_the_account_is_read_from_the_arn_digit_for_digit(arn, account):
    assert a_role(arn=arn).account_id == account


def test_an_mfa_session_is_of_its_device_and_the_account_of_that():
    role = a_role(arn=None, mfa_serial="arn:aws:iam::123456789012:mfa/me")
    assert (role.is_mfa_session, role.account_id, role.session_of) == (True, "123456789012", role.mfa_serial)
    assert not replace(role, from_profile="sso").is_mfa_session
    assert not a_role(mfa_serial=role.mfa_serial).is_mfa_session


def test_a_state_finds_and_changes_sessions():
    state = a_state(a_session("dev"), a_session("prod"))
    assert state.session("prod").role.name == "prod"
    assert state.session("gone") is None
    assert state.session(None) is None
    changed = state.map(lambda session: replace(session, expires_at=NOW + HOUR))
    assert [session.expires_at for session in changed.sessions] == [NOW + HOUR] * 2
    assert state.session("dev").expires_at is None


def test_an_error_says_what_is_wrong_and_what_to_do():
    error = errors.IssueError(errors.FailureKind.DENIED, "AWS refused dev.", "Ask for the role.")
    assert str(error) == "AWS refused dev. Ask for the role."
    assert (error.sentence, error.hint, error.kind) == (
        "AWS refused dev.",
        "Ask for the role.",
        errors.FailureKind.DENIED,
    )
    assert str(errors.UsageError("There is no role dve.", "")) == "There is no role dve."
    problem = errors.Problem(location="line 7", what="unknown key", hint="Remove it.")
    assert errors.ConfigError("It is wrong.", "See below.", (problem,)).problems == (problem,)


def test_each_class_of_error_exits_with_a_code_of_its_own():
    two_sentences = ("It is wrong.", "Fix it.")
    assert errors.TraycredsError(*two_sentences).exit_code == 2, "1 is for what nobody has foreseen"
    assert errors.UsageError(*two_sentences).exit_code == errors.ConfigError(*two_sentences).exit_code == 2
    assert errors.IssueError(errors.FailureKind.NETWORK, *two_sentences).exit_code == 3
    assert errors.CredentialsFileError(*two_sentences).exit_code == 4
    assert errors.NotRunningError(*two_sentences).exit_code == 5
