"""What others of this machine see of a test's processes; read from /proc, which Linux has."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path


def runs(pid: int) -> bool:
    """Whether a process is there, and has not ended."""
    return _read(Path(f"/proc/{pid}/stat")).rpartition(b")")[2].split()[:1] not in ([], [b"Z"])


def command_lines(variable: str | None = None) -> dict[int, str]:
    """The command lines by pid: of all processes, or of those with a variable in their environment.

    Args:
        variable: its name and value, as in HOME=/root.
    """
    return {pid: line for pid, line, variables in _processes() if variable is None or _has(variables, variable)}


_HOLD = """\
import os, sys, time

line, end = " ".join(sys.orig_argv), time.monotonic() + 20
for part, gate in {gates!r}:
    while part in line and not os.path.exists(gate) and time.monotonic() < end:
        time.sleep(0.01)
"""


def hold_until_seen(folder: Path, parts: Iterable[str]) -> dict[str, Path]:
    """Have Python programs wait at their start until a ProcessList with these gates has seen them; others do not wait.

    Args:
        folder: one that is in their PYTHONPATH.
        parts: of their command lines.
    """
    gates = {part: folder / f"seen-{number}" for number, part in enumerate(parts)}
    (folder / "sitecustomize.py").write_text(_HOLD.format(gates=[(part, str(gate)) for part, gate in gates.items()]))
    return gates


class ProcessList:
    """All processes of a home, seen while the `with` lasts: command lines, and variables by command line."""

    def __init__(self, home: Path, *, gates: dict[str, Path] | None = None) -> None:
        """Begin with none.

        Args:
            home: whose processes are looked for.
            gates: files to make once a command line with such a part is seen: short processes wait for them.
        """
        self.lines: set[str] = set()
        self.variables: dict[str, str] = {}
        self._home = f"HOME={home}"
        self._gates = gates or {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.03):
            for _, line, variables in _processes():
                if _has(variables, self._home):
                    self.lines.add(line)
                    for part in [part for part in self._gates if part in line]:
                        self._gates.pop(part).touch()
                    self.variables[line] = self.variables.get(line, "") + variables.decode(errors="replace")


def _processes() -> Iterator[tuple[int, str, bytes]]:
    """Pid, command line and variables; not of one that becomes another program in between, whose variables are its own."""
    for folder in Path("/proc").glob("[0-9]*"):
        words, variables = _read(folder / "cmdline"), _read(folder / "environ")
        if words == _read(folder / "cmdline"):
            yield int(folder.name), words.replace(b"\0", b" ").decode(errors="replace").strip(), variables


def _has(variables: bytes, variable: str) -> bool:
    return variable.encode() in variables.split(b"\0")


def _read(file: Path) -> bytes:
    """A file of a process; nothing once that has ended, or where it is someone else's."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
