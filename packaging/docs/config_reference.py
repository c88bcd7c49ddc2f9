"""Writes the tables of configuration keys into docs/configuration.md, from the code.

Run it as `python packaging/docs/config_reference.py`. With `--check` nothing is written; the exit code is 1 if a table
differs from the code.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tools.marked_page import main
from traycreds.config.schema import TABLES, ConfigKey

FILE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"


def reference() -> str:
    """All tables, as Markdown."""
    return "\n".join(_table(heading, keys) for heading, keys in TABLES.items())


def _table(heading: str, keys: Mapping[str, ConfigKey]) -> str:
    rows = "".join(f"| `{name}` | {key.meaning} |\n" for name, key in keys.items())
    return f"| key of `{heading}` | meaning |\n|---|---|\n{rows}"


if __name__ == "__main__":
    raise SystemExit(main(__doc__, FILE, {"configuration": reference}))
