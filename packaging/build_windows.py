"""Builds the Windows app: `python packaging/build_windows.py [--out DIR] [--wine PYTHON] [--dry-run]`.

A zip with traycreds.exe for terminals, traycredsw.exe for the desktop, licences and SBOM. On Windows it freezes the
Python that runs it; on Linux, `--wine` names the python.exe to freeze, and Wine runs it. SIGN_COMMAND is run for each
program before packing, with its path behind it (`signtool sign /a /fd sha256 /tr URL /td sha256`). `--dry-run` runs
anywhere: it checks what the build reads and prints what it would do.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from lib import metadata
from lib.environment import Environments, moment
from lib.limits import BuiltApp, measure_start
from lib.windows_metadata import CONSOLE, version_info
from lib.wine import Drive, WineEnvironments

SPEC = metadata.ROOT / "packaging" / "windows" / "traycreds.spec"
MOST_SECONDS, MOST_SECONDS_BY_WINE = 0.6, 3.0
"""Of `--version`: a virus scanner has its part in it, and Wine's server waits for a processor as well."""
_EARLIEST = 315532800
"""1980, in which time begins for a zip."""


def check(version: str, summary: str) -> list[str]:
    """What is wrong with the files that the build reads."""
    faults = []
    try:
        compile(SPEC.read_text(encoding="utf-8"), SPEC.name, "exec")
        for program in CONSOLE:
            ast.parse(version_info(program, version, summary), mode="eval")
    except (OSError, SyntaxError) as error:
        faults.append(f"{SPEC}: {error}")
    return faults


def build(out: Path, version: str, signer: str | None, wine: Path | None) -> BuiltApp:
    """Build app and archive into a folder, with licence texts and SBOM.

    Args:
        out: the folder.
        version: of the app.
        signer: a command that signs the program whose path is put behind it.
        wine: the python.exe to freeze, by Wine; None for the Python that runs this, on Windows.

    Raises:
        subprocess.CalledProcessError: a step failed, or the app does not start.
    """
    out.mkdir(parents=True, exist_ok=True)
    folder, archive = out / "traycreds", archive_of(out, version)
    with (
        tempfile.TemporaryDirectory(prefix="traycreds-build-") as scratch,
        _made(Path(scratch), wine) as (environments, drive),
    ):
        environments.write_legal_files(environments.folder / "legal")
        made = environments.freeze(SPEC) / "traycreds"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)
        shutil.copytree(environments.folder / "legal", folder, dirs_exist_ok=True)
        for command in signing(folder, signer):
            subprocess.run(command, check=True)
        program = folder / "traycreds.exe"
        built_version, start = measure_start(["wine", program], drive.environ) if drive else measure_start([program])
    pack(folder, archive)
    most = MOST_SECONDS if wine is None else MOST_SECONDS_BY_WINE
    return BuiltApp(folder=folder, archive=archive, version=built_version, start=start, most_seconds=most)


@contextlib.contextmanager
def _made(scratch: Path, wine: Path | None) -> Iterator[tuple[Environments, Drive | None]]:
    if wine is None:
        yield Environments(scratch), None
        return
    with Drive(scratch / "drive") as drive:
        yield WineEnvironments(scratch / "environments", drive, wine), drive


def signing(folder: Path, signer: str | None) -> list[list[str]]:
    """The commands that sign."""
    return [[*shlex.split(signer), str(folder / program)] for program in CONSOLE] if signer else []


def pack(folder: Path, archive: Path) -> None:
    """Pack a folder so that the same files give the same bytes: sorted, and dated SOURCE_DATE_EPOCH or 1980."""
    dated = time.gmtime(max(moment(), _EARLIEST))[:6]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for path in sorted(folder.rglob("*"), key=lambda each: each.relative_to(folder).parts):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), dated)
                entry.compress_type = zipfile.ZIP_DEFLATED
                # With this mode, users can read the file on any system.
                entry.external_attr = 0o644 << 16
                zipped.writestr(entry, path.read_bytes(), compresslevel=9)


def archive_of(out: Path, version: str) -> Path:
    """Where the app is packed."""
    return out / f"traycreds-{version}-windows.zip"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code: 1 if the app came out too big or too slow."""
    parser = argparse.ArgumentParser(description="Build the Windows app.")
    parser.add_argument("--out", type=Path, default=metadata.ROOT / "dist", help="default: dist/")
    parser.add_argument("--wine", type=Path, metavar="PYTHON", help="build on Linux: the python.exe for Wine to run")
    parser.add_argument("--dry-run", action="store_true", help="check the files, print the steps, build nothing")
    parsed = parser.parse_args(arguments)
    out, signer = parsed.out.absolute(), os.environ.get("SIGN_COMMAND")
    faults = check(metadata.VERSION, metadata.SUMMARY)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return 1
    if parsed.dry_run:
        _report(out, signer)
        return 0
    if sys.platform != "win32" and parsed.wine is None:
        print("A Windows app can be built on Windows only, or with --wine; see --help.", file=sys.stderr)
        return 2
    built = build(out, metadata.VERSION, signer, parsed.wine and parsed.wine.absolute())
    print(built.figures())
    for fault in built.faults():
        print(f"too much: {fault}", file=sys.stderr)
    return 1 if built.faults() else 0


def _report(out: Path, signer: str | None) -> None:
    """Print what a build would do."""
    print("PyInstaller", SPEC)
    for program in CONSOLE:
        print(version_info(program, metadata.VERSION, metadata.SUMMARY), end="")
    folder = out / "traycreds"
    for command in [*signing(folder, signer), [str(folder / "traycreds.exe"), "--version"]]:
        print(*command)
    print("zip", archive_of(out, metadata.VERSION))


if __name__ == "__main__":
    sys.exit(main())
