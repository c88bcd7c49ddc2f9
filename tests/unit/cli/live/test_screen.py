"""The view as prompt_toolkit draws it and reads its keys."""

from __future__ import annotations

import io
import threading

import pytest

pytest.importorskip("prompt_toolkit")

import pyte
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

from tests.unit.cli.live.views import ask, many, role, snapshot, view_of, waiting
from traycreds.cli.live.action import Action
from traycreds.cli.live.screen import Screen

UP, DOWN, PAGE_DOWN, HOME, END, ESCAPE, ENTER = "\x1b[A", "\x1b[B", "\x1b[6~", "\x1b[H", "\x1b[F", "\x1b", "\r"


class Window:
    """A window of a terminal, and what is seen in it when the view quits."""

    def __init__(self, view, *, color=ColorDepth.DEPTH_4_BIT, lines=24):
        self.view, self.size, self.written = view, Size(rows=lines, columns=80), io.StringIO()
        self.wanted, self.seen, self.taken = [], [], []
        self.output = Vt100_Output(self.written, lambda: self.size, term="xterm-256color", default_color_depth=color)

    def take(self):
        self.taken.append(threading.current_thread())

    def do(self, wanted):
        self.wanted.append(wanted)
        if wanted.action is Action.QUIT:
            self.screen.close()
            self.screen.close()

    def press(self, keys):
        with create_pipe_input() as typed:
            self.screen = Screen(self.view, take=self.take, do=self.do, input=typed, output=self.output)
            typed.send_text(keys + "q")
            self.screen.run()
        # A call that comes too late must do no harm.
        self.screen.wake()
        return self

    def cells(self):
        """What was seen before the view was erased."""
        emulated = pyte.Screen(self.size.columns, self.size.rows)
        pyte.Stream(emulated).feed(self.written.getvalue().rpartition("\x1b[?1049l")[0].rpartition("\x1b[J")[0])
        return emulated


@pytest.mark.parametrize(
    ("keys", "selected"),
    [
        (DOWN, "role-002"),
        (DOWN + DOWN + UP, "role-002"),
        (PAGE_DOWN, "role-022"),
        (END, "role-030"),
        (END + HOME, "role-001"),
    ],
)
def test_keys_of_a_terminal_select(keys, selected):
    view = view_of(*many())
    Window(view).press(keys)
    assert view.selected.name == selected


def test_letters_are_commands_and_ctrl_c_quits():
    window = Window(view_of(role("dev", kept=False))).press("ruk\x1b[24~x\x03")
    assert [each.action for each in window.wanted][:4] == [Action.REFRESH, Action.USE, Action.KEEP, Action.QUIT]


def test_a_filter_is_typed_and_escape_ends_it():
    view = view_of(role("dev"), role("prod"))
    Window(view).press("/pr" + ENTER)
    assert (view.filter, [each.name for each in view.roles]) == ("pr", ["prod"])
    Window(view).press(ESCAPE)
    assert view.filter == ""


def test_a_code_is_typed_hidden_or_pasted():
    view = view_of(waiting())
    answers = ask(view)
    window = Window(view).press("492\x1b[200~081\x1b[201~" + ENTER)
    assert answers == ["492081"]
    assert "492" not in window.written.getvalue()


def test_it_has_the_whole_window_and_gives_it_back():
    window = Window(view_of(role("dev"))).press(DOWN)
    written = window.written.getvalue()
    assert written.index("\x1b[?1049h") < written.index("ROLE") < written.rindex("\x1b[?1049l")
    assert written.rpartition("\x1b[?1049l")[2].replace("\x1b", "").isprintable()
    assert "ROLE" not in written.rpartition("\x1b[?1049l")[2]


def test_states_have_their_colors_and_the_selected_line_is_marked():
    cells = Window(view_of(role("dev"), role("prod"))).press("").cells()
    state = cells.display[3].index("Fresh")
    assert [cells.buffer[3][column].fg for column in (3, state)] == ["default", "green"]
    assert [cells.buffer[line][3].reverse for line in (2, 3)] == [True, False]


def test_without_colors_the_selected_line_is_marked_still():
    cells = Window(view_of(role("dev"), role("prod")), color=ColorDepth.DEPTH_1_BIT).press("").cells()
    assert {cell.fg for line in cells.buffer.values() for cell in line.values()} == {"default"}
    assert [cells.buffer[line][3].reverse for line in (2, 3)] == [True, False]


def test_what_comes_is_taken_on_the_thread_of_the_screen():
    view = view_of(role("dev"))
    window = Window(view)
    window.take = lambda: (window.taken.append(threading.current_thread()), view.show(snapshot(role("prod"))))
    window.press("")
    assert set(window.taken) == {threading.current_thread()}
    assert view.selected.name == "prod"
