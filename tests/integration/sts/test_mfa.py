"""One code of an MFA device serves all roles of its source for hours, and no code is ever sent twice; over real HTTP."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import code, failure, ours, strong
from tests.integration.sts.mfa import HOUR, QUICK, LastingSecretStore
from traycreds.aws.mfa.codes import CODE_LIFE, Verdict
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind
from traycreds.core.model import Settings
from traycreds.core.value_class import replace
from traycreds.sim import Fault


def test_one_code_serves_ten_roles_through_twelve_hours(aws, device):
    mfa = MfaSessions(settings=Settings(mfa_session=12 * HOUR + timedelta(minutes=30)), now=ours(aws))
    source = StsSource(mfa=mfa)
    roles = [strong(aws, device, f"r{n}") for n in range(10)]
    verdict = mfa.offer(device.serial, code(device))

    for _ in range(12):
        for role in roles:
            session = source.issue(role)
            assert timedelta(minutes=59) < session.expires_at - ours(aws)() <= HOUR
        aws.ahead += HOUR

    assert verdict.result(0) is Verdict.ACCEPTED
    assert aws.actions() == ["GetSessionToken"] + ["AssumeRole"] * 120
    assert {call.outcome for call in aws.sim.calls} == {"OK"}
    assert sum("TokenCode" in call.parameters for call in aws.sim.calls) == 1
    assert aws.sim.calls[0].parameters["DurationSeconds"] == "45000"

    aws.ahead += HOUR
    assert failure(source, roles[0]).kind is FailureKind.MFA


def test_without_a_code_nothing_is_sent(aws, source, device):
    error = failure(source, strong(aws, device))

    assert (error.kind, error.device) == (FailureKind.MFA, device.serial)
    assert error.sentence == "Role strong needs a code from MFA device phone."
    assert error.hint == "Choose Enter MFA code in the menu, or run traycreds once strong."
    assert aws.sim.calls == ()


def test_wrong_code_then_the_right_one(aws, device):
    mfa = MfaSessions()
    source, role = StsSource(mfa=mfa), strong(aws, device)
    wrong = next(
        text for text in ("000000", "111111", "222222", "333333") if text not in {code(device, n) for n in (-1, 0, 1)}
    )
    refused = mfa.offer(device.serial, wrong)

    error = failure(source, role)

    assert (error.kind, error.device) == (FailureKind.MFA, device.serial)
    assert "did not accept the MFA code" in error.sentence
    assert "invalid MFA one time pass code" in error.sentence
    assert wrong not in str(error)
    assert refused.result(0) is Verdict.REFUSED
    assert failure(source, role).sentence == error.sentence, "nobody sends a code that was refused again"
    assert aws.actions() == ["GetSessionToken"]

    accepted = mfa.offer(device.serial, code(device))
    assert source.issue(role)
    assert accepted.result(0) is Verdict.ACCEPTED


def test_a_replayed_code_is_refused_and_the_next_one_taken(aws, device):
    role, used = strong(aws, device), code(device)
    first = MfaSessions()
    first.offer(device.serial, used)
    assert StsSource(mfa=first).issue(role)
    again = MfaSessions()
    source = StsSource(mfa=again)

    replayed = again.offer(device.serial, used)
    assert failure(source, role).kind is FailureKind.MFA
    assert replayed.result(0) is Verdict.REFUSED

    again.offer(device.serial, code(device, 1))
    assert source.issue(role)


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.DROP, Fault.ERROR_500, Fault.PROXY_502, Fault.THROTTLE])
def test_a_code_without_an_answer_counts_as_used(aws, device, fault):
    mfa = MfaSessions()
    # The other faults answer at once, however busy the machine is.
    limits = QUICK if fault is Fault.HANG else {}
    source, role, sent = StsSource(mfa=mfa, **limits), strong(aws, device), code(device)
    lost = mfa.offer(device.serial, sent)
    aws.sim.faults.set(fault)

    error = failure(source, role)

    assert (error.kind, error.device) == (FailureKind.MFA, device.serial)
    assert "counts as used" in error.sentence
    assert lost.result(0) is Verdict.LOST
    aws.sim.faults.clear()
    assert failure(source, role).kind is FailureKind.MFA
    assert [call.parameters.get("TokenCode") for call in aws.sim.calls] == [sent], "one try, and no second use"

    mfa.offer(device.serial, code(device, 1))
    assert source.issue(role)


def test_a_code_that_never_left_this_machine_is_used_on_the_next_try(aws, device, monkeypatch):
    mfa = MfaSessions()
    source, role = StsSource(mfa=mfa, **QUICK), strong(aws, device)
    verdict = mfa.offer(device.serial, code(device))
    with monkeypatch.context() as offline:
        offline.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        assert failure(source, role).kind is FailureKind.NETWORK
    assert not verdict.done()

    assert StsSource(mfa=mfa).issue(role)
    assert verdict.result(0) is Verdict.ACCEPTED


def test_settings_can_change_while_it_runs(aws, device):
    secret_store = LastingSecretStore()
    mfa = MfaSessions(secret_store, settings=Settings(store="memory"))
    mfa.configure(Settings(mfa_session=timedelta(minutes=15)))
    mfa.offer(device.serial, code(device))

    assert StsSource(mfa=mfa).issue(strong(aws, device))
    assert aws.sim.calls[0].parameters["DurationSeconds"] == "900"
    assert secret_store.texts


def test_an_old_code_is_not_sent(aws, device):
    at = [0.0]
    mfa = MfaSessions(monotonic=lambda: at[0])
    mfa.offer(device.serial, code(device))
    at[0] += CODE_LIFE + 1

    assert failure(StsSource(mfa=mfa), strong(aws, device)).kind is FailureKind.MFA
    assert aws.sim.calls == ()


def test_many_roles_at_once_use_one_code(aws, device):
    mfa = MfaSessions()
    source = StsSource(mfa=mfa)
    roles = [strong(aws, device, f"r{n}") for n in range(8)]
    mfa.offer(device.serial, code(device))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(source.issue, roles))

    assert sorted(aws.actions()) == ["AssumeRole"] * 8 + ["GetSessionToken"]


def test_a_longer_duration_is_cut_to_the_hour_that_a_chain_allows(aws, device):
    mfa = MfaSessions()
    mfa.offer(device.serial, code(device))

    session = StsSource(mfa=mfa).issue(strong(aws, device, duration=4 * HOUR))

    assert aws.sim.calls[-1].parameters["DurationSeconds"] == "3600"
    assert session.note.startswith("Its sessions last one hour, not 4 h")


def test_a_temporary_source_sends_the_code_with_assume_role(aws, device):
    session = aws.sim.world.open_session(aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
    aws.credentials(aws.keys("base", session))
    mfa = MfaSessions()
    source, role = StsSource(mfa=mfa), strong(aws, device, duration=4 * HOUR)

    assert failure(source, role).device == device.serial
    verdict = mfa.offer(device.serial, code(device))
    assert source.issue(role)

    (call,) = aws.sim.calls
    assert (call.action, call.parameters["SerialNumber"]) == ("AssumeRole", device.serial)
    assert call.parameters["DurationSeconds"] == "3600"
    assert verdict.result(0) is Verdict.ACCEPTED
    assert failure(source, role).kind is FailureKind.MFA, "a code is used once"


def test_where_a_policy_forbids_get_session_token_codes_go_with_assume_role(aws, device):
    mfa = MfaSessions()
    source, role = StsSource(mfa=mfa), strong(aws, device, duration=4 * HOUR)
    aws.sim.faults.set(Fault.DENIED, times=1)
    mfa.offer(device.serial, code(device))

    error = failure(source, role)
    assert "cannot share an MFA session" in error.sentence
    mfa.offer(device.serial, code(device, 1))
    session = source.issue(role)

    assert session.expires_at - datetime.now(timezone.utc) > 3 * HOUR
    assert aws.actions() == ["GetSessionToken", "AssumeRole"]


def test_a_session_that_aws_calls_expired_is_dropped(aws, device):
    secret_store = LastingSecretStore()
    mfa = MfaSessions(secret_store)
    source, role = StsSource(mfa=mfa), strong(aws, device)
    mfa.offer(device.serial, code(device))
    assert source.issue(role)
    assert secret_store.texts
    aws.sim.faults.set(Fault.EXPIRED_SOURCE, times=1)

    assert failure(source, role).kind is FailureKind.MFA
    assert not secret_store.texts


def test_a_wrong_source_key_is_not_reported_as_a_wrong_code(aws, device):
    aws.sim.world.deactivate(aws.user.access_key_id)
    mfa = MfaSessions()
    mfa.offer(device.serial, code(device))

    assert failure(StsSource(mfa=mfa), strong(aws, device)).kind is FailureKind.SOURCE_EXPIRED


def test_another_key_or_device_never_shares_a_session(aws, device):
    other = aws.sim.world.add_user("other")
    theirs = aws.sim.world.add_mfa_device(other, name="tablet")
    mfa = MfaSessions()
    source, role = StsSource(mfa=mfa), strong(aws, device)
    mfa.offer(device.serial, code(device))
    assert source.issue(role)

    assert failure(source, replace(role, mfa_serial=theirs.serial)).device == theirs.serial
    aws.credentials(aws.keys("base", other))
    assert failure(source, role).kind is FailureKind.MFA


def test_no_repr_and_no_log_shows_a_code_or_a_key(aws, device, caplog):
    caplog.set_level(logging.DEBUG, "traycreds")
    secret_store, given = LastingSecretStore(), code(device)
    mfa = MfaSessions(secret_store)
    mfa.offer(device.serial, given)
    shown = repr(mfa._codes.__dict__)
    source = StsSource(mfa=mfa)
    source.issue(strong(aws, device))
    shown += repr(mfa._sessions) + repr(mfa.__dict__) + repr(source.__dict__) + caplog.text
    (session,) = mfa._sessions.values()
    for secret in (given, session.secret_key, session.token, aws.user.secret_access_key):
        assert secret not in shown
