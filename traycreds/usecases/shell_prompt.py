"""The user's shell with a role's name in its prompt: what starts it. Pure.

A shell reads its own files first, and those set the prompt. So each gets the name by what comes after them, where it
has such a thing; nothing is written anywhere.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import NamedTuple

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
    """How a shell is started.

    Attributes:
        program: its words.
        variables: what its environment has besides.
    """

    program: tuple[str, ...]
    variables: Mapping[str, str]


def shell_of(environ: Mapping[str, str], role: str, *, windows: bool) -> Shell:
    """The user's shell.

    Args:
        environ: of the user.
        role: whose name is in the prompt.
        windows: whether it is Windows', which names its shell in COMSPEC and none in SHELL.
    """
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
