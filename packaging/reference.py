"""The README's tables of configuration keys, from the code: `python packaging/reference.py README.md`.

With `--check` nothing is written, and the exit code says whether the tables were as they should be.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from traycreds.adapters.configschema import ROLE_KEYS, SETTING_KEYS, Key

BLOCK = re.compile(r"(?<=<!-- configuration -->\n).*?(?=<!-- /configuration -->)", re.DOTALL)


def reference() -> str:
    """Both tables, as Markdown."""
    return f"{_table('[roles.NAME]', ROLE_KEYS)}\n{_table('[settings]', SETTING_KEYS)}"


def _table(heading: str, keys: Mapping[str, Key]) -> str:
    rows = "".join(f"| `{name}` | {key.meaning} |\n" for name, key in keys.items())
    return f"| key of `{heading}` | meaning |\n|---|---|\n{rows}"


def main() -> int:
    """Put the tables where they belong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("readme", type=Path)
    options.add_argument("--check", action="store_true")
    chosen = options.parse_args()
    text = chosen.readme.read_text(encoding="utf-8")
    tables = reference()
    new, count = BLOCK.subn(lambda _: tables, text)
    if count != 1:
        options.error(f"{chosen.readme} has not exactly one block of configuration")
    if not chosen.check:
        chosen.readme.write_text(new, encoding="utf-8")
    return int(chosen.check and new != text)


if __name__ == "__main__":
    raise SystemExit(main())
