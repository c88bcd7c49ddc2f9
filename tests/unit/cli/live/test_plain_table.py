"""The view without keys: redrawn in place in a terminal, printed on changes elsewhere."""

from __future__ import annotations

import pyte
import pytest

from tests.support.builders import MINUTE, NOW
from tests.unit.cli.live.views import many, role, snapshot, waiting
from traycreds.cli.display import streams
from traycreds.cli.live.plain_table import PlainTable
from traycreds.core.snapshot import Status
from traycreds.core.value_class import replace


class Terminal:
    """A terminal that the table is drawn in."""

    def __init__(self, monkeypatch, capsys):
        self._monkeypatch, self._capsys, self.written = monkeypatch, capsys, ""
        monkeypatch.setattr(streams, "takes_sequences", lambda _: True)
        monkeypatch.setattr(streams, "takes_colors", lambda _: True)
        self._screen = pyte.HistoryScreen(80, 24, history=1000)
        self._screen.set_mode(pyte.modes.LNM)
        self._stream = pyte.Stream(self._screen)
        self.resize(24, 80)

    def resize(self, lines, columns):
        self._monkeypatch.setenv("LINES", str(lines))
        self._monkeypatch.setenv("COLUMNS", str(columns))
        self._screen.resize(lines, columns)

    def seen(self):
        written = self._capsys.readouterr().out
        self.written += written
        self._stream.feed(written)
        return [line.rstrip() for line in self._screen.display if line.strip()]

    def scrolled(self):
        return ["".join(line[column].data for column in sorted(line)).rstrip() for line in self._screen.history.top]


@pytest.fixture
def terminal(monkeypatch, capsys):
    return Terminal(monkeypatch, capsys)


def test_in_a_terminal_one_table_is_redrawn_below_what_is_reported(terminal):
    table = PlainTable()
    table.print("Hello.")
    table.show(snapshot(role("dev")))
    table.show(snapshot(waiting("dev")))
    table.print("! dev needs a code.")
    seen = terminal.seen()
    assert seen[:2] == ["Hello.", "! dev needs a code."]
    assert seen[2:] == [
        "dev needs a code",
        "  ROLE  PROFILE      STATE",
        "  dev   dev-session  Needs a code",
        "dev: A code is needed. Type one.",
    ]


def test_states_have_colors(terminal):
    PlainTable().show(snapshot(role("dev")))
    terminal.seen()
    assert "\x1b[32mFresh" in terminal.written


def test_what_shows_nothing_new_is_not_drawn_again(terminal):
    table = PlainTable()
    table.show(snapshot(role("dev")))
    terminal.seen()
    before = terminal.written
    table.show(snapshot(role("dev")))
    terminal.seen()
    assert terminal.written == before


def test_more_roles_than_the_window_has_lines_scroll_nothing_away(terminal):
    terminal.resize(10, 80)
    table = PlainTable()
    for minute in range(5):
        table.show(replace(snapshot(*many()), as_of=NOW + minute * MINUTE))
    seen = terminal.seen()
    assert terminal.scrolled() == []
    assert len(seen) <= 9
    assert seen[0].endswith("(1-7 of 30 roles)")


def test_after_a_question_the_table_comes_below_it(terminal):
    table = PlainTable()
    table.show(snapshot(role("dev")))
    table.leave()
    table.show(snapshot(role("dev")))
    assert sum("ROLE" in line for line in terminal.seen()) == 2


def test_elsewhere_the_table_is_printed_whenever_it_changes(capsys):
    table = PlainTable()
    table.print("Hello.")
    for status in (Status.FRESH, Status.FRESH, Status.EXPIRING):
        table.show(snapshot(role("dev", status=status)))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Hello."
    assert [line.split()[2] for line in lines if line.startswith("  dev")] == ["Fresh,", "Expires"]
    assert "\x1b" not in "".join(lines)
