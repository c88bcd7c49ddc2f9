"""What every package says of the product: names, places, the version, and no more.

The version is that of `traycreds/__init__.py`, the sentence is that of pyproject.toml: nothing is written down twice.
"""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import traycreds

ROOT = Path(__file__).resolve().parent.parent
"""The source tree."""

HERE = ROOT / "packaging"
NAME = "traycreds"

IDENTIFIER = "io.github.traycreds.traycreds"
"""Reverse-DNS name for macOS and AppStream. A place holder until the project has a home: change it before a release."""

AUTHORS = "The traycreds authors"
COPYRIGHT = "Copyright (c) 2026 The traycreds authors, MIT License"
VERSION = traycreds.__version__


def summary() -> str:
    """One sentence without a full stop, as PyPI shows it."""
    return importlib.metadata.metadata(NAME)["Summary"]


def numbers() -> tuple[int, int, int, int]:
    """The version as Windows has it: four numbers; what follows them (`rc1`, `.dev0`) has no place there."""
    release = VERSION.split("+")[0].split(".")[:3]
    found = [int("".join(digit for digit in part if digit.isdigit()) or 0) for part in release]
    major, minor, patch = [*found, 0, 0, 0][:3]
    return major, minor, patch, 0
