"""The dialog for an MFA code, its own process: tkinter wants the main thread, which is the tray's.

Reads JSON with `title` and `text` from stdin and prints the code; exits with 1 if the user cancels, with 3 if it cannot
show a window.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from traycreds.ui import tk_theme
from traycreds.ui.dialog_program import CANCELLED, CANNOT_SHOW

DIGITS = 6
_TEXT_WIDTH = 420
"""Pixels at 96 dots an inch."""


def main() -> int:
    """Ask once; returns the exit code."""
    with open(0, "rb", closefd=False) as given:  # a windowed program has no sys.stdin
        question = json.load(given)
    try:
        answer = _ask(str(question["title"]), str(question["text"]))
    except OSError:
        return CANNOT_SHOW
    if answer is None:
        return CANCELLED
    os.write(1, answer.encode())
    return 0


def _ask(title: str, text: str) -> str | None:
    """The typed text; None if the user canceled. Raises OSError: nothing here can show a window."""
    try:
        root = tk_theme.new_window()
    except Exception as error:  # ImportError without the toolkit, TclError without a display
        if sys.platform == "win32":
            from traycreds.ui import mfa_window_windows

            return mfa_window_windows.ask(title, text)
        raise OSError("no toolkit or no display") from error
    return _Window(root, title, text).run()


def why_not(typed: str) -> str:
    """Why the typed text is not a code; empty if it is one."""
    code = "".join(typed.split())
    if code and not (code.isascii() and code.isdigit()):
        return f"Digits only: a code has {DIGITS} digits."
    missing = DIGITS - len(code)
    if missing < 0:
        return f"Too long: a code has {DIGITS} digits."
    return f"{missing} {'digit' if missing == 1 else 'digits'} to go." if missing else ""


class _Window:
    def __init__(self, root: Any, title: str, text: str) -> None:
        from tkinter import ttk

        self._root = root
        self._answer: str | None = None
        frame, pad = tk_theme.form(root, title, rows=2)
        width = round(_TEXT_WIDTH * tk_theme.scale(root))
        lines = ttk.Label(frame, text=text, justify="left", wraplength=width)
        lines.grid(row=0, column=1, columnspan=2, sticky="w")
        self._entry = ttk.Entry(frame, width=12, font=("TkFixedFont", 20), justify="center")
        self._entry.grid(row=1, column=1, columnspan=2, pady=(pad, 0), ipady=3, sticky="we")
        self._why = ttk.Label(frame, text=why_not(""))
        self._why.grid(row=2, column=1, columnspan=2, pady=(pad // 4, pad), sticky="w")
        frame.columnconfigure(1, weight=1)
        ttk.Button(frame, text="Cancel", command=root.destroy).grid(row=3, column=1, padx=(0, pad // 2), sticky="e")
        self._ok = ttk.Button(
            frame, text="OK", command=self._done, default="active", state="disabled", style="Main.TButton"
        )
        self._ok.grid(row=3, column=2, sticky="e")
        self._entry.bind("<KeyRelease>", lambda _: self._judge())
        self._entry.bind("<Control-a>", self._select_all)  # which moves to the line's beginning on X11
        for key in ("<Return>", "<KP_Enter>"):
            root.bind(key, lambda _: self._done())
        root.bind("<Escape>", lambda _: root.destroy())
        root.eval("tk::PlaceWindow . center")

    def run(self) -> str | None:
        """Show it until it is answered; None if the user canceled."""
        self._root.lift()
        self._entry.focus_force()  # the user has just asked for it
        self._root.mainloop()
        return self._answer

    def _judge(self) -> None:
        """Say why OK is disabled, or enable it."""
        why = why_not(self._entry.get())
        self._why.configure(text=why)
        self._ok.configure(state="disabled" if why else "normal")

    def _select_all(self, _event: object) -> str:
        self._entry.select_range(0, "end")
        self._entry.icursor("end")
        return "break"  # skip Tk's own action

    def _code(self) -> str | None:
        typed = self._entry.get()
        return None if why_not(typed) else "".join(typed.split())

    def _done(self) -> None:
        code = self._code()
        if code is not None:
            self._answer = code
            self._root.destroy()
