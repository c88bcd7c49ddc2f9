"""Pages of which a script makes a part: what stands between two marks such as `<!-- bench -->` and `<!-- /bench -->`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from pathlib import Path


def put(text: str, mark: str, made: str) -> str:
    """A page with what was made between its two marks.

    Raises:
        ValueError: the page has no such marks, or more than two.
    """
    between = re.compile(rf"(?<=<!-- {mark} -->\n).*?(?=<!-- /{mark} -->)", re.DOTALL)
    new, count = between.subn(lambda _: made, text)
    if count != 1:
        raise ValueError(f"the page has no two marks of {mark}, or more")
    return new


def main(about: str | None, page: Path, parts: Mapping[str, Callable[[], str]]) -> int:
    """The command of a script that makes parts of a page from the code; returns the exit code.

    Args:
        about: what the script says of itself.
        page: the page, unless the command line names another.
        parts: by their mark, what makes each of them.
    """
    options = argparse.ArgumentParser(description=about)
    options.add_argument("file", type=Path, nargs="?", default=page, help=f"default: docs/{page.name}")
    options.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the page differs")
    chosen = options.parse_args()
    text = new = chosen.file.read_text(encoding="utf-8")
    try:
        for mark, make in parts.items():
            new = put(new, mark, make())
    except ValueError as error:
        options.error(f"{chosen.file}: {error}")
    if new != text and not chosen.check:
        chosen.file.write_text(new, encoding="utf-8")
    return int(chosen.check and new != text)
