"""One code of an MFA device serves all roles of its source for hours, and no code is ever sent twice; over real HTTP."""

from __future__ import annotations

import logging
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from tests.builders import a_role
from tests.integration.sts.conftest import ARN, failure
from traycreds.adapters.mfa import CODE_LIFE, MfaSessions, Verdict
from traycreds.adapters.sts import StsSource
from traycreds.core.errors import FailureKind
from traycreds.core.model import Settings
from traycreds.sim import Fault, totp

QUICK = {"connect_timeout": 0.3, "read_timeout": 0.3}
HOUR = timedelta(hours=1)


class Memory:
    """A keeper that lives on when the sessions' object is gone."""

    def __init__(self):
        self.texts = {}

    def load(self, name):
        return self.texts.get(name)

    def save(self, name, text):
        self.texts[name] = text
        return True

    def delete(self, name):
        self.texts.pop(name, None)


@pytest.fixture
def device(aws):
    return aws.sim.world.add_mfa_device(aws.user)


def strong(aws, device, name="strong", **changes):
    aws.add_role(name, requires_mfa=True, max_session=43200)
    return a_role(name, arn=f"{ARN}/{name}", mfa_serial=device.serial, **changes)


def code(device, periods=0):
    """The code of now, or of so many periods from now (AWS takes one early or late)."""
    return totp.code(device.secret, time.time() + 30 * periods)


def ours(aws):
    """A clock that goes with AWS's."""
    return lambda: datetime.now(timezone.utc) + aws.ahead


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
    assert error.sentence == "Role strong needs a code of MFA device phone."
    assert error.hint == "Choose Enter MFA code in the tray menu."
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
    source, role, sent = StsSource(mfa=mfa, **QUICK), strong(aws, device), code(device)
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
    keeper = Memory()
    mfa = MfaSessions(keeper, settings=Settings(store="memory"))
    mfa.configure(Settings(mfa_session=timedelta(minutes=15)))
    mfa.offer(device.serial, code(device))

    assert StsSource(mfa=mfa).issue(strong(aws, device))
    assert aws.sim.calls[0].parameters["DurationSeconds"] == "900"
    assert keeper.texts


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


def test_a_longer_duration_is_cut_to_the_hour_that_a_chain_allows(aws, device, caplog):
    caplog.set_level(logging.INFO, "traycreds")
    mfa = MfaSessions()
    mfa.offer(device.serial, code(device))

    StsSource(mfa=mfa).issue(strong(aws, device, duration=4 * HOUR))

    assert aws.sim.calls[-1].parameters["DurationSeconds"] == "3600"
    assert "sessions of one hour" in caplog.text


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
    assert "no MFA session" in error.sentence
    mfa.offer(device.serial, code(device, 1))
    session = source.issue(role)

    assert session.expires_at - datetime.now(timezone.utc) > 3 * HOUR
    assert aws.actions() == ["GetSessionToken", "AssumeRole"]


def test_a_session_that_aws_calls_expired_is_dropped(aws, device):
    keeper = Memory()
    mfa = MfaSessions(keeper)
    source, role = StsSource(mfa=mfa), strong(aws, device)
    mfa.offer(device.serial, code(device))
    assert source.issue(role)
    assert keeper.texts
    aws.sim.faults.set(Fault.EXPIRED_SOURCE, times=1)

    assert failure(source, role).kind is FailureKind.MFA
    assert not keeper.texts


def test_a_wrong_source_key_is_told_as_such_not_as_a_wrong_code(aws, device):
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


