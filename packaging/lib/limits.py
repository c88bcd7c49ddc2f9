"""What came out of a build, and the limits that it must keep."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.platform != "win32":
    import resource

MIB = 1024 * 1024
MOST_UNPACKED = 65 * MIB
MOST_PACKED = 28 * MIB
MOST_SECONDS = 0.2
"""Of the processor, for `--version`: the time that passes says more about what else the machine does."""
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltApp:
    """An app, as a folder and packed.

    Attributes:
        folder: the app.
        archive: the same, packed.
        version: as the app itself says it.
        start: seconds of `--version`, as `measure_start` counts them.
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


def measure_start(program: Sequence[str | Path], environ: dict[str, str] | None = None) -> tuple[str, float]:
    """The version that a program says, and the seconds that `--version` takes: the best of some.

    Seconds of the processor; on Windows, which does not add those of children up, from start to end.

    Raises:
        subprocess.CalledProcessError: it does not start.
    """
    spent = []
    for _ in range(_TRIES):
        begun = _spent()
        done = subprocess.run([*program, "--version"], check=True, capture_output=True, text=True, env=environ)
        spent.append(_spent() - begun)
    return done.stdout.split()[-1], min(spent)


def _spent() -> float:
    """Seconds that our children have had of the processor until now; on Windows, seconds that have passed."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime
    return time.perf_counter()
