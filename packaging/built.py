"""What came out of a build, and the limits that it must keep."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MIB = 1024 * 1024
MOST_UNPACKED = 65 * MIB
MOST_PACKED = 28 * MIB
MOST_SECONDS = 0.3
"""From exec to exit of `--version`, the best of some: others share the machine."""
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """An app, as a folder and packed.

    Attributes:
        folder: the app.
        archive: the same, packed.
        version: as the app itself says it.
        start: seconds of `--version`.
        most_seconds: the limit of it.
    """

    folder: Path
    archive: Path
    version: str
    start: float
    most_seconds: float = MOST_SECONDS

    @property
    def unpacked(self) -> int:
        """Bytes of the folder."""
        return sum(path.lstat().st_size for path in self.folder.rglob("*") if not path.is_dir())

    @property
    def packed(self) -> int:
        """Bytes of the archive."""
        return self.archive.stat().st_size

    def faults(self) -> list[str]:
        """Which limits it breaks."""
        pairs = (
            (self.unpacked > MOST_UNPACKED, f"{self.unpacked / MIB:.1f} MiB unpacked is over {MOST_UNPACKED // MIB}"),
            (self.packed > MOST_PACKED, f"{self.packed / MIB:.1f} MiB packed is over {MOST_PACKED // MIB}"),
            (self.start > self.most_seconds, f"a start of {self.start:.2f} s is over {self.most_seconds}"),
        )
        return [text for broken, text in pairs if broken]

    def figures(self) -> str:
        """What the build prints at its end."""
        return (
            f"{self.folder}: {self.unpacked / MIB:.1f} MiB, --version in {self.start:.2f} s\n"
            f"{self.archive}: {self.packed / MIB:.1f} MiB"
        )


def started(program: Sequence[str | Path], environ: dict[str, str] | None = None) -> tuple[str, float]:
    """The version that a program says, and the seconds that `--version` takes.

    Raises:
        subprocess.CalledProcessError: it does not start.
    """
    spent = []
    for _ in range(_TRIES):
        begun = time.perf_counter()
        said = subprocess.run(  # noqa: S603 - our program
            [*program, "--version"], check=True, capture_output=True, text=True, env=environ
        )
        spent.append(time.perf_counter() - begun)
    return said.stdout.split()[-1], min(spent)
