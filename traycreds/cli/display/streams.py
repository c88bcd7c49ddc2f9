"""What the streams of a command can show."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO


def takes_sequences(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal that knows control sequences."""
    if sys.platform == "win32":
        from traycreds.process.windows import console

        return console.takes_sequences(stream)
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def takes_colors(stream: TextIO | None) -> bool:
    """Whether what is printed may have colors: not where NO_COLOR says otherwise (no-color.org), and not in a pipe."""
    return not os.environ.get("NO_COLOR") and takes_sequences(stream)


def width_of(stream: TextIO | None) -> int | None:
    """The columns of a terminal; None where a stream is none, and nothing need be cut."""
    return shutil.get_terminal_size().columns if stream is not None and stream.isatty() else None
