"""Runs a program that the user configured and takes its output, limited in time and size; quotes none of it.

The end of the program counts, not that of its pipes, which a background process may keep open.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from traycreds.core.errors import TraycredsError
from traycreds.core.value_class import field, value_class
from traycreds.process import environment, spawn
from traycreds.process.group import Group, options_of_own, start

if sys.platform == "win32":
    import _winapi
    import msvcrt

LIMIT = 1024 * 1024
"""Bytes that a program may print; credentials are some thousand."""
_PIECE = 65536
_STEP = 0.05
"""Seconds between two checks whether the program has ended while its pipes stay open."""


class OverdueError(TraycredsError):
    """The program took too long and was ended."""


class ChattyError(TraycredsError):
    """The program printed too much and was ended."""


@value_class
class Finished:
    """A program that ended by itself; `errors` is its stderr, if asked for."""

    code: int
    output: bytes = field(repr=False)
    errors: bytes = field(repr=False)


def run(
    program: Sequence[str] | str,
    *,
    seconds: float,
    name: str | None = None,
    errors: bool = False,
    stdin: int | None = subprocess.DEVNULL,
    more: Mapping[str, str] | None = None,
    apart: bool = False,
) -> Finished:
    """Run a program to its end; on Windows it may be a whole line.

    After `seconds` it and all it started are killed. `more` is added to its environment, which has no credentials of
    this process. `apart` detaches it from our terminal, which an interactive shell would take over.

    Raises OverdueError: too slow. Raises ChattyError: more output than LIMIT. Raises OSError: cannot be run.
    """
    name = name or PurePath(program if isinstance(program, str) else program[0]).name
    own, options = options_of_own(apart=apart)
    with start():
        process = spawn.started(
            program,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if errors else subprocess.DEVNULL,
            env=environment.for_program(more),
            **options,
        )
        group = Group(process, own=own)
    pipes = [Pipe(file) for file in (process.stdout, process.stderr) if file is not None]
    left = False
    try:
        follow(process, pipes, name, time.monotonic() + seconds, seconds)
        left = any(pipe.open for pipe in pipes)
    except BaseException:
        group.end_and_reap()
        raise
    finally:
        for pipe in pipes:
            pipe.close()
        group.let_go(until_quit=left)
    return Finished(process.returncode, bytes(pipes[0].data), bytes(pipes[1].data) if errors else b"")


def follow(process: subprocess.Popen[bytes], pipes: Sequence[Pipe], name: str, deadline: float, seconds: float) -> None:
    """Read until the program has ended, by `deadline`. Raises OverdueError, ChattyError: see `run`."""
    while True:
        # Check this before reading, as all output of an ended program is in the pipe by then.
        ended = process.poll() is not None
        for pipe in pipes:
            pipe.drain()
            if len(pipe.data) > LIMIT:
                hint = "Run its command in a terminal, and make it print only what is needed."
                raise ChattyError(
                    f"traycreds stopped {name} because it printed more than {LIMIT // 1024**2} MiB.", hint
                )
        if ended:
            return
        left = deadline - time.monotonic()
        if left <= 0:
            hint = "Run its command in a terminal, and make it faster."
            raise OverdueError(f"traycreds stopped {name} because it took more than {seconds:.0f} seconds.", hint)
        _pause(process, pipes, min(left, _STEP))


class Pipe:
    """What comes out of one pipe, without blocking; `open`: someone can still write."""

    def __init__(self, file: Any) -> None:
        """Take hold of our end of a pipe."""
        self._file = file
        self.data = bytearray()
        self.open = True
        if sys.platform != "win32":
            os.set_blocking(self.fileno(), False)

    def fileno(self) -> int:
        """Its number."""
        return int(self._file.fileno())

    def drain(self) -> None:
        """Read what has arrived, up to a piece beyond LIMIT."""
        while self.open and len(self.data) <= LIMIT:
            piece = self._piece()
            if piece is None:
                return
            self.open = bool(piece)
            self.data += piece

    def close(self) -> None:
        """Release it."""
        self._file.close()

    def _piece(self) -> bytes | None:
        """The next bytes, empty at the end; None if there is nothing to read now."""
        try:
            if sys.platform == "win32" and not _waiting(self.fileno()):
                return None
            return os.read(self.fileno(), _PIECE)
        except BlockingIOError:
            return None
        except BrokenPipeError:
            # Windows raises this once nobody can write to the pipe.
            return b""


def _waiting(descriptor: int) -> int:
    """How many bytes wait in a pipe of Windows. Raises BrokenPipeError: nobody can write to it."""
    if sys.platform == "win32":
        available, *_ = _winapi.PeekNamedPipe(msvcrt.get_osfhandle(descriptor), 0)
        return int(available)
    return 0


def _pause(process: subprocess.Popen[bytes], pipes: Sequence[Pipe], seconds: float) -> None:
    reading = [pipe.fileno() for pipe in pipes if pipe.open]
    if sys.platform == "win32" or not reading:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return
    poll = select.poll()
    for descriptor in reading:
        poll.register(descriptor, select.POLLIN)
    poll.poll(seconds * 1000)
