"""The line that says how far a command is."""

from __future__ import annotations

import pytest

from traycreds.cli.display import streams
from traycreds.cli.display.progress import Progress
from traycreds.core.errors import NotRunningError


@pytest.fixture
def shown(capsys):
    """What is printed on stderr."""
    return lambda: capsys.readouterr().err


@pytest.fixture
def in_terminal(monkeypatch, shown):
    monkeypatch.setattr(streams, "takes_sequences", lambda _: True)
    return shown


def test_in_a_terminal_one_line_is_written_over_and_taken_away(in_terminal):
    progress = Progress("roles")
    progress.show(1, 60)
    progress.show(12, 60)
    progress.clear()
    progress.clear()
    assert progress.live
    assert in_terminal() == "\r\x1b[K1 of 60 roles\r\x1b[K12 of 60 roles\r\x1b[K"


def test_a_single_one_needs_no_summary(in_terminal):
    progress = Progress("roles")
    progress.show(0, 1)
    progress.clear()
    assert in_terminal() == ""


def test_what_is_waited_for_fits_into_one_line_and_is_taken_away(in_terminal, monkeypatch):
    monkeypatch.setattr(streams, "width_of", lambda _: 20)
    progress = Progress("")
    progress.say("prod becomes the default once its session is written")
    progress.clear()
    assert in_terminal() == "\r\x1b[Kprod becomes the d…\r\x1b[K"


def test_elsewhere_nothing_is_waited_for_aloud(shown):
    Progress("").say("prod becomes the default")
    assert shown() == ""


def test_elsewhere_it_is_silent(shown):
    progress = Progress("roles")
    progress.show(60, 60)
    progress.clear()
    assert not progress.live
    assert shown() == ""


def test_elsewhere_it_reports_at_intervals_if_wanted(shown):
    progress = Progress("accounts", rarely=100)
    for done in range(251):
        progress.show(done, 250)
    progress.clear()
    assert shown().splitlines() == [f"{done} of 250 accounts" for done in (0, 100, 200, 250)]


def test_it_asks_for_the_progress_only_while_it_is_shown(in_terminal):
    counts = iter([(3, 60), None, NotRunningError("Gone.", ""), (4, 60)])

    def count():
        counted = next(counts)
        if isinstance(counted, Exception):
            raise counted
        return counted

    poll = Progress("roles").polled(count)
    for _ in range(4):
        poll()
    assert in_terminal() == "\r\x1b[K3 of 60 roles\r\x1b[K4 of 60 roles"


def test_elsewhere_nobody_is_asked(shown):
    assert Progress("roles").polled(lambda: pytest.fail("nobody sees it")) is None
