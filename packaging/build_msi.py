"""Packs the Windows app as an installer: `python packaging/build_msi.py [--app FOLDER] [--out DIR]`, on Linux.

Takes the folder that build_windows.py makes. Needs Debian's packages wixl and msitools.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lib import metadata, windows_installer
from lib.windows_metadata import CONSOLE

_WIXL, _MSIBUILD = "wixl", "msibuild"


def installer_of(out: Path, version: str) -> Path:
    """Where the installer goes."""
    return out / f"traycreds-{version}-windows.msi"


def build(app: Path, out: Path, version: str) -> Path:
    """Make the installer of an app folder. Raises subprocess.CalledProcessError: a program of the two failed."""
    out.mkdir(parents=True, exist_ok=True)
    installer = installer_of(out, version)
    with tempfile.TemporaryDirectory(prefix="traycreds-msi-") as scratch:
        source, made = Path(scratch) / "traycreds.wxs", Path(scratch) / "traycreds.msi"
        source.write_text(windows_installer.source(app, version, metadata.SUMMARY), encoding="utf-8")
        subprocess.run([_WIXL, "--arch", "x64", "--output", made, source], cwd=app, check=True)
        for name, table in windows_installer.tables().items():
            (Path(scratch) / f"{name}.idt").write_text(table, encoding="utf-8", newline="")
            subprocess.run([_MSIBUILD, made, "-i", Path(scratch) / f"{name}.idt"], check=True)
        for action, place in windows_installer.ACTIONS.items():
            row = f"INTO `InstallExecuteSequence` (`Action`, `Sequence`) VALUES ('{action}', {place})"
            subprocess.run([_MSIBUILD, made, "-q", f"INSERT {row}"], check=True)
        shutil.copyfile(made, installer)
    return installer


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Pack the Windows app as an installer.")
    dist = metadata.ROOT / "dist"
    parser.add_argument("--app", type=Path, default=dist / "traycreds", help="default: dist/traycreds")
    parser.add_argument("--out", type=Path, default=dist, help="default: dist/")
    parsed = parser.parse_args(arguments)
    missing = [name for name in (_WIXL, _MSIBUILD) if shutil.which(name) is None]
    if missing:
        print(f"{' and '.join(missing)} cannot be found: sudo apt-get install wixl msitools", file=sys.stderr)
        return 2
    if not all((parsed.app / program).is_file() for program in CONSOLE):
        print(f"{parsed.app} is no Windows app: run packaging/build_windows.py first.", file=sys.stderr)
        return 2
    print(build(parsed.app.absolute(), parsed.out.absolute(), metadata.VERSION))
    return 0


if __name__ == "__main__":
    sys.exit(main())