class TestRestart:
    @pytest.fixture
    def keeper(self):
        return Memory()

    @pytest.fixture
    def role(self, aws, device, keeper):
        role, mfa = strong(aws, device), MfaSessions(keeper)
        mfa.offer(device.serial, code(device))
        assert StsSource(mfa=mfa).issue(role)
        return role

    def test_the_session_lives_on(self, aws, keeper, role):
        assert StsSource(mfa=MfaSessions(keeper)).issue(role)
        assert aws.actions() == ["GetSessionToken", "AssumeRole", "AssumeRole"]

    def test_in_memory_only_it_does_not(self, keeper, role):
        assert failure(StsSource(mfa=MfaSessions(keeper, settings=Settings(store="memory"))), role)
        assert failure(StsSource(mfa=MfaSessions()), role).kind is FailureKind.MFA

    def test_memory_only_writes_nothing(self, aws, device, role):
        keeper = Memory()
        mfa = MfaSessions(keeper, settings=Settings(store="memory"))
        mfa.offer(device.serial, code(device, 1))
        assert StsSource(mfa=mfa).issue(role)
        assert not keeper.texts

    def test_one_that_is_over_is_not_used(self, aws, keeper, role):
        aws.ahead += 13 * HOUR
        assert failure(StsSource(mfa=MfaSessions(keeper, now=ours(aws))), role).kind is FailureKind.MFA

    @pytest.mark.parametrize("text", ["", "{", "[1,2]", '["a","b","c","no date"]', "null"])
    def test_a_spoilt_entry_counts_as_none(self, keeper, role, text):
        keeper.texts = dict.fromkeys(keeper.texts, text)
        assert failure(StsSource(mfa=MfaSessions(keeper)), role).kind is FailureKind.MFA


class TestProcess:
    @pytest.fixture
    def program(self, tmp_path):
        """Write a program; gives the command that runs it."""

        def write(body):
            path = tmp_path / "my program.py"
            path.write_text(f"open({str(tmp_path / 'runs')!r}, 'a').write('x')\n{body}\n")
            return f'"{sys.executable}" "{path}"'

        return write

    def runs(self, tmp_path):
        return len((tmp_path / "runs").read_text())

    def test_its_code_is_used_without_anybody_asked(self, aws, device, program, tmp_path):
        command = program(f"print('AWS:me@example  {code(device)}')")
        mfa = MfaSessions(settings=Settings(mfa_process=command))
        source = StsSource(mfa=mfa)
        for name in ("a", "b"):
            assert source.issue(strong(aws, device, name))
        assert self.runs(tmp_path) == 1
        assert mfa.process_of(device.serial) == command

    def test_a_role_has_its_own(self, aws, device, program):
        role = strong(aws, device, mfa_process=program(f"print({code(device)!r})"))
        assert StsSource(mfa=MfaSessions(settings=Settings(mfa_process="no-such-program"))).issue(role)

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ("raise SystemExit(3)", "it ended with code 3"),
            ("print('123456 654321')", "printed no single six-digit code"),
            ("print('secret: 1234567')", "printed no single six-digit code"),
        ],
    )
    def test_its_failure_in_words_shared_by_all_who_wait(self, aws, device, program, tmp_path, body, words):
        source = StsSource(mfa=MfaSessions(settings=Settings(mfa_process=program(body))))
        roles = [strong(aws, device, f"r{n}") for n in range(4)]
        found = []
        threads = [threading.Thread(target=lambda r=role: found.append(failure(source, r))) for role in roles]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {error.kind for error in found} == {FailureKind.MFA}
        assert all(words in error.sentence for error in found)
        assert not any(digits in str(error) for error in found for digits in ("123456", "654321"))
        assert self.runs(tmp_path) == 1
        assert aws.sim.calls == ()

    def test_a_missing_program(self, aws, device):
        mfa = MfaSessions(settings=Settings(mfa_process="/no/such/program"))
        error = failure(StsSource(mfa=mfa), strong(aws, device))
        assert error.sentence.startswith("program, which mfa_process names, cannot be run")


def test_no_repr_and_no_log_shows_a_code_or_a_key(aws, device, caplog):
    caplog.set_level(logging.DEBUG, "traycreds")
    keeper, given = Memory(), code(device)
    mfa = MfaSessions(keeper)
    mfa.offer(device.serial, given)
    shown = repr(mfa._offers)
    source = StsSource(mfa=mfa)
    source.issue(strong(aws, device))
    shown += repr(mfa._sessions) + repr(mfa.__dict__) + repr(source.__dict__) + caplog.text
    (session,) = mfa._sessions.values()
    for secret in (given, session.secret_key, session.token, aws.user.secret_access_key):
        assert secret not in shown
