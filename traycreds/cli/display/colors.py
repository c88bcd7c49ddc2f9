"""The colors of states. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from traycreds.core.snapshot import RoleView, Status

Paint: TypeAlias = Callable[[str, str], str]
"""Gives a text a style: one of STYLES."""

STYLES: Mapping[str, str] = {
    "head": "1",
    "good": "32",
    "busy": "36",
    "warning": "33",
    "bad": "31",
    "off": "2",
}
"""By their names, parameters of the sequence SGR (ECMA-48): sixteen colors, whose tones are the user's own."""
_OF_STATUS: Mapping[Status, str] = {
    Status.FRESH: "good",
    Status.REFRESHING: "busy",
    Status.EXPIRING: "warning",
    Status.EXPIRED: "bad",
    Status.FAILED: "bad",
    Status.OFF: "off",
}


def plain(text: str, _style: str) -> str:
    """No style at all."""
    return text


def painted(text: str, style: str) -> str:
    """A text in a style, and no style after it."""
    return f"\x1b[{STYLES[style]}m{text}\x1b[0m" if text else text


def of_role(view: RoleView) -> str:
    """The style of a role's state."""
    failing = view.error is not None and _OF_STATUS[view.status] == "good"
    return "warning" if failing or view.waits_for_user else _OF_STATUS[view.status]
