"""A program that runs below this one, as if it stood in this one's place: it gets the signals, and its end is ours.

Owns which signals are passed on. Never reads or writes what the program does.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType

_BY_KEYBOARD = ("SIGINT", "SIGQUIT")
_BY_OTHERS = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")


def run(program: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program to its end, passing signals on to it.

    Returns:
        Its exit code; less than zero, the signal that it died of.

    Raises:
        OSError: it cannot be run.
    """
    if sys.platform == "win32":
        import shutil  # noqa: PLC0415 - only Windows does not look into the PATH of the new environment

        path = shutil.which(program[0], path=environment.get("PATH"))
        if path is None:
            raise FileNotFoundError(program[0])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the child, which shares the console
        return subprocess.run([path, *program[1:]], env=dict(environment), check=False).returncode  # noqa: S603
    with _passed_on() as signals:
        # What the caller left open is for the program; nothing of Python's own is inherited (PEP 446).
        process = subprocess.Popen(list(program), env=dict(environment), close_fds=False)  # noqa: S603
        signals.reach(process)
        return process.wait()


def end_like(code: int) -> int:
    """End as a program did that returned `code`: of the same signal, or else return its exit code.

    Whoever waits for us can then tell the two apart, as shells do to end a script at Ctrl-C.
    """
    if code >= 0 or sys.platform == "win32":
        return code
    import resource  # noqa: PLC0415 - not on Windows

    number = -code
    sys.stdout.flush()
    with contextlib.suppress(OSError, ValueError):  # one core is enough, and it is not ours
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with contextlib.suppress(OSError, ValueError):  # SIGKILL cannot be set
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number


class _Signals:
    """Passes signals on to a process, also those that came before it was there."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def reach(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        while self._early:
            process.send_signal(self._early.pop(0))

    def take(self, number: int, _: FrameType | None) -> None:
        if self._process is None:
            self._early.append(number)
        elif not (signal.Signals(number).name in _BY_KEYBOARD and _in_foreground()):
            self._process.send_signal(number)


@contextlib.contextmanager
def _passed_on() -> Iterator[_Signals]:
    """Have signals passed on; one that is ignored, as under nohup, stays so for both."""
    signals = _Signals()
    before = {}
    for name in (*_BY_KEYBOARD, *_BY_OTHERS):
        number = getattr(signal, name)
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, signals.take)
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_foreground() -> bool:
    """Whether a key such as Ctrl-C reaches the program without us: the terminal tells the whole process group.

    A second one would mean more to some, as it does to Terraform, which then leaves its state locked.
    """
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
