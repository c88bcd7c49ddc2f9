"""How long an MFA session lasts, where it is kept, and the program that gives codes."""

from __future__ import annotations

import sys
import threading
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import ARN, code, failure, ours, strong, temporary
from tests.integration.sts.mfa import HOUR, LastingSecretStore, sent
from tests.support.builders import a_role
from traycreds.aws.keys import Keys
from traycreds.aws.mfa.codes import Verdict
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind
from traycreds.core.model import Settings
from traycreds.sim import Fault


class TestLongest:
    """GetSessionToken is refused, so that each session of a role costs a code."""

    @pytest.fixture
    def secret_store(self):
        return LastingSecretStore()

    @pytest.fixture
    def without(self, aws, device, phone, secret_store):
        """Sessions of a user who may not have MFA sessions, which one code was spent to find out."""
        mfa = phone.sessions(secret_store)
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

    def test_a_role_that_allows_an_hour_costs_one_code_more_and_once(self, aws, device, phone, secret_store, without):
        role = strong(aws, device)
        aws.add_role("strong", requires_mfa=True, max_session=3600)
        source = StsSource(mfa=without)

        error = failure(source, role)
        assert error.again_in == 30.0
        phone.now += 30
        session = source.issue(role)
        phone.now += 30
        # A new source stands for a restart.
        again = StsSource(mfa=phone.sessions(secret_store)).issue(role)

        assert [seconds for _, seconds in sent(aws)[1:]] == ["43200", "3600", "3600"]
        assert len({code for code, _ in sent(aws)}) == 4
        assert session.note == again.note
        assert session.note == (
            "Its sessions last one hour because AWS does not allow it 12 h. Set its duration to what the role allows."
        )

    def test_after_a_week_aws_is_asked_again(self, aws, device, phone, secret_store, without):
        later = MfaSessions(secret_store, now=lambda: datetime.now(timezone.utc) + timedelta(days=8))
        assert later.chains(Keys(aws.user.access_key_id, "s", None, None, ""), device.serial)
        assert not without.chains(Keys(aws.user.access_key_id, "s", None, None, ""), device.serial)

    @pytest.mark.parametrize("text", ["", "soon", "2026-11-24", "2096-11-24T00:00:00Z", None])
    def test_a_spoilt_entry_counts_as_none(self, secret_store, text):
        secret_store.load = lambda _: text
        assert MfaSessions(secret_store).chains(Keys("AKIA", "s", None, None, ""), "phone")

    def test_a_typed_code_that_was_spent_asks_for_one_more(self, aws, device, phone, secret_store, without):
        aws.add_role("strong", requires_mfa=True, max_session=3600)
        role = a_role("strong", arn=f"{ARN}/strong", mfa_serial=device.serial)
        mfa = phone.sessions(secret_store, process=False)
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


class TestRestart:
    @pytest.fixture
    def secret_store(self):
        return LastingSecretStore()

    @pytest.fixture
    def role(self, aws, device, secret_store):
        role, mfa = strong(aws, device), MfaSessions(secret_store)
        mfa.offer(device.serial, code(device))
        assert StsSource(mfa=mfa).issue(role)
        return role

    def test_the_session_lives_on(self, aws, secret_store, role):
        assert StsSource(mfa=MfaSessions(secret_store)).issue(role)
        assert aws.actions() == ["GetSessionToken", "AssumeRole", "AssumeRole"]

    def test_in_memory_only_it_does_not(self, secret_store, role):
        assert failure(StsSource(mfa=MfaSessions(secret_store, settings=Settings(store="memory"))), role)
        assert failure(StsSource(mfa=MfaSessions()), role).kind is FailureKind.MFA

    def test_memory_only_writes_nothing(self, aws, device, role):
        secret_store = LastingSecretStore()
        mfa = MfaSessions(secret_store, settings=Settings(store="memory"))
        mfa.offer(device.serial, code(device, 1))
        assert StsSource(mfa=mfa).issue(role)
        assert not secret_store.texts

    def test_one_that_is_over_is_not_used(self, aws, secret_store, role):
        aws.ahead += 37 * HOUR
        assert failure(StsSource(mfa=MfaSessions(secret_store, now=ours(aws))), role).kind is FailureKind.MFA

    @pytest.mark.parametrize("text", ["", "{", "[1,2]", '["a","b","c","no date"]', "null"])
    def test_a_spoilt_entry_counts_as_none(self, secret_store, role, text):
        secret_store.texts = dict.fromkeys(secret_store.texts, text)
        assert failure(StsSource(mfa=MfaSessions(secret_store)), role).kind is FailureKind.MFA


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
            ("raise SystemExit(3)", "it exited with code 3"),
            ("print('123456 654321')", "did not print one six-digit code"),
            ("print('secret: 1234567')", "did not print one six-digit code"),
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
        assert {(error.kind, error.device) for error in found} == {(FailureKind.PROGRAM, device.serial)}
        assert all(words in error.sentence for error in found)
        assert not any(digits in str(error) for error in found for digits in ("123456", "654321"))
        assert self.runs(tmp_path) == 1
        assert aws.sim.calls == ()

    def test_a_missing_program(self, aws, device):
        mfa = MfaSessions(settings=Settings(mfa_process="/no/such/program"))
        error = failure(StsSource(mfa=mfa), strong(aws, device))
        assert error.sentence.startswith("/no/such/program, which mfa_process names, cannot be run")
