"""Asks for one or some of many rows in the terminal, redrawn with prompt_toolkit, else line by line; on stderr."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from traycreds.cli.picker import prompt
from traycreds.cli.picker.prompt import Picks
from traycreds.ui.picker.rows import RoleRow


def stream() -> TextIO | None:
    """The streams for a question and its answer; None without a terminal."""
    if not (sys.stdin and sys.stdin.isatty()):
        return None
    return next((each for each in (sys.stderr, sys.stdout) if each and each.isatty()), None)


def ask(offered: Sequence[RoleRow], what: str, *, several: bool = False, with_actions: bool = False) -> Picks | None:
    """What the user picked; None if nothing, or without a terminal. `with_actions` enables the window's keys."""
    shown = stream()
    if shown is None:
        return None
    if _redraws():
        from traycreds.cli.picker import redrawn_list

        return redrawn_list.ask(offered, what, shown, several=several, with_actions=with_actions)
    return prompt.ask(offered, what, shown, sys.stdin, several=several)


def _redraws() -> bool:
    return os.environ.get("TERM") != "dumb" and importlib.util.find_spec("prompt_toolkit") is not None
