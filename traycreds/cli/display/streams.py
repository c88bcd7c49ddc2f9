"""What a command's output streams can show."""

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
    """Whether to print colors: not with NO_COLOR (no-color.org), and not in a pipe."""
    return not os.environ.get("NO_COLOR") and takes_sequences(stream)


def width_of(stream: TextIO | None) -> int | None:
    """The columns of a terminal; None for other streams, where nothing is cut."""
    return shutil.get_terminal_size().columns if stream is not None and stream.isatty() else None
