"""Splits a command line into a program and its arguments; runs nothing."""

from __future__ import annotations

import shlex
import sys


def split(line: str) -> tuple[str, ...]:
    """The program and its arguments, as this system splits a line. Raises ValueError: an open quote."""
    if sys.platform != "win32":
        return tuple(shlex.split(line))
    found, whole = _taken_apart(line)
    if not whole:
        raise ValueError("a quote is not closed")
    return found


def parted(line: str) -> tuple[str, ...]:
    """The arguments of a Windows command line, as Microsoft's C runtime splits them (the inverse of list2cmdline)."""
    return _taken_apart(line)[0]


def _taken_apart(line: str) -> tuple[tuple[str, ...], bool]:
    found: list[str] = []
    current = ""
    inside = begun = False
    slashes = 0
    for sign in line:
        if sign == "\\":
            slashes += 1
            continue
        if sign == '"':
            current += "\\" * (slashes // 2)
            if slashes % 2:
                current += '"'
            else:
                inside, begun = not inside, True
            slashes = 0
            continue
        current += "\\" * slashes
        slashes = 0
        if sign in " \t" and not inside:
            if current or begun:
                found.append(current)
            current, begun = "", False
        else:
            current += sign
    current += "\\" * slashes
    if current or begun:
        found.append(current)
    return tuple(found), not inside
