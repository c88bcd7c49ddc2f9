"""The question for an MFA code: which device, and which roles."""

from __future__ import annotations

from traycreds.core.text import name_list
from traycreds.core.value_class import value_class

HOW = "Choose Enter MFA code in the menu, or run traycreds once {role}."
"""How the user gives a code to the running app, which has not always a tray."""


@value_class(kw_only=True)
class Question:
    """What to ask the user; `again` says in sentences why a second question follows the first."""

    device: str
    roles: tuple[str, ...]
    again: str = ""

    def text(self, note: str = "") -> str:
        """The question in words, the reason for asking again before it."""
        name = self.device.rpartition("/")[2]
        lines = [f"Code from MFA device {name}, for {name_list(self.roles, most=1)}:"]
        if self.again:
            lines.insert(0, self.again)
        if note:
            lines.insert(0, note)
        return "\n".join(lines)
