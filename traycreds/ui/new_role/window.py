"""The window that adds a role: fields, what is wrong with them, and a button that works once nothing is.

Runs in its own process, as the dialog for MFA codes does, since tkinter wants the main thread.
"""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk
from typing import Any, Protocol

from traycreds.core.errors import TraycredsError
from traycreds.ui import check_box, tk_theme
from traycreds.ui.new_role import form
from traycreds.ui.new_role.form import Form

TITLE = "Add role - traycreds"
ADD = "Add"
_WIDTH = 400
"""Pixels at 96 dots an inch: the space around, the picture, a line of text."""
_MESSAGE_LINES = 3
_FIELDS = (
    ("account", "Account"),
    ("role", "Role"),
    ("source_profile", "Source profile"),
    ("mfa_serial", "MFA device (if it asks for one)"),
    ("name", "Short name"),
)


class Adds(Protocol):
    """Judges a role, and adds it."""

    @property
    def sources(self) -> Sequence[str]:
        """The profiles that are offered as the source."""
        ...

    @property
    def note(self) -> str:
        """What adding it changes besides; may be empty."""
        ...

    def suggest_name(self, role: str) -> str:
        """What a role can be called."""
        ...

    def why_not(self, filled: Form) -> str:
        """What is wrong, and what to do; empty if nothing is."""
        ...

    def add(self, filled: Form) -> None:
        """Add it; may raise TraycredsError."""
        ...


class NewRoleWindow:
    """The window."""

    def __init__(self, root: Any, adds: Adds) -> None:
        """Draw it; `run` shows it."""
        self._root, self._adds = root, adds
        self._added: str | None = None
        self._suggested = ""
        frame, pad = tk_theme.form(root, TITLE, rows=len(_FIELDS))
        self._values = {key: tk.StringVar(root) for key, _ in _FIELDS}
        self._keep = tk.BooleanVar(root, value=True)
        self._entries: dict[str, Any] = {}
        for row, (key, label) in enumerate(_FIELDS):
            ttk.Label(frame, text=label).grid(row=row, column=1, padx=(0, pad), pady=pad // 4, sticky="w")
            make = ttk.Combobox if key == "source_profile" else ttk.Entry
            entry = make(frame, width=34, textvariable=self._values[key])
            entry.grid(row=row, column=2, pady=pad // 4, sticky="we")
            # On X11, Tk's own action moves to the beginning of the line.
            entry.bind("<Control-a>", _select_all)
            if key in {"account", "role"}:
                entry.bind("<FocusOut>", self._leaving(key))
            self._entries[key] = entry
        self._entries["source_profile"].configure(values=list(adds.sources))
        check_box.dress(root)
        keep = ttk.Checkbutton(frame, text="Keep alive", variable=self._keep)
        keep.grid(row=len(_FIELDS), column=2, pady=pad // 4, sticky="w")
        width = round(_WIDTH * tk_theme.scale(root))
        if adds.note:
            note = ttk.Label(frame, text=adds.note, justify="left", wraplength=width)
            note.grid(row=6, column=1, columnspan=2, pady=(pad, 0), sticky="w")
        self._why = ttk.Label(frame, justify="left", wraplength=width)
        self._why.grid(row=7, column=1, columnspan=2, pady=(pad, 0), sticky="nw")
        line = int(root.tk.call("font", "metrics", "TkDefaultFont", "-linespace"))
        # Reserve space for a message, so that the buttons stay where they are.
        frame.rowconfigure(7, minsize=line * _MESSAGE_LINES + pad)
        buttons = ttk.Frame(frame)
        buttons.grid(row=8, column=1, columnspan=2, pady=(pad // 2, 0), sticky="e")
        cancel = ttk.Button(buttons, text="Cancel", command=root.destroy)
        cancel.grid(padx=(0, pad // 2))
        cancel.bind("<Return>", self._cancelled)
        self._ok = ttk.Button(buttons, text=ADD, command=self._done, default="active", style="Main.TButton")
        self._ok.grid(row=0, column=1)
        for key in ("<Return>", "<KP_Enter>"):
            root.bind(key, lambda _: self._done())
        root.bind("<Escape>", lambda _: root.destroy())
        if len(adds.sources) == 1:
            self._values["source_profile"].set(adds.sources[0])
        for key, value in self._values.items():
            value.trace_add("write", self._changing(key))
        self._judge()
        root.eval("tk::PlaceWindow . center")

    def run(self) -> str | None:
        """Show it until a role is added, and give its name; None when the user closed it."""
        self._root.lift()
        # The user has just asked for this window, so it may take the focus.
        self._entries["account"].focus_force()
        self._root.mainloop()
        return self._added

    def _leaving(self, key: str) -> Callable[[object], None]:
        return lambda _event: self._take_apart(key)

    def _cancelled(self, _event: object) -> str:
        self._root.destroy()
        # Otherwise the window gets the key as well, and Enter would add the role.
        return "break"

    def _changing(self, key: str) -> Callable[..., None]:
        return lambda *_: self._changed(key)

    def _changed(self, key: str) -> None:
        if key in {"account", "role"} and self._values["name"].get() == self._suggested:
            role = self._form().role_name
            self._suggested = self._adds.suggest_name(role) if role else ""
            self._values["name"].set(self._suggested)
        self._judge()

    def _take_apart(self, key: str) -> None:
        """Put account and role of a whole ARN into their fields, once its field is left: it may have been typed."""
        if (found := form.parts(self._values[key].get())) is not None:
            self._values["account"].set(found[0])
            self._values["role"].set(found[1])

    def _form(self) -> Form:
        return Form(**{key: value.get().strip() for key, value in self._values.items()}, keep=self._keep.get())

    def _judge(self) -> str:
        filled = self._form()
        why = filled.missing() or self._adds.why_not(filled)
        self._why.configure(text=why)
        self._ok.configure(state="disabled" if why else "normal")
        return why

    def _done(self) -> None:
        if self._judge():
            return
        filled = self._form()
        try:
            self._adds.add(filled)
        except TraycredsError as error:
            self._why.configure(text=f"{error.sentence} {error.hint}")
            return
        self._added = filled.name
        self._root.destroy()


def _select_all(event: Any) -> str:
    event.widget.select_range(0, "end")
    event.widget.icursor("end")
    # This skips Tk's own action.
    return "break"
