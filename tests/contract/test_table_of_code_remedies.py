"""What is said of an MFA code that AWS does not take is carried out, and the role has its session."""

from __future__ import annotations

import pytest

from tests.integration.sts.conftest import aws, device, phone, strong  # noqa: F401 - fixtures among them
from tests.integration.sts.mfa import Phone
from tests.support.builders import NOW
from tests.support.wait_until import until
from traycreds.app.followers.mfa_prompts import MfaPrompts
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.sim import Fault

WAIT = " Wait for the next one; each works once."


class User:
    """Someone who is asked for codes by the app, and a role that needs one.

    Attributes:
        types: codes to give, in turn; nothing where there are none.
        issued: the sessions that the role got.
        notices, questions: what was shown.
    """

    def __init__(self, aws, phone) -> None:
        self.types, self.issued, self.notices, self.questions = [], [], [], []
        self.phone = phone
        self.mfa = phone.sessions(process=False)
        self.source = StsSource(mfa=self.mfa, connect_timeout=2, read_timeout=2)
        self.role = strong(aws, phone.device)
        view = RoleView(
            name=self.role.name,
            profile=self.role.profile,
            status=Status.FAILED,
            mfa_device=phone.device.serial,
            kind=FailureKind.MFA,
        )
        self.prompts = MfaPrompts(
            self.mfa,
            snapshot=lambda: Snapshot(as_of=NOW, roles=(view,)),
            post=self.refresh,
            notify=self.notices.append,
            dialog=self,
        )

    def refresh(self, _event) -> None:
        """What the engine does."""
        try:
            self.issued.append(self.source.issue(self.role))
        except IssueError:
            return

    def ask(self, question):
        self.questions.append(question)
        return self.types.pop(0) if self.types else None

    def close(self) -> None:
        """Nothing is open."""

    def enter(self, *codes: str) -> list[str]:
        """Choose Enter MFA code and type these; gives what the app says of it."""
        self.types, self.notices[:] = list(codes), []
        self.prompts.enter(self.role.name)
        until(lambda: not self.prompts._wanted, "the code is dealt with")
        return [notice.body for notice in self.notices]


@pytest.fixture
def user(aws, phone):
    return User(aws, phone)


def test_codes_of_another_device(aws, user):
    tablet = Phone(aws.sim.world.add_mfa_device(aws.user, name="tablet"))
    wrong = []
    for _ in range(2):
        wrong.append(tablet.code())
        tablet.now += 30
    (body,) = user.enter(*wrong)
    assert "Check that it comes from the right device." in body
    assert user.enter(user.phone.code()) == []
    assert user.issued


def test_a_code_without_an_answer_and_the_same_again(aws, user):
    lost = user.phone.code()
    aws.sim.faults.set(Fault.DROP)
    (body,) = user.enter(lost)
    assert "It counts as used. Wait for the next one." in body
    aws.sim.faults.clear()
    (body,) = user.enter(lost, lost)
    assert "Wait for the next one." in body
    assert user.questions[-1].again.endswith(WAIT)
    assert not user.issued
    user.phone.now += 30
    assert user.enter(user.phone.code()) == []
    assert user.issued


def test_the_next_code_is_waited_for_in_the_second_question(aws, user):
    lost = user.phone.code()
    aws.sim.faults.set(Fault.DROP)
    user.enter(lost)
    aws.sim.faults.clear()
    user.phone.now += 30
    assert user.enter(lost, user.phone.code()) == []
    assert user.questions[-1].again == f"That code was already used.{WAIT}"
    assert user.issued
