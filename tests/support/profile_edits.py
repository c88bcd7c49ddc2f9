"""Edits of one profile of a credentials file, as tests make them."""

from __future__ import annotations

from collections.abc import Mapping

from traycreds.awsfiles.ini_edit import edit


def set_profile(text: str, name: str, values: Mapping[str, str]) -> str:
    """Set keys of one profile, which is added if it is not there."""
    return edit(text, sets={name: values})


def remove_profile(text: str, name: str) -> str:
    """Remove one profile whole."""
    return edit(text, sets={}, removes=(name,))
