"""The window that asks for an MFA code, where Python has a toolkit."""

from __future__ import annotations

from collections.abc import Callable
from tkinter import ttk
from typing import Any

from traycreds.ui import tk_theme

_TEXT_WIDTH = 420
"""Pixels at 96 dots an inch."""


class MfaWindow:
    """The window: what is asked, a text field, and what is wrong with the typed text."""

    def __init__(self, root: Any, title: str, text: str, why_not: Callable[[str], str]) -> None:
        """Draw it; `run` shows it. `why_not` says why a typed text is not a code; empty if it is one."""
        self._root, self._why_not = root, why_not
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
        # On X11, Tk's own action moves to the beginning of the line.
        self._entry.bind("<Control-a>", self._select_all)
        for key in ("<Return>", "<KP_Enter>"):
            root.bind(key, lambda _: self._done())
        root.bind("<Escape>", lambda _: root.destroy())
        root.eval("tk::PlaceWindow . center")

    def run(self) -> str | None:
        """Show it until it is answered; None if the user canceled."""
        self._root.lift()
        # The user has just asked for this window, so it may take the focus.
        self._entry.focus_force()
        self._root.mainloop()
        return self._answer

    def _judge(self) -> None:
        why = self._why_not(self._entry.get())
        self._why.configure(text=why)
        self._ok.configure(state="disabled" if why else "normal")

    def _select_all(self, _event: object) -> str:
        self._entry.select_range(0, "end")
        self._entry.icursor("end")
        # This skips Tk's own action.
        return "break"

    def _code(self) -> str | None:
        typed = self._entry.get()
        return None if self._why_not(typed) else "".join(typed.split())

    def _done(self) -> None:
        code = self._code()
        if code is not None:
            self._answer = code
            self._root.destroy()
