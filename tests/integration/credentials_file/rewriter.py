"""A program that rewrites a file in two halves all the time: python -m tests.integration.credentials_file.rewriter FILE.

Truncates it, writes the first half, takes 20 ms, and writes the rest; it changes a section of its own, and what others
have put into the file stays. Says when it has begun.
"""

from __future__ import annotations

import itertools
import re
import sys
import time
from pathlib import Path

PAUSE = 0.02
"""Seconds between the two halves, and between two rewrites."""


def rewrite(path: Path, number: int) -> None:
    with path.open("r+", encoding="utf-8", newline="") as file:
        text = re.sub(r"(?<=\ncount = )\d+", str(number), file.read())
        file.seek(0)
        file.truncate()
        file.write(text[: len(text) // 2])
        file.flush()
        time.sleep(PAUSE)
        file.write(text[len(text) // 2 :])


def main() -> None:
    path = Path(sys.argv[1])
    for number in itertools.count():
        rewrite(path, number)
        if number == 0:
            print("begun", flush=True)
        time.sleep(PAUSE)


if __name__ == "__main__":
    main()
