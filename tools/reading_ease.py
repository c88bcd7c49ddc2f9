"""Measures how easy README and docs are to read: `python -m tools.reading_ease [FILE...]`; 1 where a page is too hard.

The measure is Flesch reading ease: 60 to 70 is plain English, and below 50 is hard. Only sentences count. Headings,
code, tables and links' addresses are left out, and so is what scripts write between two marks such as `<!-- bench -->`.
"""

from __future__ import annotations

import argparse
import re
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LEAST = 55.0
"""What each page has to reach."""

_MADE = re.compile(r"<!-- (?P<mark>[\w-]+) -->.*?<!-- /(?P=mark) -->", re.DOTALL)
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_LEFT_OUT = re.compile(r"^ *(?:#|\||<|!!!|===).*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_CODE = re.compile(r"`[^`]+`")
_ITEM = re.compile(r"^ *(?:[-*]|\d+\.) +", re.MULTILINE)


def pages() -> list[Path]:
    """README, and every page of docs."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def prose(markdown: str) -> str:
    """The sentences of a Markdown text, a paragraph or list item a line.

    Code within a sentence becomes one short word, since nobody reads a path aloud.
    """
    text = _FENCE.sub("\n", _MADE.sub("\n", markdown))
    text = _IMAGE.sub("", _LEFT_OUT.sub("\n", text))
    text = _LINK.sub(r"\1", text)
    text = _CODE.sub("code", text).replace("*", "")
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", _ITEM.sub("\n\n", text)))
    return "\n".join(block if block[-1] in ".:;?!" else f"{block}." for block in blocks if block)


def ease(markdown: str) -> float | None:
    """The Flesch reading ease of a Markdown text, or None: it has no sentence."""
    with warnings.catch_warnings():
        # The dependencies of textstat warn when they are imported.
        warnings.simplefilter("ignore")
        import textstat

    text = prose(markdown)
    return float(textstat.flesch_reading_ease(text)) if text else None


def main() -> int:
    """Print each page with its figure; return the exit code."""
    options = argparse.ArgumentParser(prog="python -m tools.reading_ease", description=__doc__)
    options.add_argument("file", type=Path, nargs="*", help="default: README.md and all of docs")
    options.add_argument("--prose", action="store_true", help="print the sentences that count, and measure nothing")
    chosen = options.parse_args()
    hard = 0
    for path in chosen.file or pages():
        text = path.read_text(encoding="utf-8")
        if chosen.prose:
            print(prose(text))
            continue
        found = ease(text)
        too_hard = found is not None and found < LEAST
        hard += too_hard
        shown = "no prose" if found is None else f"{found:.0f}"
        print(f"{shown:>8}  {path}{f'  (below {LEAST:.0f})' if too_hard else ''}")
    return int(hard > 0)


if __name__ == "__main__":
    raise SystemExit(main())
