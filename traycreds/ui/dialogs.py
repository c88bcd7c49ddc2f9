"""The dialog that asks for an MFA code, a process of its own: tkinter wants the main thread, which is the tray's.

Reads a JSON object with `title` and `text` from stdin and prints what was typed; exits with 1 when the user cancels and
with 3 when it cannot show a window. Knows nothing of AWS and nothing of the rest of the app.
"""

from __future__ import annotations

import json
import os
from typing import Any

CANCELLED = 1
CANNOT_SHOW = 3
DIGITS = 6
_PAD = 12


def main() -> int:
    """Ask once; returns the exit code."""
    with open(0, "rb", closefd=False) as given:  # a windowed program has no sys.stdin
        question = json.load(given)
    try:
        import tkinter as tk  # noqa: PLC0415 - optional: Debian has it in a package of its own

        root = tk.Tk()
    except Exception:  # noqa: BLE001 - ImportError without the toolkit, TclError without a display
        return CANNOT_SHOW
    answer = _Window(root, str(question["title"]), str(question["text"])).run()
    if answer is None:
        return CANCELLED
    os.write(1, answer.encode())
    return 0


class _Window:
    def __init__(self, root: Any, title: str, text: str) -> None:
        from tkinter import ttk  # noqa: PLC0415

        self._root = root
        self._answer: str | None = None
        root.title(title)
        root.resizable(width=False, height=False)
        frame = ttk.Frame(root, padding=_PAD)
        frame.grid()
        ttk.Label(frame, text=text, justify="left", wraplength=420).grid(columnspan=2, sticky="w")
        self._entry = ttk.Entry(frame, width=16, font=("TkFixedFont", 16), justify="center")
        self._entry.grid(columnspan=2, pady=_PAD, sticky="we")
        ttk.Button(frame, text="Cancel", command=root.destroy).grid(row=2, column=0, sticky="w")
        self._ok = ttk.Button(frame, text="OK", command=self._done, default="active", state="disabled")
        self._ok.grid(row=2, column=1, sticky="e")
        self._entry.bind("<KeyRelease>", lambda _: self._ok.configure(state="normal" if self._code() else "disabled"))
        for key in ("<Return>", "<KP_Enter>"):
            root.bind(key, lambda _: self._done())
        root.bind("<Escape>", lambda _: root.destroy())
        root.eval("tk::PlaceWindow . center")

    def run(self) -> str | None:
        """Show it until it is answered; None when the user cancelled."""
        self._root.lift()
        self._entry.focus_force()  # the user has just asked for it
        self._root.mainloop()
        return self._answer

    def _code(self) -> str | None:
        digits = "".join(self._entry.get().split())
        return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else None

    def _done(self) -> None:
        code = self._code()
        if code is not None:
            self._answer = code
            self._root.destroy()
