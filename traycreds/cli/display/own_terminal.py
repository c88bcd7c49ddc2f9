"""Keeps the terminal from programs that are started while it is drawn in."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TextIO


def another_stdout() -> TextIO:
    """Another stream to standard output, which stays there while `kept` lasts; on Windows the same one."""
    if sys.platform == "win32":
        return sys.stdout
    return os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors)


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Lead standard output and standard error nowhere, if they are a terminal, so that programs inherit none."""
    if sys.platform == "win32":
        yield
        return
    with contextlib.ExitStack() as put_back:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        put_back.callback(os.close, nowhere)
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and stream.isatty():
                stream.flush()
                saved = os.dup(stream.fileno())
                put_back.callback(os.close, saved)
                put_back.callback(os.dup2, saved, stream.fileno())
                os.dup2(nowhere, stream.fileno())
        yield
