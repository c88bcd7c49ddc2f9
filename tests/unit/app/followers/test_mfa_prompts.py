from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from tests.support.builders import NOW
from tests.support.wait_until import until
from traycreds.app.followers import mfa_prompts
from traycreds.app.followers.mfa_prompts import MfaPrompts
from traycreds.aws.mfa.codes import Verdict
from traycreds.core.errors import FailureKind, TraycredsError
from traycreds.core.events import RefreshAsked
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status

PHONE, TABLET = "arn:aws:iam::123456789012:mfa/phone", "arn:aws:iam::123456789012:mfa/tablet"
PROD, OPS, DEV = RoleName("prod"), RoleName("ops"), RoleName("dev")


def view(name, device=None, status=Status.FAILED):
    return RoleView(
        name=name, profile=ProfileName(name), status=status, mfa_device=device, kind=FailureKind.MFA if device else None
    )


class Application:
    """Everything around Codes: a dialog that answers from a list, and an AWS that judges from one."""

    def __init__(self, *views, answers=(), verdicts=(), process=None):
        self.snapshot = Snapshot(as_of=NOW, roles=views)
        self.answers, self.verdicts, self._process = list(answers), list(verdicts), process
        self.questions, self.offered, self.posted, self.notices = [], [], [], []
        self.gate, self.closed = threading.Event(), False
        self.gate.set()
        self.codes = MfaPrompts(
            self, snapshot=lambda: self.snapshot, post=self.posted.append, notify=self.notices.append, dialog=self
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

    def wait_until_idle(self):
        until(lambda: not self.codes._wanted, "nobody waits for a code")


def test_a_code_goes_to_the_device_and_all_its_roles_are_refreshed():
    app = Application(view(DEV), view(PROD, PHONE), view(OPS, PHONE), answers=["123456"], verdicts=[Verdict.ACCEPTED])
    app.codes.enter(OPS)
    app.wait_until_idle()
    assert app.offered == [(PHONE, "123456")]
    assert app.posted == [RefreshAsked((PROD, OPS))]
    assert (app.questions[0].roles, app.questions[0].again) == (("prod", "ops"), "")
    assert not app.notices


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_code_that_is_given_without_a_question_is_used_for_all_roles_of_its_device(verdict):
    app = Application(view(DEV), view(PROD, PHONE), view(OPS, PHONE), verdicts=[verdict])
    assert app.codes.give(OPS, "123456") is verdict
    assert (app.offered, app.posted) == ([(PHONE, "123456")], [RefreshAsked((PROD, OPS))])
    assert not app.questions + app.notices, "who gave it learns the result"


@pytest.mark.parametrize("name", [DEV, RoleName("gone")])
def test_a_code_that_nobody_waits_for_is_not_used(name):
    app = Application(view(DEV))
    assert app.codes.give(name, "123456") is None
    assert not app.offered + app.posted


def test_a_code_that_nobody_needed_in_time_has_no_verdict(monkeypatch):
    monkeypatch.setattr(mfa_prompts, "ANSWER_SECONDS", 0)
    assert Application(view(PROD, PHONE)).codes.give(PROD, "123456") is None


@pytest.mark.parametrize("name", [DEV, RoleName("gone")])
def test_a_role_that_needs_no_code_asks_nothing(name):
    app = Application(view(DEV))
    app.codes.enter(name)
    assert not app.codes._wanted


def test_one_prompt_at_a_time_the_second_device_after_the_first():
    app = Application(
        view(PROD, PHONE), view(OPS, TABLET), answers=["111111", "222222"], verdicts=[Verdict.ACCEPTED] * 2
    )
    app.gate.clear()
    for name in (PROD, PROD, OPS, PROD):
        app.codes.enter(name)
    until(lambda: app.questions)
    assert len(app.questions) == 1
    app.gate.set()
    app.wait_until_idle()
    assert app.offered == [(PHONE, "111111"), (TABLET, "222222")]


def test_a_refused_code_is_asked_for_again():
    app = Application(view(PROD, PHONE), answers=["111111", "222222", "333333"], verdicts=[Verdict.REFUSED] * 3)
    app.codes.enter(PROD)
    app.wait_until_idle()
    assert [bool(question.again) for question in app.questions] == [False, True]
    assert [notice.title for notice in app.notices] == ["AWS accepted neither MFA code"]
    assert not any("111111" in f"{notice}" for notice in app.notices)
    assert "run traycreds once prod." in app.notices[0].body, "a command that can be run"


def test_a_used_code_is_asked_for_again_and_then_reported():
    app = Application(view(PROD, PHONE), answers=["111111"] * 3, verdicts=[Verdict.USED] * 3)
    app.codes.enter(PROD)
    app.wait_until_idle()
    assert app.questions[1].text().startswith("That code was already used. Wait for the next one;")
    assert len(app.questions) == 2
    assert [notice.title for notice in app.notices] == ["That MFA code was already used"]


def test_codes_that_were_spent_for_nothing_are_no_fault_of_the_user():
    verdicts = [Verdict.SPENT, Verdict.REFUSED, Verdict.SPENT, Verdict.ACCEPTED]
    app = Application(view(PROD, PHONE), answers=["1", "2", "3", "4"], verdicts=verdicts)
    app.codes.enter(PROD)
    app.wait_until_idle()
    assert len(app.offered) == 4
    assert app.questions[1].text().startswith("AWS needs one more code. Wait")
    assert not app.notices


def test_a_lost_code_is_reported():
    app = Application(view(PROD, PHONE), answers=["111111"], verdicts=[Verdict.LOST])
    app.codes.enter(PROD)
    app.wait_until_idle()
    assert "counts as used" in app.notices[0].body
    assert len(app.questions) == 1


def test_a_code_that_nobody_needed(monkeypatch):
    monkeypatch.setattr(mfa_prompts, "ANSWER_SECONDS", 0.01)
    app = Application(view(PROD, PHONE), answers=["111111"])
    app.codes.enter(PROD)
    app.wait_until_idle()
    assert not app.notices


@pytest.mark.parametrize("answer", [None, TraycredsError("No program here can ask.", "Install one.")])
def test_no_answer_sends_nothing(answer):
    app = Application(view(PROD, PHONE), answers=[answer])
    app.codes.enter(PROD)
    app.wait_until_idle()
    assert not app.offered
    shown = [(notice.title, notice.body) for notice in app.notices]
    assert shown == ([("No MFA code", "No program here can ask. Install one.")] if answer else [])


def test_the_engine_asks_for_a_device():
    app = Application(view(PROD, PHONE), answers=["123456"], verdicts=[Verdict.ACCEPTED])
    app.codes.ask(PHONE)
    app.wait_until_idle()
    assert app.offered == [(PHONE, "123456")]


def test_a_program_is_run_instead_of_the_dialog_and_again_only_in_the_next_period(monkeypatch):
    runs = []
    monkeypatch.setattr(mfa_prompts.code_program, "run", lambda command: runs.append(command) or f"{len(runs)}11111")
    monkeypatch.setattr(mfa_prompts.time, "time", lambda: 29.99)
    app = Application(view(PROD, PHONE), process="ykman x", verdicts=[Verdict.REFUSED, Verdict.ACCEPTED])
    waited = []
    monkeypatch.setattr(app.codes._over, "wait", lambda seconds: waited.append(round(seconds, 2)) or False)
    app.codes.enter(PROD)
    app.wait_until_idle()
    assert runs == ["ykman x"] * 2
    assert waited == [0.01]
    assert not app.questions


def test_closing_ends_the_dialog_and_asks_no_more():
    app = Application(view(PROD, PHONE))
    app.codes.close()
    app.codes.enter(PROD)
    assert app.closed
    assert not app.codes._wanted
