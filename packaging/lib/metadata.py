"""What every package says of the product: names, places and the version.

Version and sentence are read from where they stand, `traycreds/__init__.py` and pyproject.toml. Needs nothing
installed: the build scripts run on a bare Python.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
"""The source tree."""

NAME = "traycreds"
IDENTIFIER = "io.github.traycreds.traycreds"
"""Reverse-DNS name for macOS and AppStream. A place holder until the project has a home: change it before a release."""

PUBLISHER_GUIDS = "traycreds.installer"
"""What the identifiers of the Windows installer are made of. It never changes, so that a version replaces another."""

AUTHORS = "The traycreds authors"
COPYRIGHT = f"Copyright (c) 2026 {AUTHORS}, MIT License"


def _written(file: Path, name: str) -> str:
    """The text that a line `name = "text"` gives."""
    found = re.search(rf'^{name} = "([^"]+)"$', file.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise LookupError(f"{file} gives no {name}")
    return found[1]


def constant(file: Path, name: str) -> Any:
    """The literal that a Python file assigns to a name; importing it would need what it imports."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            return ast.literal_eval(node.value)
    raise LookupError(f"{file} assigns nothing to {name}")


VERSION: str = constant(ROOT / NAME / "__init__.py", "__version__")
APP_ID: str = constant(ROOT / NAME / "desktop" / "windows_app_id.py", "APP_ID")
"""The AppUserModelID of Windows, which the Start menu's shortcut has too."""
SUMMARY = _written(ROOT / "pyproject.toml", "description")
"""One sentence without a full stop, as PyPI shows it."""
DESCRIPTION = SUMMARY[len("A tray app that ") :].capitalize().replace("aws", "AWS")
"""The same as a verb, as package managers want it: no article, under 80 characters."""
