"""What others of this machine see of a test's processes; read from /proc, which Linux has."""

from __future__ import annotations

import threading
from pathlib import Path


class ProcessList:
    """All processes of a home, seen while the `with` lasts: command lines, and variables by command line."""

    def __init__(self, home: Path) -> None:
        self.lines: set[str] = set()
        self.variables: dict[str, str] = {}
        self._mark = f"HOME={home}\0".encode()
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
            for folder in Path("/proc").glob("[0-9]*"):
                try:
                    variables = (folder / "environ").read_bytes()
                    line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                except OSError:  # it has ended meanwhile
                    continue
                if self._mark in variables:
                    self.lines.add(line)
                    self.variables[line] = self.variables.get(line, "") + variables.decode(errors="replace")
