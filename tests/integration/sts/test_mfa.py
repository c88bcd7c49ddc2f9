"""One code of an MFA device serves all roles of its source for hours, and no code is ever sent twice; over real HTTP."""

from __future__ import annotations

import logging
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from tests.builders import a_role
from tests.integration.sts.conftest import ARN, failure
from traycreds.adapters import codeprocess
from traycreds.adapters.keys import Keys
from traycreds.adapters.mfa import MfaSessions
from traycreds.adapters.mfacodes import CODE_LIFE, REMEMBERED, Verdict
from traycreds.adapters.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.model import Settings
from traycreds.sim import Fault, totp
from traycreds.sim import sts as sim_sts

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
    assert "no MFA session" in error.sentence
    mfa.offer(device.serial, code(device, 1))
    session = source.issue(role)

    assert session.expires_at - datetime.now(timezone.utc) > 3 * HOUR
    assert aws.actions() == ["GetSessionToken", "AssumeRole"]


class Phone:
    """The device's codes at moments that the test brings on, for AWS and for us; also as a program that prints them."""

    def __init__(self, device):
        self.device, self.now, self.runs = device, 1_800_000_010.0, 0

    def code(self):
        return totp.code(self.device.secret, self.now)

    def run(self, _command):
        self.runs += 1
        return self.code()

    def sessions(self, keeper=None, *, process=True, **changes):
        settings = Settings(mfa_process="print-code" if process else None, **changes)
        return MfaSessions(keeper, settings=settings, monotonic=lambda: self.now, wall=lambda: self.now)


@pytest.fixture
def phone(device, monkeypatch):
    phone = Phone(device)
    monkeypatch.setattr(sim_sts, "time", SimpleNamespace(time=lambda: phone.now))
    monkeypatch.setattr(codeprocess, "run", phone.run)
    return phone


