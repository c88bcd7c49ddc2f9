"""Quotes words of commands that hints tell to type, for sh, or for PowerShell and cmd alike."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

_PLAIN_ON_WINDOWS = re.compile(r"--?[A-Za-z][A-Za-z-]*|(?=.*[A-Za-z0-9])[A-Za-z0-9_%+=:./\\][A-Za-z0-9_@%+=:./\\-]*")
"""Options, and words that are not signs alone: PowerShell takes those for operators."""


def shell_line(words: Sequence[str], *, windows: bool = sys.platform == "win32") -> str:
    """A command with its arguments, to be typed in a terminal: for sh, or for PowerShell and cmd alike."""
    return " ".join(shell_word(word, windows=windows) for word in words)


def shell_word(word: str, *, windows: bool = sys.platform == "win32") -> str:
    """One word of a command to be typed; in PowerShell alone some words can be had in single quotes only."""
    if windows:
        if _PLAIN_ON_WINDOWS.fullmatch(word):
            return word
        if not re.search('["$`\u201c\u201d\u201e]', word):
            return f'"{word}"'
        # PowerShell takes all of these for single quotes, so double each.
        return "'" + re.sub("['\u2018\u2019\u201a\u201b]", r"\g<0>\g<0>", word) + "'"
    return word if re.fullmatch("[A-Za-z0-9_@%+=:,./-]+", word) else "'" + word.replace("'", "'\"'\"'") + "'"
