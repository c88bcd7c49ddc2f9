from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import replace

import pytest

from tests.builders import NOW
from tests.waiting import until
from traycreds.adapters.mfacodes import Verdict
from traycreds.app import codes
from traycreds.app.codes import Codes
from traycreds.core.errors import FailureKind, TraycredsError
from traycreds.core.messages import Paused, RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.shown import RoleView, Snapshot, Status

PHONE, TABLET = "arn:aws:iam::123456789012:mfa/phone", "arn:aws:iam::123456789012:mfa/tablet"
PROD, OPS, DEV = RoleName("prod"), RoleName("ops"), RoleName("dev")


def view(name, device=None, status=Status.FAILED):
    return RoleView(
        name=name, profile=ProfileName(name), status=status, mfa_device=device, kind=FailureKind.MFA if device else None
    )


class Desk:
    """Everything around Codes: a dialog that answers from a list, and an AWS that judges from one."""

    def __init__(self, *views, answers=(), verdicts=(), process=None):
        self.snapshot = Snapshot(as_of=NOW, roles=views)
        self.answers, self.verdicts, self._process = list(answers), list(verdicts), process
        self.questions, self.offered, self.posted, self.told = [], [], [], []
        self.gate, self.closed = threading.Event(), False
        self.gate.set()
        self.codes = Codes(
            self, snapshot=lambda: self.snapshot, post=self.posted.append, tell=self.told.append, dialog=self
        )

    def ask(self, question):
        self.questions.append(question)
        self.gate.wait(10)
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self):
        self.closed = True

    def offer(self, serial, code):
        self.offered.append((serial, code))
        future = Future()
        if self.verdicts:
            future.set_result(self.verdicts.pop(0))
        return future

    def process_of(self, serial):
        return self._process

    def settled(self):
        until(lambda: not self.codes._wanted, "nobody waits for a code")


def test_a_code_goes_to_the_device_and_all_its_roles_are_refreshed():
    desk = Desk(view(DEV), view(PROD, PHONE), view(OPS, PHONE), answers=["123456"], verdicts=[Verdict.ACCEPTED])
    desk.codes.enter(OPS)
    desk.settled()
    assert desk.offered == [(PHONE, "123456")]
    assert desk.posted == [RefreshAsked((PROD, OPS))]
    assert (desk.questions[0].roles, desk.questions[0].again) == (("prod", "ops"), "")
    assert not desk.told


@pytest.mark.parametrize("name", [DEV, RoleName("gone")])
def test_a_role_that_needs_no_code_asks_nothing(name):
    desk = Desk(view(DEV))
    desk.codes.enter(name)
    assert not desk.codes._wanted


def test_one_prompt_at_a_time_the_second_device_after_the_first():
    desk = Desk(view(PROD, PHONE), view(OPS, TABLET), answers=["111111", "222222"], verdicts=[Verdict.ACCEPTED] * 2)
    desk.gate.clear()
    for name in (PROD, PROD, OPS, PROD):
        desk.codes.enter(name)
    until(lambda: desk.questions)
    assert len(desk.questions) == 1
    desk.gate.set()
    desk.settled()
    assert desk.offered == [(PHONE, "111111"), (TABLET, "222222")]


def test_a_refused_code_is_asked_for_once_more():
    desk = Desk(view(PROD, PHONE), answers=["111111", "222222", "333333"], verdicts=[Verdict.REFUSED] * 3)
    desk.codes.enter(PROD)
    desk.settled()
    assert [bool(question.again) for question in desk.questions] == [False, True]
    assert [notice.title for notice in desk.told] == ["AWS accepted neither MFA code"]
    assert not any("111111" in f"{notice}" for notice in desk.told)


def test_a_code_that_was_used_is_asked_for_once_more_and_then_told():
    desk = Desk(view(PROD, PHONE), answers=["111111"] * 3, verdicts=[Verdict.USED] * 3)
    desk.codes.enter(PROD)
    desk.settled()
    assert desk.questions[1].text().startswith("That code has been used already. Wait for the next one;")
    assert len(desk.questions) == 2
    assert [notice.title for notice in desk.told] == ["That MFA code has been used already"]


def test_codes_that_were_spent_in_vain_are_no_fault_of_the_user():
    verdicts = [Verdict.SPENT, Verdict.REFUSED, Verdict.SPENT, Verdict.ACCEPTED]
    desk = Desk(view(PROD, PHONE), answers=["1", "2", "3", "4"], verdicts=verdicts)
    desk.codes.enter(PROD)
    desk.settled()
    assert len(desk.offered) == 4
    assert desk.questions[1].text().startswith("One more code is needed. Wait")
    assert not desk.told


