"""Writes and reads the text of a desktop entry that starts a program. Pure: touches no file.

Rules: freedesktop.org Desktop Entry Specification 1.5, "Possible value types" and "The Exec key".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_ENV = "/usr/bin/env"
_RESERVED = re.compile(r"[\s\"'\\><~|&;$*?#()`]")
"""Characters for which an argument must be quoted."""
_ESCAPED_IN_QUOTES = re.compile(r'(["`$\\])')
_STRING_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_MEANT = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r", "s": " "}


def entry(
    command: Sequence[str], *, name: str, comment: str, icon: str, environment: Mapping[str, str] | None = None
) -> str:
    """An autostart entry for a command; `env` sets the variables, for which entries have no key."""
    variables = [_ENV, *(f"{variable}={value}" for variable, value in environment.items())] if environment else []
    lines = (
        ("Type", "Application"),
        ("Name", name),
        ("Comment", comment),
        ("Icon", icon),
        ("Exec", _escaped(" ".join(_quoted(argument) for argument in (*variables, *command)))),
        # After an uninstall this program is gone, and the desktop then skips the entry silently.
        ("TryExec", _escaped(command[0])),
        ("Terminal", "false"),
        ("StartupNotify", "false"),
        ("X-GNOME-Autostart-enabled", "true"),
    )
    return "[Desktop Entry]\n" + "".join(f"{key}={value}\n" for key, value in lines)


def read(text: str) -> dict[str, str]:
    """The keys of the `[Desktop Entry]` group, their escapes undone."""
    values: dict[str, str] = {}
    inside = False
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            inside = line == "[Desktop Entry]"
        elif inside and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            values[key.strip()] = re.sub(r"\\(.)", lambda match: _MEANT.get(match[1], match[0]), value.strip())
    return values


def arguments(exec_value: str) -> tuple[str, ...]:
    """The arguments of an Exec value, the escapes of its string undone already; field codes are left out."""
    found: list[str] = []
    for quoted, bare in re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"]+)', exec_value):
        text = bare or re.sub(r"\\(.)", r"\1", quoted)
        if not re.fullmatch("%[a-zA-Z]", bare):
            found.append(text.replace("%%", "%"))
    return tuple(found)


def parted(words: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables that `env` sets at the begin of a command, and the command."""
    if tuple(words[:1]) != (_ENV,):
        return {}, tuple(words)
    count = next((place for place, word in enumerate(words) if place and "=" not in word), len(words))
    return dict(word.split("=", 1) for word in words[1:count]), tuple(words[count:])


def _quoted(argument: str) -> str:
    argument = argument.replace("%", "%%")
    if argument and not _RESERVED.search(argument):
        return argument
    return '"' + _ESCAPED_IN_QUOTES.sub(r"\\\1", argument) + '"'


def _escaped(text: str) -> str:
    return "".join(_STRING_ESCAPES.get(sign, sign) for sign in text)
