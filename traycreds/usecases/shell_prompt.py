"""Starts the user's shell with a role's name in its prompt. Pure.

A shell's own files set the prompt, so each shell gets the name in a way that comes after them, without any file.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from traycreds.ui.menu.labels import moment
from traycreds.usecases.shell_variables import ROLE

_BASH = f'PS1="(${ROLE}) $PS1"; '
"""Bash carries this out before it shows the first prompt."""
_FISH = (
    "functions --copy fish_prompt _traycreds_prompt; "
    f'function fish_prompt; echo -n "(${ROLE}) "; _traycreds_prompt; end'
)
_POWERSHELL = (
    "$Global:TraycredsPrompt = $Function:prompt; "
    f'function Global:prompt {{ "($Env:{ROLE}) " + (& $Global:TraycredsPrompt) }}'
)


class Shell(NamedTuple):
    """How to start a shell: its command line, and variables to add."""

    program: tuple[str, ...]
    variables: Mapping[str, str]


def shell_of(environ: Mapping[str, str], role: str, *, windows: bool) -> Shell:
    """The user's shell; Windows names it in COMSPEC instead of SHELL."""
    path = environ.get("SHELL") or (environ.get("COMSPEC", "cmd.exe") if windows else "/bin/sh")
    name = path.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")
    hint = f"({role}) "
    if name == "bash":
        before = environ.get("PROMPT_COMMAND")
        again = "unset PROMPT_COMMAND" if before is None else f"PROMPT_COMMAND={shlex.quote(before)}"
        return Shell((path,), {"PROMPT_COMMAND": f"{_BASH}{again}"})
    if name == "zsh":
        return Shell((path,), {"RPROMPT": f"({role.replace('%', '%%')})"})
    if name == "fish":
        return Shell((path, "--init-command", _FISH), {})
    if name in {"pwsh", "powershell"}:
        return Shell((path, "-NoExit", "-Command", _POWERSHELL), {})
    if name == "cmd":
        return Shell((path,), {"PROMPT": hint + environ.get("PROMPT", "$P$G")})
    return Shell((path,), {"PS1": f"{hint}$ "})


def greeting(role: str, end: datetime | None, now: datetime) -> str:
    """What the user reads before the first prompt; `end` is when the session ends, if that is known."""
    until = "" if end is None else f" until {moment(end, now, None)}"
    return f"This shell is {role}{until}. `exit` leaves it."
