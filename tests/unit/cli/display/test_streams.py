"""What a stream can show: colours only in a terminal that knows them, unless NO_COLOR says no."""

from __future__ import annotations

import io

import pytest

from tests.windows.mark import not_on_windows
from traycreds.cli.display import streams


class Terminal(io.StringIO):
    def isatty(self):
        return True


@not_on_windows
@pytest.mark.parametrize(
    ("variables", "sequences", "colors"),
    [
        ({"TERM": "xterm-256color"}, True, True),
        ({}, True, True),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": "0"}, True, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, True),
    ],
)
def test_a_terminal(monkeypatch, variables, sequences, colors):
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (streams.takes_sequences(Terminal()), streams.takes_colors(Terminal())) == (sequences, colors)


@pytest.mark.parametrize("stream", [io.StringIO(), None], ids=["a pipe", "none"])
def test_what_is_no_terminal_gets_neither_and_is_as_wide_as_need_be(monkeypatch, stream):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    assert not streams.takes_sequences(stream)
    assert not streams.takes_colors(stream)
    assert streams.width_of(stream) is None


def test_a_terminal_is_as_wide_as_it_says(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert streams.width_of(Terminal()) == 40
