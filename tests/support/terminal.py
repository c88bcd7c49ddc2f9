"""traycreds in a terminal of its own, with someone who answers its questions: a pty, or a console of Windows."""

from __future__ import annotations

import codecs
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support import fork_server
from tests.support.wait_until import PATIENCE
from tests.windows.mark import on_wine

CTRL_C = "^C"
END = "\x1a\n" if sys.platform == "win32" else "\x04"
"""What one types to say that nothing more comes."""


_OWN_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Makes it the terminal in which Ctrl-C is heard and which /dev/tty means."""


class Pty:
    """A program in a POSIX terminal."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Start it; `size` is that of the window, in lines and columns.

        A module, `python -m`, is forked with everything imported where that is possible.
        """
        # Windows has no `pty`.
        import pty

        self._ours, theirs = pty.openpty()
        # A character may come in two pieces.
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        if size is not None:
            self.resize(*size)
        self.process = _start(command, environment, folder, theirs)
        os.close(theirs)

    def read(self, seconds: float) -> str | None:
        """What is shown next; nothing if nothing comes, None at the end."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return ""
        try:
            return self._decoder.decode(os.read(self._ours, 4096))
        except OSError:
            # The other end is closed.
            return None

    def resize(self, lines: int, columns: int) -> None:
        """Give the window another size."""
        import fcntl
        import struct
        import termios

        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def write(self, text: str) -> None:
        """Type."""
        os.write(self._ours, text.encode())

    def interrupt(self) -> None:
        """Type Ctrl-C."""
        self.write("\x03")

    def echoes(self) -> bool:
        """Whether what is typed is shown."""
        import termios

        return bool(termios.tcgetattr(self._ours)[3] & termios.ECHO)

    def poll(self) -> int | None:
        """The exit code, once it has ended."""
        return self.process.poll()

    def wait(self, seconds: float) -> int:
        """Wait for its end; returns its exit code."""
        return self.process.wait(seconds)

    def close(self) -> None:
        """Close the terminal."""
        os.close(self._ours)

    def kill(self) -> None:
        """End the program, should it run still."""
        self.process.kill()
        self.process.wait(PATIENCE)


def _start(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None, terminal: int
) -> subprocess.Popen[bytes] | fork_server.ForkedProcess:
    if list(command[:2]) == [sys.executable, "-m"] and fork_server.fits(environment):
        module, *arguments = command[2:]
        return fork_server.start_in_terminal(module, arguments, environment, terminal=terminal, folder=folder)
    return subprocess.Popen(
        [sys.executable, "-c", _OWN_TERMINAL, *command],
        env=environment,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        cwd=folder,
    )


if sys.platform == "win32":
    from tests.windows.pseudoconsole import PseudoConsole

    Terminal = PseudoConsole
else:
    Terminal = Pty


class Typed:
    """`traycreds` in a terminal, with someone who waits for what it says; `message` is what came so far."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self.terminal = Terminal([sys.executable, "-m", "traycreds", *arguments], {"TERM": "dumb", **environment})
        self.output = ""

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until it has said something so many times."""
        end = time.monotonic() + 30
        while self.output.count(text) < times:
            assert time.monotonic() < end, self.output
            piece = self.terminal.read(0.1)
            assert piece is not None, self.output
            self.output += piece

    def type(self, line: str) -> None:
        """Type a line and Enter."""
        self.terminal.write(f"{line}\n")

    def end(self) -> int:
        """Hear it out; returns its exit code."""
        end = time.monotonic() + 30
        # The terminal of Windows does not report its own end.
        while (piece := self.terminal.read(0.1)) is not None:
            assert time.monotonic() < end, self.output
            self.output += piece
        code = self.terminal.wait(PATIENCE)
        self.terminal.close()
        return code


def in_terminal(sandbox, *answers: str, command: tuple[str, ...] = ("import",), **environment: str) -> tuple[str, int]:
    """Run it in a terminal of its own, answering each question; returns what it showed and its exit code.

    The terminal is a plain one, in which lists are asked from line by line.
    """
    environment = {"TERM": "dumb", **environment}
    terminal = Terminal([sys.executable, "-m", "traycreds", *command], sandbox.environment(**environment))
    shown, left = "", list(answers)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and (piece := terminal.read(0.1)) is not None:
        shown += piece
        if piece and left and shown.endswith((": ", "] ")):
            answer = left.pop(0)
            if answer == CTRL_C:
                # A Ctrl+C between prompt and read is only noticed after the read.
                while terminal.poll() is None:
                    terminal.interrupt()
                    if on_wine:
                        # Wine's ReadConsole continues, while that of Windows returns at once.
                        terminal.write("\n")
                    time.sleep(0.05)
            else:
                terminal.write(answer)
    code = terminal.wait(PATIENCE)
    terminal.close()
    return shown.replace("\r\n", "\n"), code
