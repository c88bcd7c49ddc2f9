"""Asks while the user types, redrawing matching rows; needs prompt_toolkit, from the extra `terminal`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

from prompt_toolkit.application import Application as Screen
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.output.defaults import create_output

from traycreds.cli.picker import row_lines
from traycreds.cli.picker.prompt import Picks
from traycreds.core.text import end_cut
from traycreds.ui.icon import badge
from traycreds.ui.picker import rows
from traycreds.ui.picker.rows import PickerAction, RoleRow

SEEN = 10
"""Rows that are seen at once; fewer in a low terminal."""
_AROUND = 3
"""Lines beside them: the field, what keys do, and the one that the shell continues in."""
_WIDTH = 80
"""Columns, until the terminal says how many it has."""
_BADGE = len("[P]")
_LEAVE = "Esc: quit"
_ESCAPE_SECONDS = 0.05
"""For the rest of a key that begins with Escape to come."""


def ask(offered: Sequence[RoleRow], what: str, shown: TextIO, *, several: bool, with_actions: bool) -> Picks | None:
    """The user's picks, or None."""
    output = create_output(stdout=shown)
    output.enable_cpr = False  # type: ignore[attr-defined] # its place is not asked for: a slow terminal answers late
    return RedrawnList(offered, what, several=several, with_actions=with_actions).screen(output=output).run()


class RedrawnList:
    """The rows that match the typed text, one of them selected, some perhaps marked."""

    def __init__(self, offered: Sequence[RoleRow], what: str, *, several: bool, with_actions: bool) -> None:
        """Find all at first; see `terminal.ask`."""
        self._rows, self._what, self._several, self._with_actions = offered, what, several, with_actions
        self._finder = rows.finder(offered)
        self._found = self._finder.find("")
        self._marked: set[int] = set()
        self._selected = self._top = 0
        self._seen, self._width = SEEN, _WIDTH
        self._typed = Buffer(multiline=False, on_text_changed=lambda _: self._filter())

    def screen(self, **streams: Any) -> Screen[Picks | None]:
        """What runs it; erased once it is over."""
        field = Window(BufferControl(self._typed, [BeforeInput(f"{self._what}: ", "bold")]), height=1)
        # The list always has the same number of lines, so that nothing below it moves.
        lines = Window(FormattedTextControl(self._lines), height=min(SEEN, len(self._rows)), wrap_lines=False)
        foot = Window(FormattedTextControl(self._foot), height=1, style="class:foot")
        screen: Screen[Picks | None] = Screen(
            Layout(HSplit([field, lines, foot])),
            key_bindings=self._keys(),
            erase_when_done=True,
            before_render=self._fit,
            **streams,
        )
        screen.ttimeoutlen = _ESCAPE_SECONDS
        return screen

    def _fit(self, screen: Screen[Any]) -> None:
        size = screen.output.get_size()
        self._seen, self._width = max(1, min(SEEN, size.rows - _AROUND)), size.columns
        self._select(self._selected)

    def _filter(self) -> None:
        self._found = self._finder.find(self._typed.text)
        self._selected = self._top = 0

    def _select(self, place: int) -> None:
        self._selected = max(0, min(place, len(self._found) - 1))
        self._top = max(self._selected - self._seen + 1, min(self._top, self._selected))

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        def move(name: str, step: int) -> None:
            keys.add(name)(lambda _: self._select(self._selected + step))

        for name, step in (("up", -1), ("c-p", -1), ("down", 1), ("c-n", 1), ("pageup", -SEEN), ("pagedown", SEEN)):
            move(name, step)
        keys.add("enter")(lambda event: self._pick(event, PickerAction.USE))
        for name in ("escape", "c-c", "c-d", "c-g"):
            keys.add(name, eager=True)(lambda event: event.app.exit(result=None))
        if self._with_actions:
            keys.add("c-k")(lambda event: self._pick(event, PickerAction.KEEP))
            keys.add("c-o")(lambda event: self._pick(event, PickerAction.CONSOLE))
        if self._several:
            keys.add("tab")(lambda _: self._mark(1))
            keys.add("s-tab")(lambda _: self._mark(-1))
            keys.add("c-a")(lambda _: self._mark_found())
        return keys

    def _pick(self, event: KeyPressEvent, action: PickerAction) -> None:
        picked = sorted(self._marked) if self._marked else self._found[self._selected : self._selected + 1]
        if picked:
            event.app.exit(result=Picks(tuple(self._rows[place].name for place in picked), action))

    def _mark(self, step: int) -> None:
        if self._found:
            self._marked ^= {self._found[self._selected]}
            self._select(self._selected + step)

    def _mark_found(self) -> None:
        found = set(self._found)
        self._marked = self._marked - found if found <= self._marked else self._marked | found

    def _lines(self) -> StyleAndTextTuples:
        seen = self._found[self._top : self._top + self._seen]
        if not seen:
            return [("class:faint", "  Nothing matches.")]
        shown = [self._rows[place] for place in seen]
        before = len("> ") + len("* " if self._several else "") + _BADGE + 1
        words = row_lines.lines(shown, max(1, self._width - before))
        text: StyleAndTextTuples = []
        for line, (place, row, each) in enumerate(zip(seen, shown, words, strict=True), start=self._top):
            selected = "reverse" if line == self._selected else ""
            arrow = ">" if selected else " "
            mark = ("* " if place in self._marked else "  ") if self._several else ""
            text += [(selected, f"{arrow} {mark}"), _badge(row), (selected, f" {each}"), ("", "\n")]
        return text

    def _foot(self) -> StyleAndTextTuples:
        some, every = len(self._found), len(self._rows)
        count = f"{every:,} roles" if some == every else f"{some:,} of {every:,} roles"
        marked = f", {len(self._marked):,} marked" if self._marked else ""
        keys = ["Enter: choose it"]
        if self._with_actions:
            keys = ["Enter: make default", "Ctrl+K: keep", "Ctrl+O: console"]
        if self._several:
            keys = ["Enter: choose the marked" if self._marked else keys[0], "Tab: mark", "Ctrl+A: mark all"]
        text = f"  {count}{marked}. {', '.join([*keys, _LEAVE])}"
        while keys and len(text) > self._width:
            keys.pop()
            text = f"  {count}{marked}. {', '.join([*keys, _LEAVE])}"
        return [("fg:ansibrightblack", end_cut(text, self._width, whole_words=True))]


def _badge(row: RoleRow) -> tuple[str, str]:
    if not row.color:
        return "", " " * _BADGE
    ground, ink = badge.COLORS[row.color]
    letter = row.letter or " "
    shape = f"[{letter}]" if row.color == badge.SQUARE else f"({letter})"
    return f"bg:#{ground:06x} fg:#{ink:06x}", shape
