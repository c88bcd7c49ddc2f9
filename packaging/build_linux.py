"""Builds the one-folder app for Linux and packs it: `python packaging/build_linux.py [--out DIR]`.

Needs Python 3.10+ with a shared libpython, binutils, and a package index; no root, no display. The app runs on any
Linux with the C library of this machine or a newer one, so build on the oldest that you support.
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workshop import ROOT, Workshop

MIB = 1024 * 1024
MOST_UNPACKED = 65 * MIB
MOST_PACKED = 28 * MIB
MOST_SECONDS = 0.3
"""From exec to exit of `--version`, the best of three: others share the machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What came out.

    Attributes:
        folder: the app.
        archive: the same, packed.
        version: as the app itself says it.
        unpacked: bytes.
        packed: bytes.
        start: seconds of `--version`.
    """

    folder: Path
    archive: Path
    version: str
    unpacked: int
    packed: int
    start: float

    def faults(self) -> list[str]:
        """Which limits it breaks."""
        pairs = (
            (self.unpacked > MOST_UNPACKED, f"{self.unpacked / MIB:.1f} MiB unpacked is over {MOST_UNPACKED // MIB}"),
            (self.packed > MOST_PACKED, f"{self.packed / MIB:.1f} MiB packed is over {MOST_PACKED // MIB}"),
            (self.start > MOST_SECONDS, f"a start of {self.start:.2f} s is over {MOST_SECONDS}"),
        )
        return [text for broken, text in pairs if broken]


def build(out: Path) -> Built:
    """Build app and archive into a folder, with licence texts and SBOM.

    Raises:
        subprocess.CalledProcessError: a step failed, or the app does not start.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="traycreds-build-") as scratch:
        shop = Workshop(Path(scratch))
        shop.papers(shop.folder / "papers")
        made = shop.freeze(ROOT / "packaging" / "traycreds.spec") / "traycreds"
        folder = out / "traycreds"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder, symlinks=True)
        shutil.copytree(shop.folder / "papers", folder, dirs_exist_ok=True)
    version, start = _started(folder / "traycreds")
    archive = out / f"traycreds-{version}-linux-{platform.machine()}.tar.gz"
    pack(folder, archive)
    return Built(
        folder=folder,
        archive=archive,
        version=version,
        unpacked=sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()),
        packed=archive.stat().st_size,
        start=start,
    )


def pack(folder: Path, archive: Path) -> None:
    """Pack a folder so that the same files give the same bytes: sorted, root's, dated SOURCE_DATE_EPOCH or 1970."""
    moment = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = moment
        entry.mode = 0o755 if entry.mode & 0o100 else 0o644
        return entry

    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=moment) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for path in [folder, *sorted(folder.rglob("*"))]:
            tar.add(path, str(path.relative_to(folder.parent)), recursive=False, filter=plain)


def _started(program: Path) -> tuple[str, float]:
    """What `--version` says, and the seconds it takes."""
    spent = []
    for _ in range(3):
        begun = time.perf_counter()
        said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)  # noqa: S603
        spent.append(time.perf_counter() - begun)
    return said.stdout.split()[-1], min(spent)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code: 1 if the app came out too big or too slow."""
    parser = argparse.ArgumentParser(description="Build the one-folder app for Linux.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="default: dist/")
    built = build(parser.parse_args(arguments).out.absolute())
    print(f"{built.folder}: {built.unpacked / MIB:.1f} MiB, --version in {built.start:.2f} s")
    print(f"{built.archive}: {built.packed / MIB:.1f} MiB")
    for fault in built.faults():
        print(f"too much: {fault}", file=sys.stderr)
    return 1 if built.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