def test_a_lost_code_is_told():
    desk = Desk(view(PROD, PHONE), answers=["111111"], verdicts=[Verdict.LOST])
    desk.codes.enter(PROD)
    desk.settled()
    assert "counts as used" in desk.told[0].body
    assert len(desk.questions) == 1


def test_a_code_that_nobody_needed(monkeypatch):
    monkeypatch.setattr(codes, "ANSWER_SECONDS", 0.01)
    desk = Desk(view(PROD, PHONE), answers=["111111"])
    desk.codes.enter(PROD)
    desk.settled()
    assert not desk.told


@pytest.mark.parametrize("answer", [None, TraycredsError("No program here can ask.", "Install one.")])
def test_no_answer_sends_nothing(answer):
    desk = Desk(view(PROD, PHONE), answers=[answer])
    desk.codes.enter(PROD)
    desk.settled()
    assert not desk.offered
    assert [notice.title for notice in desk.told] == (["No program here can ask."] if answer else [])


@pytest.mark.parametrize("event", [RoleChosen(PROD), RoleSwitched(PROD, on=True), RefreshAsked((PROD,))])
def test_the_user_s_own_click_opens_the_dialog_once_the_role_is_known_to_need_it(event):
    desk = Desk(view(PROD, status=Status.OFF), answers=[None])
    desk.codes.clicked(event)
    retried = replace(view(PROD, PHONE), retrying=True)
    for step in (view(PROD, status=Status.OFF), view(PROD, PHONE, Status.REFRESHING), retried):
        desk.codes.see(replace(desk.snapshot, roles=(step,)))
        assert not desk.codes._wanted
    desk.snapshot = replace(desk.snapshot, roles=(view(PROD, PHONE),))
    desk.codes.see(desk.snapshot)
    desk.settled()
    assert len(desk.questions) == 1
    desk.codes.see(desk.snapshot)
    assert not desk.codes._wanted, "a click counts once"


@pytest.mark.parametrize(
    "event",
    [
        RefreshAsked(),
        RefreshAsked((PROD, OPS)),
        RoleChosen(None),
        RoleSwitched(PROD, on=False),
        Paused(on=True),
        RoleChosen(DEV),
    ],
)
def test_no_dialog_out_of_nowhere(event):
    desk = Desk(view(DEV), view(PROD, PHONE))
    desk.codes.clicked(event)
    desk.codes.see(desk.snapshot)
    assert not desk.codes._wanted


def test_a_click_is_forgotten_when_the_role_is_fresh_gone_or_a_minute_has_passed(monkeypatch):
    needy = (view(PROD, PHONE), view(OPS, PHONE))
    desk = Desk()
    desk.codes.clicked(RoleChosen(PROD))
    desk.codes.see(replace(desk.snapshot, roles=(view(PROD, status=Status.FRESH),)))
    desk.codes.clicked(RoleChosen(OPS))
    desk.codes.see(desk.snapshot)
    desk.codes.see(replace(desk.snapshot, roles=needy))
    assert not desk.codes._wanted
    desk.codes.clicked(RoleChosen(PROD))
    monkeypatch.setattr(codes, "CLICK_LASTS", -1.0)
    desk.codes.see(replace(desk.snapshot, roles=needy))
    assert not desk.codes._wanted
    assert not desk.codes._clicked


def test_a_program_is_run_instead_of_the_dialog_and_again_only_in_the_next_period(monkeypatch):
    runs = []
    monkeypatch.setattr(codes.codeprocess, "run", lambda command: runs.append(command) or f"{len(runs)}11111")
    monkeypatch.setattr(codes.time, "time", lambda: 29.99)
    desk = Desk(view(PROD, PHONE), process="ykman x", verdicts=[Verdict.REFUSED, Verdict.ACCEPTED])
    waited = []
    monkeypatch.setattr(desk.codes._over, "wait", lambda seconds: waited.append(round(seconds, 2)) or False)
    desk.codes.enter(PROD)
    desk.settled()
    assert runs == ["ykman x"] * 2
    assert waited == [0.01]
    assert not desk.questions


def test_closing_ends_the_dialog_and_asks_no_more():
    desk = Desk(view(PROD, PHONE))
    desk.codes.close()
    desk.codes.enter(PROD)
    assert desk.closed
    assert not desk.codes._wanted
