"""Builds the one-folder app for Linux and packs it: `python packaging/build_linux.py [--out DIR]`.

Needs Python 3.10+ with a shared libpython, binutils, and a package index; no root, no display. The app runs on any
Linux with the C library of this machine or a newer one, so build on the oldest that you support.
"""

from __future__ import annotations

import argparse
import gzip
import platform
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lib import metadata
from lib.environment import Environments, moment
from lib.limits import BuiltApp, measure_start


def build(out: Path) -> BuiltApp:
    """Build app and archive into a folder, with licence texts and SBOM.

    Raises:
        subprocess.CalledProcessError: a step failed, or the app does not start.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="traycreds-build-") as scratch:
        environments = Environments(Path(scratch))
        environments.write_legal_files(environments.folder / "legal")
        made = environments.freeze(metadata.ROOT / "packaging" / "linux" / "traycreds.spec") / "traycreds"
        folder = out / "traycreds"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder, symlinks=True)
        shutil.copytree(environments.folder / "legal", folder, dirs_exist_ok=True)
    version, start = measure_start([folder / "traycreds"])
    archive = out / f"traycreds-{version}-linux-{platform.machine()}.tar.gz"
    pack(folder, archive)
    return BuiltApp(folder=folder, archive=archive, version=version, start=start)


def pack(folder: Path, archive: Path) -> None:
    """Pack a folder so that the same files give the same bytes: sorted, root's, dated SOURCE_DATE_EPOCH or 1970."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = moment()
        entry.mode = 0o755 if entry.mode & 0o100 else 0o644
        return entry

    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=moment()) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        for path in [folder, *sorted(folder.rglob("*"))]:
            tar.add(path, str(path.relative_to(folder.parent)), recursive=False, filter=plain)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code: 1 if the app came out too big or too slow."""
    parser = argparse.ArgumentParser(description="Build the one-folder app for Linux.")
    parser.add_argument("--out", type=Path, default=metadata.ROOT / "dist", help="default: dist/")
    built = build(parser.parse_args(arguments).out.absolute())
    print(built.figures())
    for fault in built.faults():
        print(f"too much: {fault}", file=sys.stderr)
    return 1 if built.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
