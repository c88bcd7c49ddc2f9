"""No code is sent twice, no matter who asks for it and how the first call ended."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.integration.sts.conftest import code, failure, strong, temporary
from tests.integration.sts.mfa import QUICK, sent
from traycreds.aws.mfa import code_program
from traycreds.aws.mfa.codes import REMEMBERED, Verdict
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError, TraycredsError
from traycreds.lifecycle import policy
from traycreds.sim import Fault


class TestEachCodeOnce:
    def test_a_second_role_waits_for_the_program_s_next_code(self, aws, device, phone):
        temporary(aws)
        source, roles = StsSource(mfa=phone.sessions()), [strong(aws, device, name) for name in "abc"]
        assert source.issue(roles[0])

        for role in roles[1:]:
            error = failure(source, role)
            assert (error.kind, error.again_in) == (FailureKind.MFA, 20.0)
            assert "is waiting for the next code from MFA device phone" in error.sentence
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
        # The clock of the program is late.
        monkeypatch.setattr(code_program, "run", lambda _: old)
        assert source.issue(strong(aws, device))
        phone.now += 21
        assert failure(source, strong(aws, device)).again_in == 29.0
        phone.now += REMEMBERED
        assert "did not accept" in failure(source, strong(aws, device)).sentence, "and not forever"

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
        assert error.sentence == "The MFA code for role strong was already used, so it was not sent again."
        assert again.result(0) is Verdict.USED
        assert len(sent(aws)) == 1
        assert typed not in repr(mfa._codes.__dict__)

    def test_a_typed_code_serves_one_role_and_the_next_waits_for_a_new_one(self, aws, device):
        temporary(aws)
        mfa = MfaSessions()
        mfa.offer(device.serial, code(device))
        source = StsSource(mfa=mfa)
        assert source.issue(strong(aws, device, "a"))
        assert "needs the next code" in failure(source, strong(aws, device, "b")).sentence

    def test_a_program_s_lost_code_is_followed_by_the_next_without_anybody(self, aws, device, phone):
        source, role = StsSource(mfa=phone.sessions(), **QUICK), strong(aws, device)
        aws.sim.faults.set(Fault.DROP)
        assert failure(source, role).kind is FailureKind.ANSWER, "which a timer tries again"
        aws.sim.faults.clear()
        assert failure(source, role).again_in == 20.0
        phone.now += 20
        assert source.issue(role)
        codes = [each for each, _ in sent(aws)]
        assert len(codes) == len(set(codes)) == 2


def test_a_program_that_gave_no_code_is_run_again_by_the_next_try(aws, device, phone, monkeypatch):
    source, roles, runs = StsSource(mfa=phone.sessions()), [strong(aws, device, name) for name in "ab"], []

    def fails(command):
        runs.append(command)
        raise TraycredsError("It gave no code.", "Touch it.")

    monkeypatch.setattr(code_program, "run", fails)
    for role in roles:
        error = failure(source, role)
        assert (error.kind, error.device, error.sentence) == (FailureKind.PROGRAM, device.serial, "It gave no code.")
    assert len(runs) == 1, "those that need it at about one time share it"

    monkeypatch.setattr(code_program, "run", phone.run)
    first_wait, _ = policy.waits(FailureKind.PROGRAM)
    phone.now += first_wait.total_seconds() * (1 - policy.JITTER_SHARE)
    assert source.issue(roles[0])
