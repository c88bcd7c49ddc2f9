"""The terminal of a run where no keys can be read."""

from __future__ import annotations

import signal
import threading

from tests.support.wait_until import PATIENCE
from tests.unit.cli.live.views import PHONE, role, snapshot
from tests.windows.mark import not_on_windows
from traycreds.aws.mfa.question import Question
from traycreds.cli.live.commands import Ports
from traycreds.cli.live.terminal import Terminal


def ports():
    return Ports(ask=lambda _: {}, sign_in=lambda *_: "", quit=lambda: None)


def test_all_that_came_is_printed_before_it_ends(capsys):
    with Terminal() as terminal:
        terminal.take_keys(ports())
        terminal.print("Hello.")
        terminal.show(snapshot(role("dev")))
        assert terminal.shows
    assert not terminal.shows
    printed = capsys.readouterr().out.splitlines()
    assert (printed[0], printed[-1].split()[0]) == ("Hello.", "dev")


def test_where_nobody_can_be_asked_there_is_no_code(monkeypatch):
    monkeypatch.setattr("traycreds.aws.mfa.terminal.in_terminal", lambda: None)
    with Terminal() as terminal:
        assert not terminal.can_ask()
        assert terminal.ask(Question(device=PHONE, roles=("prod",))) is None


def test_a_question_that_comes_too_late_ends():
    with Terminal() as terminal:
        pass
    answers = []
    asking = threading.Thread(target=lambda: answers.append(terminal.ask(Question(device=PHONE, roles=("prod",)))))
    asking.start()
    asking.join(PATIENCE)
    assert answers == [None]


@not_on_windows
def test_what_a_signal_did_before_it_does_again():
    before = signal.getsignal(signal.SIGWINCH)
    with Terminal():
        signal.raise_signal(signal.SIGWINCH)
        assert signal.getsignal(signal.SIGWINCH) is not before
    assert signal.getsignal(signal.SIGWINCH) is before
