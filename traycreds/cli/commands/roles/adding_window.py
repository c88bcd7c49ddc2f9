"""The process of the window that adds a role: no command, since only the app starts it.

Reads a JSON object with `config` from stdin, and prints the name of the role that it has added, or what is wrong with
the files. Writes as `traycreds add` does.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from traycreds.core.errors import ConfigError, UsageError
from traycreds.importers.new_role import NewRole
from traycreds.ui.dialog_program import CANCELLED, CANNOT_SHOW, REFUSED, given
from traycreds.ui.new_role.form import Form
from traycreds.usecases.options import Options

_NOTE = "The menu will list only configured roles. Those in ~/.aws/config are left out until you import them."


def main() -> int:
    """Ask once; returns the exit code."""
    question = json.loads(given())
    try:
        adds = ConfiguredRoles(NewRole(Options(config=Path(question["config"]))))
    except ConfigError as error:
        os.write(1, json.dumps({"sentence": error.sentence, "hint": error.hint}).encode())
        return REFUSED
    try:
        from traycreds.ui import tk_theme
        from traycreds.ui.new_role.window import NewRoleWindow

        window = NewRoleWindow(tk_theme.new_window(), adds)
    except Exception:  # noqa: BLE001 - without the toolkit or a display, or with a toolkit that is too old
        return CANNOT_SHOW
    name = window.run()
    if name is None:
        return CANCELLED
    os.write(1, name.encode())
    return 0


class ConfiguredRoles:
    """Our configuration, as the window adds to it."""

    def __init__(self, new: NewRole) -> None:
        """Take what judges a role and writes it."""
        self._new = new
        self.sources = new.sources
        self.note = _NOTE if new.offered_now else ""

    def suggest_name(self, role: str) -> str:
        """What a role can be called."""
        return self._new.suggest_name(role)

    def why_not(self, filled: Form) -> str:
        """What is wrong, and what to do; empty if nothing is."""
        try:
            for key in ("role_arn", "source_profile", "mfa_serial"):
                if (value := filled.table.get(key)) is not None:
                    self._new.check_value(key, str(value))
            self._new.check(filled.name, filled.table)
        except (UsageError, ConfigError) as error:
            return f"{error.sentence} {error.hint}"
        return ""

    def add(self, filled: Form) -> None:
        """Append it to our configuration, whose every other byte stays. Raises ConfigError: the file is unchanged."""
        self._new.add(filled.name, filled.table)
