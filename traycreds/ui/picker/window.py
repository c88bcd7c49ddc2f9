"""The window that finds a role. Draws only the visible rows."""

from __future__ import annotations

import sys
import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import font, ttk
from typing import Any

from traycreds.core.text import middle_cut
from traycreds.ui import tk_theme
from traycreds.ui.icon import badge
from traycreds.ui.picker import rows
from traycreds.ui.picker.rows import Picked, PickerAction, RoleRow

HINT = "Type part of a name, account or group; * matches anything"
SEEN = 10
"""Rows that are seen at once."""
_WIDTH, _ROW, _PAD, _BADGE, _BAR = 660, 30, 12, 18, 4
"""Pixels at 96 dots an inch: of the list, a row, the space around, a badge, the mark of the selected row."""
_NAME, _ACCOUNT, _STATE = 40, 300, 430
"""The start of each column."""
_WHEEL = 3
"""Rows that one notch of the wheel moves."""
_ACTIONS = (
    (PickerAction.CONSOLE, "Open console", "o"),
    (PickerAction.KEEP, "Keep alive", "k"),
    (PickerAction.USE, "Make default", ""),
)


class PickerWindow:
    """The window: a text field, the matching roles, and actions on the selected one."""

    def __init__(self, root: Any, title: str, offered: Sequence[RoleRow]) -> None:
        """Draw it; `run` shows it."""
        self._root, self._rows, self._finder = root, offered, rows.finder(offered)
        self._found: list[int] = []
        self._selected = self._top = 0
        self._picked: Picked | None = None
        tk_theme.set_up(root, title)
        self._colors = tk_theme.list_colors(root)
        self._scale = tk_theme.scale(root)
        pad = self._pixels(_PAD)
        self._picture = tk_theme.picture(root, pad * 2)
        self._plain = font.nametofont("TkDefaultFont", root=root)
        self._bold = self._plain.copy()
        self._bold.configure(weight="bold")
        self._small = self._bold.copy()
        self._small.configure(size=-self._pixels(_BADGE * 0.62))
        frame = ttk.Frame(root, padding=pad)
        frame.grid()
        self._typed = tk.StringVar(root)
        self._entry = ttk.Entry(frame, textvariable=self._typed, font=("TkDefaultFont", 14))
        self._entry.grid(row=0, columnspan=2, sticky="we")
        self._hint = ttk.Label(frame, text=HINT, foreground=self._colors.faint, background=self._colors.paper)
        self._hint.bind("<Button-1>", lambda _: self._entry.focus_set())
        self._list = tk.Canvas(
            frame,
            width=self._pixels(_WIDTH),
            height=self._pixels(_ROW) * SEEN,
            background=self._colors.paper,
            highlightthickness=1,
            highlightbackground=root.colors.line,
            highlightcolor=root.colors.line,
            takefocus=False,
        )
        self._list.grid(row=1, pady=pad)
        self._scrollbar = ttk.Scrollbar(frame, command=self._scroll, takefocus=False)
        self._scrollbar.grid(row=1, column=1, pady=pad, sticky="ns")
        self._buttons = self._foot(frame)
        self._bind()
        self._typed.trace_add("write", lambda *_: self._filter())
        self._filter()
        root.eval("tk::PlaceWindow . center")

    def run(self) -> Picked | None:
        """Show it until something is picked; None if the user closed it."""
        self._root.lift()
        # The user has just asked for this window, so it may take the focus.
        self._entry.focus_force()
        self._root.mainloop()
        return self._picked

    def type(self, text: str) -> None:
        """Replace the typed text, and show the matches."""
        self._typed.set(text)
        self._root.update()

    def _foot(self, frame: Any) -> list[Any]:
        foot = ttk.Frame(frame)
        foot.grid(row=2, columnspan=2, sticky="we")
        foot.columnconfigure(0, weight=1)
        self._count = ttk.Label(foot)
        self._count.grid(row=0, sticky="w")
        buttons = []
        for column, (action, label, key) in enumerate(_ACTIONS, start=1):
            button = ttk.Button(
                foot,
                text=f"{label} ({f'Ctrl+{key.upper()}' if key else 'Enter'})",
                command=self._doing(action),
                takefocus=False,
                style="TButton" if key else "Main.TButton",
            )
            button.grid(row=0, column=column, padx=(self._pixels(_PAD / 2), 0))
            buttons.append(button)
        return buttons

    def _bind(self) -> None:
        for _, key, action in ((label, key, action) for action, label, key in _ACTIONS if key):
            # With Caps Lock on, Tk reports the capital letter.
            for pressed in (key, key.upper()):
                self._on(f"<Control-{pressed}>", self._doing(action))
                if sys.platform == "darwin":
                    self._on(f"<Command-{pressed}>", self._doing(action))
        for name in ("<Return>", "<KP_Enter>"):
            self._on(name, self._doing(PickerAction.USE))
        for name, step in (("<Up>", -1), ("<Down>", 1), ("<Prior>", -SEEN), ("<Next>", SEEN)):
            self._on(name, self._moving(step))
        self._on("<Control-a>", lambda: self._entry.select_range(0, "end"))
        self._root.bind("<Escape>", lambda _: self._root.destroy())
        self._list.bind("<Button-1>", lambda event: self._select(self._top + self._row_at(event.y)))
        self._list.bind("<Double-Button-1>", lambda _: self._do(PickerAction.USE))
        # X11 reports the wheel as these two buttons.
        for name, step in (("<Button-4>", -_WHEEL), ("<Button-5>", _WHEEL)):
            self._list.bind(name, self._wheeling(step))
        self._list.bind("<MouseWheel>", lambda event: self._wheeling(-_WHEEL if event.delta > 0 else _WHEEL)(event))

    def _on(self, key: str, act: Callable[[], object]) -> None:
        def pressed(_event: object) -> str:
            act()
            # Otherwise Tk edits the field, as it does for Ctrl+K.
            return "break"

        self._entry.bind(key, pressed)

    def _doing(self, action: PickerAction) -> Callable[[], None]:
        return lambda: self._do(action)

    def _moving(self, step: int) -> Callable[[], None]:
        return lambda: self._select(self._selected + step)

    def _wheeling(self, step: int) -> Callable[[object], None]:
        return lambda _event: self._scroll("scroll", step, "units")

    def _do(self, action: PickerAction) -> None:
        if self._found:
            self._picked = Picked(action, self._rows[self._found[self._selected]].name)
            self._root.destroy()

    def _filter(self) -> None:
        typed = self._typed.get()
        if typed:
            self._hint.place_forget()
        else:
            self._hint.place(in_=self._entry, x=self._pixels(_PAD), rely=0.5, anchor="w")
        self._found = self._finder.find(typed)
        self._selected = self._top = 0
        some, all_ = len(self._found), len(self._rows)
        self._count.configure(text=f"{all_:,} roles" if some == all_ else f"{some:,} of {all_:,} roles")
        for button in self._buttons:
            button.configure(state="normal" if self._found else "disabled")
        self._draw()

    def _select(self, place: int) -> None:
        self._selected = max(0, min(place, len(self._found) - 1))
        self._top = max(self._selected - SEEN + 1, min(self._top, self._selected))
        self._draw()

    def _scroll(self, how: str, amount: float | str, unit: str = "") -> None:
        step = SEEN if unit == "pages" else 1
        top = round(float(amount) * len(self._found)) if how == "moveto" else self._top + int(amount) * step
        self._top = max(0, min(top, len(self._found) - SEEN))
        self._draw()

    def _row_at(self, y: int) -> int:
        return min(y // self._pixels(_ROW), SEEN - 1)

    def _draw(self) -> None:
        self._list.delete("all")
        seen = self._found[self._top : self._top + SEEN]
        for line, place in enumerate(seen):
            self._draw_row(self._rows[place], line, selected=self._top + line == self._selected)
        if not seen:
            self._text(_NAME, 0, "No role matches.", self._plain, self._colors.faint)
        count = max(1, len(self._found))
        self._scrollbar.set(self._top / count, min(1.0, (self._top + SEEN) / count))

    def _draw_row(self, row: RoleRow, line: int, *, selected: bool) -> None:
        top, height = line * self._pixels(_ROW), self._pixels(_ROW)
        if selected:
            self._list.create_rectangle(
                0, top, self._pixels(_WIDTH) + 2, top + height, fill=self._colors.selected, width=0
            )
            self._list.create_rectangle(0, top, self._pixels(_BAR), top + height, fill=tk_theme.ACCENT, width=0)
        if row.color:
            self._draw_badge(row, top + height // 2)
        self._text(_NAME, line, self._fitting(row.title, self._bold, _ACCOUNT - _NAME), self._bold, self._colors.ink)
        self._text(_ACCOUNT, line, row.account, self._plain, self._colors.ink)
        words = self._fitting(row.state_with_default, self._plain, _WIDTH - _STATE)
        self._text(_STATE, line, words, self._plain, self._colors.ink if selected else self._colors.faint)

    def _draw_badge(self, row: RoleRow, middle: int) -> None:
        ground, ink = (f"#{color:06x}" for color in badge.COLORS[row.color])
        half, center = self._pixels(_BADGE) / 2, self._pixels((_NAME + _BAR) / 2)
        draw = self._list.create_rectangle if row.color == badge.SQUARE else self._list.create_oval
        draw(center - half, middle - half, center + half, middle + half, fill=ground, width=0)
        self._list.create_text(center, middle, text=row.letter, fill=ink, font=self._small)

    def _text(self, left: float, line: int, words: str, font: Any, color: str) -> None:
        middle = line * self._pixels(_ROW) + self._pixels(_ROW) // 2
        self._list.create_text(self._pixels(left), middle, text=words, anchor="w", font=font, fill=color)

    def _fitting(self, words: str, font: Any, width: float) -> str:
        most = self._pixels(width) - self._pixels(_PAD)
        lengths = range(len(words), 1, -1)
        return next((cut for length in lengths if font.measure(cut := middle_cut(words, length)) <= most), words)

    def _pixels(self, length: float) -> int:
        return round(length * self._scale)
