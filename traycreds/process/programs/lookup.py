"""Finds the programs that a user names, and says what keeps a command from being run; no shell takes part in it."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence
from typing import NamedTuple

from traycreds.core.errors import TraycredsError
from traycreds.core.text import printable
from traycreds.process import command_line
from traycreds.process.programs import login_path
from traycreds.shell.quoting import shell_line, shell_word

_SIGNS = frozenset({"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1", "2>/dev/null", ">/dev/null"})
"""Words that mean something to a shell alone."""
_QUOTED = re.compile(r"\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)

_USUAL = (
    "~/.local/bin",
    "~/bin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/snap/bin",
    "~/go/bin",
    "~/.cargo/bin",
    "~/.asdf/shims",
    "~/.pyenv/shims",
    "~/.local/share/mise/shims",
    "~/.nix-profile/bin",
)
"""Folders of programs that a terminal finds."""


class ProgramError(TraycredsError):
    """A program that a setting names cannot be run, or not this way."""


class NotOnPathError(ProgramError):
    """A program that is named without its place is on no PATH that was searched."""


class Found(NamedTuple):
    """A program with its arguments, ready to start, and variables to add."""

    words: list[str]
    more: dict[str, str]


def found(program: Sequence[str]) -> Found:
    """The program's full path, with the login shell's PATH if only that finds it."""
    name = program[0]
    if is_path(name) or sys.platform == "win32" or shutil.which(name) is not None:
        return Found(list(program), {})
    path = login_path.of_this_process.get()
    whole = shutil.which(name, path=path) if path else None
    return Found(list(program), {}) if whole is None or path is None else Found([whole, *program[1:]], {"PATH": path})


def error_of(name: str, setting: str, error: OSError) -> ProgramError:
    """Why the program `name` of a setting cannot be run, and what to do."""
    named = f"{printable(name)}, which {setting} names,"
    if name.startswith("~"):
        whole = os.path.expanduser(name)  # noqa: PTH111 - a text, not a path
        hint = f"Write {printable(_written(whole, setting))}."
        return ProgramError(f"{named} begins with ~, which only a shell understands.", hint)
    if is_path(name) and os.path.isdir(name):  # noqa: PTH112 - a path would raise for a name that is too long
        hint = f"Name the program in it: fix {setting}."
        return ProgramError(f"{named} is a folder.", hint)
    if is_path(name) or not isinstance(error, FileNotFoundError):
        why = (error.strerror or type(error).__name__).lower()
        return ProgramError(f"{named} cannot be run: {why}.", f"Fix {setting}, or give its full path.")
    where = "the PATH of traycreds"
    if login_path.of_this_process.get() is not None:
        where += " or of your login shell"
    return NotOnPathError(f"{named} is not on {where}.", _whole_path(name, setting))


def form_fault(command: str, setting: str) -> ProgramError | None:
    """Why a command cannot be split into a program and its arguments."""
    try:
        words = command_line.split(command)
    except ValueError:
        return open_quote(setting)
    return None if words and words[0] else no_program(setting)


def open_quote(setting: str) -> ProgramError:
    """What is wrong with a command that cannot be split."""
    return ProgramError(f"{setting} has a quote that is not closed.", "Close the quote, or remove it.")


def no_program(setting: str) -> ProgramError:
    """What is wrong with a command that is empty, or begins with an empty word."""
    return ProgramError(f"{setting} names no program.", "Write the program and its arguments, or remove the line.")


def shell_fault(words: Sequence[str], setting: str) -> ProgramError | None:
    """What in a command means something to a shell alone, which does not run it."""
    if len(words) > 1 and (assignment := re.match(r"[A-Za-z_]\w*=", words[0])):
        return _shell_error(assignment[0], setting)
    return _shell_error(next((word for word in words[1:] if word in _SIGNS), None), setting)


def line_fault(command: str, setting: str) -> ProgramError | None:
    """The same for a whole line, where no space need separate it; a single & may be in a URL."""
    if (fault := shell_fault(command_line.split(command), setting)) is not None:
        return fault
    sign = re.search(r"[|`]|&&|\$\(|;(?=\s|$)|(?<!\S)\$(\w+|{\w+})(?=/|\s|$)", re.sub(_QUOTED, "", command))
    return _shell_error(sign and sign[0], setting)


def _shell_error(sign: str | None, setting: str) -> ProgramError | None:
    if sign is None or sys.platform == "win32":
        return None
    hint = "Have a shell run it: write sh -c '...' with the whole command in the quotes."
    return ProgramError(f"{setting} uses {sign}, which only a shell understands.", hint)


def program_fault(name: str, setting: str) -> ProgramError | None:
    """Why this process cannot find a program, on a PATH or at its place."""
    if shutil.which(name) is not None or (not is_path(name) and found([name]).more):
        return None
    is_there = os.path.isfile(name)  # noqa: PTH113 - a path would raise for a name that is too long
    error = PermissionError(13, "Permission denied") if is_there else FileNotFoundError(2, "No such file")
    return error_of(name, setting, error)


def is_path(name: str) -> bool:
    """Whether a program is named by its place, so that no PATH is searched."""
    return "/" in name or (sys.platform == "win32" and ("\\" in name or ":" in name))


def _written(path: str, setting: str) -> str:
    """A path as a setting takes it: hooks and browsers are lists of words, other commands lines that blanks part."""
    return path if setting.startswith("on_") or setting.endswith("browser") else shell_word(path)


def _whole_path(name: str, setting: str) -> str:
    usual = os.pathsep.join(map(os.path.expanduser, _USUAL))
    whole = shutil.which(name, path=usual)
    if whole is not None:
        return full_path_hint(whole, setting)
    ask = shell_line(("where.exe", name) if sys.platform == "win32" else ("command", "-v", name))
    return f"Write its full path. To print it, run this in a terminal that finds the program: {ask}"


def full_path_hint(whole: str, setting: str) -> str:
    """What to do if a program is not on some PATH."""
    return f"Write its full path: {_written(whole, setting)}"
