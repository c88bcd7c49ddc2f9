"""How much memory whatever a test does needs, in our processes and in pytest's own; tests/conftest.py checks it.

A process that is forked with everything imported tells its peak at its end (`note`), one that is killed is asked before
(`note_running`), and all others are watched from outside (`memory_watch`). On other systems than Linux nothing is known.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from unicodedata import unidata_version

from tests.support import memory_watch
from tests.support.wait_until import PATIENCE

MOST = 100 * 1024**2
"""Bytes that an app or a command may need at its peak, and by which a test may have pytest's own process grow."""

_peaks: list[tuple[str, int]] = []


def note(args: Sequence[str], peak: int) -> None:
    """Note what a process has needed at most, in bytes."""
    _peaks.append((" ".join(args), peak))


def note_running(args: Sequence[str], pid: int) -> None:
    """Note what a process that still runs has needed so far; nothing where the system does not tell."""
    if peak := memory_watch.peak_of(pid):
        note(args, peak)


def prepare_characters() -> None:
    """Have Hypothesis keep its table of all characters, where it has none yet, without the 200 MiB for it in a test.

    It is kept in `.hypothesis`, beside the examples that failed; from there it takes next to nothing. Each Python has the
    table of its own Unicode.
    """
    if sys.platform == "linux" and not any(Path(".hypothesis", "unicode_data", unidata_version).glob("codec-*")):
        make = "from hypothesis import strategies; strategies.characters(codec='utf-8').validate()"
        subprocess.run([sys.executable, "-c", make], check=True)


def begin() -> int:
    """A test begins: watch what it starts; returns what this process holds now, in bytes."""
    if sys.platform != "linux":
        return 0
    _watcher()
    # Where this is forbidden, the growth of an earlier test counts for this one.
    with contextlib.suppress(OSError):
        # This resets the peak, see proc_pid_clear_refs(5).
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return memory_watch.peak_of(os.getpid())


def note_growth(before: int) -> None:
    """Note by how much this process has grown at most since `begin`; see `note`."""
    if sys.platform == "linux":
        grown = memory_watch.peak_of(os.getpid()) - before
        note(["pytest's own process, beyond what it held before,"], grown)


def too_much() -> list[str]:
    """The processes that have needed more than they may since this was asked last."""
    if sys.platform == "linux":
        _peaks.extend(read_peaks(_watcher()))
    found = [f"{args} needed {peak // 1024**2} MiB" for args, peak in _peaks if peak > MOST]
    _peaks.clear()
    return found


def start_watcher(most: int) -> subprocess.Popen[bytes]:
    """Watch what this process starts: a line names each one that has ended, or has needed more than `most` bytes."""
    command = [sys.executable, "-m", memory_watch.__name__, str(os.getpid()), str(most)]
    process = subprocess.Popen(
        command, cwd=Path(__file__).parents[2], env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    return process


@functools.cache
def _watcher() -> subprocess.Popen[bytes]:
    process = start_watcher(MOST)

    def end() -> None:
        process.kill()
        process.wait(PATIENCE)

    atexit.register(end)
    return process


def read_peaks(watcher: subprocess.Popen[bytes]) -> list[tuple[str, int]]:
    """The command lines and peaks that a watcher has reported since the last call; one that has ended watches nothing."""
    assert watcher.poll() is None, "nobody watches the memory of processes"
    assert watcher.stdout is not None
    lines = (watcher.stdout.read() or b"").decode(errors="replace").splitlines()
    return [(args, int(peak)) for peak, _, args in (line.partition(" ") for line in lines)]