def temporary(aws):
    """Let the source be one that can have no MFA session."""
    session = aws.sim.world.open_session(aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
    aws.credentials(aws.keys("base", session))


def sent(aws):
    """Codes and durations as they were sent."""
    calls = [call.parameters for call in aws.sim.calls if "TokenCode" in call.parameters]
    return [(each["TokenCode"], each.get("DurationSeconds")) for each in calls]


class TestEachCodeOnce:
    def test_a_second_role_waits_for_the_program_s_next_code(self, aws, device, phone):
        temporary(aws)
        source, roles = StsSource(mfa=phone.sessions()), [strong(aws, device, name) for name in "abc"]
        assert source.issue(roles[0])

        for role in roles[1:]:
            error = failure(source, role)
            assert (error.kind, error.again_in) == (FailureKind.MFA, 20.0)
            assert "waits for the next code of MFA device phone" in error.sentence
        assert phone.runs == 1, "nobody has to touch a key for a code that is used"

        for role in roles[1:]:
            phone.now += 30
            assert source.issue(role)
        assert {call.outcome for call in aws.sim.calls} == {"OK"}
        assert len({code for code, _ in sent(aws)}) == 3

    def test_roles_at_once_send_one_code(self, aws, device, phone):
        temporary(aws)
        source, roles = StsSource(mfa=phone.sessions()), [strong(aws, device, f"r{n}") for n in range(6)]

        def tried(role):
            try:
                return source.issue(role)
            except IssueError as error:
                return error.again_in

        with ThreadPoolExecutor(6) as pool:
            found = list(pool.map(tried, roles))
        assert found.count(20.0) == 5
        assert len(sent(aws)) == phone.runs == 1

    def test_a_program_that_prints_a_used_code_in_the_next_period_is_waited_for(self, aws, device, phone, monkeypatch):
        temporary(aws)
        source, old = StsSource(mfa=phone.sessions()), phone.code()
        monkeypatch.setattr(codeprocess, "run", lambda _: old)  # its clock is late
        assert source.issue(strong(aws, device))
        phone.now += 21
        assert failure(source, strong(aws, device)).again_in == 29.0
        phone.now += REMEMBERED
        assert "did not accept" in failure(source, strong(aws, device)).sentence, "and not for ever"

    def test_a_typed_code_that_was_lost_is_not_sent_again(self, aws, device):
        mfa, typed = MfaSessions(), code(device)
        source, role = StsSource(mfa=mfa, **QUICK), strong(aws, device)
        mfa.offer(device.serial, typed)
        aws.sim.faults.set(Fault.DROP)
        assert failure(source, role).kind is FailureKind.MFA
        aws.sim.faults.clear()

        again = mfa.offer(device.serial, typed)
        error = failure(source, role)
        assert (error.kind, error.again_in) == (FailureKind.MFA, None)
        assert error.sentence == "The MFA code for role strong had been used, so it was not sent again."
        assert again.result(0) is Verdict.USED
        assert len(sent(aws)) == 1
        assert typed not in repr(mfa._codes.__dict__)

    def test_a_typed_code_serves_one_role_and_the_next_is_told_to_wait(self, aws, device):
        temporary(aws)
        mfa = MfaSessions()
        mfa.offer(device.serial, code(device))
        source = StsSource(mfa=mfa)
        assert source.issue(strong(aws, device, "a"))
        assert "needs the next code" in failure(source, strong(aws, device, "b")).sentence

    def test_a_program_s_lost_code_is_followed_by_the_next_without_anybody(self, aws, device, phone):
        source, role = StsSource(mfa=phone.sessions(), **QUICK), strong(aws, device)
        aws.sim.faults.set(Fault.DROP)
        assert failure(source, role).kind is FailureKind.NETWORK, "which a timer tries again"
        aws.sim.faults.clear()
        assert failure(source, role).again_in == 20.0
        phone.now += 20
        assert source.issue(role)
        codes = [each for each, _ in sent(aws)]
        assert len(codes) == len(set(codes)) == 2


class TestLongest:
    """GetSessionToken is refused, so that each session of a role costs a code."""

    @pytest.fixture
    def keeper(self):
        return Memory()

    @pytest.fixture
    def without(self, aws, device, phone, keeper):
        """Sessions of a user who may not have MFA sessions, which one code was spent to find out."""
        mfa = phone.sessions(keeper)
        aws.sim.faults.set(Fault.DENIED, times=1)
        error = failure(StsSource(mfa=mfa), strong(aws, device))
        assert error.again_in == 20.0
        phone.now += 20
        return mfa

    def test_twelve_hours_are_asked_for(self, aws, device, without):
        session = StsSource(mfa=without).issue(strong(aws, device))
        assert sent(aws)[-1][1] == "43200"
        assert session.expires_at - datetime.now(timezone.utc) > 11 * HOUR
        assert session.note is None

    def test_a_role_that_allows_an_hour_costs_one_code_more_and_once(self, aws, device, phone, keeper, without):
        role = strong(aws, device)
        aws.add_role("strong", requires_mfa=True, max_session=3600)
        source = StsSource(mfa=without)

        error = failure(source, role)
        assert error.again_in == 30.0
        phone.now += 30
        session = source.issue(role)
        phone.now += 30
        again = StsSource(mfa=phone.sessions(keeper)).issue(role)  # after a restart

        assert [seconds for _, seconds in sent(aws)[1:]] == ["43200", "3600", "3600"]
        assert len({code for code, _ in sent(aws)}) == 4
        assert session.note == again.note
        assert session.note == (
            "Its sessions last one hour, since AWS allows it none of 12 h. Set its duration to what the role allows."
        )

    def test_after_a_week_aws_is_asked_again(self, aws, device, phone, keeper, without):
        later = MfaSessions(keeper, now=lambda: datetime.now(timezone.utc) + timedelta(days=8))
        assert later.chains(Keys(aws.user.access_key_id, "s", None, None, ""), device.serial)
        assert not without.chains(Keys(aws.user.access_key_id, "s", None, None, ""), device.serial)

    @pytest.mark.parametrize("text", ["", "soon", "2026-11-24", None])
    def test_a_spoilt_entry_counts_as_none(self, keeper, text):
        keeper.load = lambda _: text
        assert MfaSessions(keeper).chains(Keys("AKIA", "s", None, None, ""), "phone")

    def test_a_typed_code_that_was_spent_asks_for_one_more(self, aws, device, phone, keeper, without):
        aws.add_role("strong", requires_mfa=True, max_session=3600)
        role = a_role("strong", arn=f"{ARN}/strong", mfa_serial=device.serial)
        mfa = phone.sessions(keeper, process=False)
        verdict = mfa.offer(device.serial, phone.code())
        error = failure(StsSource(mfa=mfa), role)
        assert "needs the next code" in error.sentence
        assert verdict.result(0) is Verdict.SPENT
        phone.now += 30
        mfa.offer(device.serial, phone.code())
        assert StsSource(mfa=mfa).issue(role)

    def test_a_chain_is_asked_for_an_hour(self, aws, device, phone):
        temporary(aws)
        assert StsSource(mfa=phone.sessions()).issue(strong(aws, device, duration=4 * HOUR)).note
        assert sent(aws)[-1][1] == "3600"


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
        aws.ahead += 37 * HOUR
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
    shown = repr(mfa._codes.__dict__)
    source = StsSource(mfa=mfa)
    source.issue(strong(aws, device))
    shown += repr(mfa._sessions) + repr(mfa.__dict__) + repr(source.__dict__) + caplog.text
    (session,) = mfa._sessions.values()
    for secret in (given, session.secret_key, session.token, aws.user.secret_access_key):
        assert secret not in shown
