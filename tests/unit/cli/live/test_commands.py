"""What the keys of the live view carry out, and what they report."""

from __future__ import annotations

import queue
import threading

import pytest

from tests.support.wait_until import PATIENCE
from tests.unit.cli.live.views import PHONE
from traycreds.aws.mfa.codes import Verdict
from traycreds.aws.mfa.question import Question
from traycreds.cli.live.action import Action, Wanted
from traycreds.cli.live.commands import KeyCommands, Ports
from traycreds.core.errors import UsageError

QUESTION = Question(device=PHONE, roles=("prod",))


class App:
    """A running app that answers from a list, and a user with codes in his hand."""

    def __init__(self, *replies, codes=(), sign_in=None):
        self.replies, self.codes = list(replies), list(codes)
        self.requests, self.reported, self.questions = [], [], []
        self.done = queue.SimpleQueue()
        ports = Ports(ask=self.ask, sign_in=sign_in, quit=lambda: self.done.put("quit"), done=lambda: self.done.put(1))
        self.commands = KeyCommands(ports, report=self.reported.append, enter_code=self.enter_code)

    def ask(self, request):
        self.requests.append(request)
        reply = self.replies.pop(0) if self.replies else {"ok": True}
        if isinstance(reply, Exception):
            raise reply
        return reply

    def enter_code(self, question):
        self.questions.append(question)
        return self.codes.pop(0) if self.codes else None

    def run(self, action, role="prod", question=None):
        self.commands.start(Wanted(action, role), question)
        return self.done.get(timeout=PATIENCE)


@pytest.mark.parametrize(("action", "do"), [(Action.REFRESH, "refresh"), (Action.USE, "use"), (Action.KEEP, "keep")])
def test_a_key_is_a_request_to_the_app(action, do):
    app = App()
    app.run(action)
    (request,) = app.requests
    assert (request.do, request.roles, request.wait, request.attended) == (do, ("prod",), True, True)
    assert app.reported == [], "the table shows it"


def test_a_refusal_is_reported_with_its_remedy():
    app = App(UsageError("There is no role prod.", "See traycreds list."))
    app.run(Action.USE)
    assert app.reported == ["There is no role prod. See traycreds list."]


def test_a_fault_of_ours_ends_nothing():
    app = App(RuntimeError("secret details"))
    app.run(Action.KEEP)
    assert app.reported == ["traycreds hit an unexpected error (RuntimeError)."]


def test_quit_ends_the_view_and_asks_the_app_nothing():
    app = App()
    assert app.run(Action.QUIT, role=None) == "quit"
    app.commands.start(Wanted(Action.FILTER))
    assert app.requests == []


def test_what_the_end_cuts_short_is_not_reported():
    """The demo's AWS ends with it, and a sign-in that waits for its page fails."""
    started, ended = threading.Event(), threading.Event()

    def sign_in(role, report):
        started.set()
        assert ended.wait(PATIENCE)
        raise UsageError("Could not reach the sign-in service.", "Check the network.")

    app = App(sign_in=sign_in)
    app.commands.start(Wanted(Action.SIGN_IN, "prod"))
    assert started.wait(PATIENCE)
    assert app.run(Action.QUIT, role=None) == "quit"
    ended.set()
    assert app.done.get(timeout=PATIENCE) == 1
    assert app.reported == []


@pytest.mark.parametrize("verdict", [Verdict.ACCEPTED.value, Verdict.LOST.value, None])
def test_a_code_is_given_to_the_app(verdict):
    app = App({"ok": True, "verdict": verdict}, codes=["492081"])
    app.run(Action.ENTER_CODE, question=QUESTION)
    assert [(request.do, request.roles, request.code) for request in app.requests] == [("code", ("prod",), "492081")]
    assert app.questions == [QUESTION]


def test_a_code_that_aws_refuses_is_asked_for_once_more():
    app = App({"verdict": "refused"}, {"verdict": "refused"}, codes=["111111", "222222", "333333"])
    app.run(Action.ENTER_CODE, question=QUESTION)
    assert [request.code for request in app.requests] == ["111111", "222222"]
    assert [bool(question.again) for question in app.questions] == [False, True]
    assert "AWS did not accept the last code." in app.questions[1].text()


def test_who_has_no_code_gives_none():
    app = App()
    app.run(Action.ENTER_CODE, question=QUESTION)
    app.run(Action.ENTER_CODE, question=None)
    assert (app.requests, len(app.questions)) == ([], 1)


def test_a_sign_in_reports_its_page_and_its_result():
    def sign_in(role, report):
        report(f"Open this page for {role}.")
        return "You are signed in."

    app = App(sign_in=sign_in)
    app.run(Action.SIGN_IN)
    assert (app.reported, app.requests) == (["Open this page for prod.", "You are signed in."], [])
