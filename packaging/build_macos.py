"""Builds the macOS app: `python packaging/build_macos.py [--out DIR] [--dry-run]`, on a Mac.

A zip with traycreds.app, licences and SBOM. CODESIGN_IDENTITY names a signing identity; without one the signature is
ad hoc, as PyInstaller makes it, and Gatekeeper asks the user. `--dry-run` runs anywhere: it checks what the build reads
and prints the commands.
"""

from __future__ import annotations

import argparse
import os
import plistlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import product
from workshop import ROOT, Workshop

HERE = ROOT / "packaging" / "macos"
SPEC = HERE / "traycreds.spec"
BUNDLE = "traycreds.app"
AGENT = HERE / f"{product.IDENTIFIER}.plist"


def info(version: str) -> dict[str, Any]:
    """What Info.plist says beyond what PyInstaller writes by itself."""
    return {
        "CFBundleDisplayName": "traycreds",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "LSApplicationCategoryType": "public.app-category.developer-tools",
        "LSMinimumSystemVersion": "11.0",  # the oldest that Pillow's and PyObjC's wheels run on
        "LSUIElement": True,  # the menu bar alone: no icon in the dock, no menu of its own
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": product.COPYRIGHT,
    }


def commands(folder: Path, archive: Path, identity: str | None) -> list[list[str]]:
    """What is run once PyInstaller is done: sign, check, pack."""
    bundle = str(folder / BUNDLE)
    sign = ["codesign", "--force", "--deep", "--timestamp", "--options", "runtime", "--sign", identity or "", bundle]
    return [
        *([sign] if identity else []),
        ["codesign", "--verify", "--deep", "--strict", bundle],
        ["plutil", "-lint", f"{bundle}/Contents/Info.plist"],
        [f"{bundle}/Contents/MacOS/traycreds", "--version"],
        ["ditto", "-c", "-k", "--keepParent", str(folder), str(archive)],
    ]


def check(version: str) -> list[str]:
    """What is wrong with the files that the build reads."""
    faults = []
    try:
        compile(SPEC.read_text(encoding="utf-8"), SPEC.name, "exec")
    except (OSError, SyntaxError) as error:
        faults.append(f"{SPEC}: {error}")
    try:
        agent = plistlib.loads(AGENT.read_bytes())
        if agent["Label"] != product.IDENTIFIER or not agent["RunAtLoad"]:
            faults.append(f"{AGENT}: starts something else, or not at login")
    except (OSError, KeyError, ValueError, plistlib.InvalidFileException) as error:
        faults.append(f"{AGENT}: {error!r}")
    if plistlib.loads(plistlib.dumps(info(version))) != info(version):
        faults.append("Info.plist does not come back as it was written")
    return faults


def build(out: Path, version: str, identity: str | None) -> Path:
    """Build the archive; its path.

    Raises:
        subprocess.CalledProcessError: a step failed.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="traycreds-build-") as scratch:
        shop = Workshop(Path(scratch))
        folder = out / "traycreds"
        shutil.rmtree(folder, ignore_errors=True)
        shop.papers(folder)  # beside the bundle: what is added to it later breaks its signature
        shutil.copytree(shop.freeze(SPEC) / BUNDLE, folder / BUNDLE, symlinks=True)
    archive = _archive(out, version)
    for command in commands(folder, archive, identity):
        subprocess.run(command, check=True)  # noqa: S603 - our own arguments
    return archive


def _archive(out: Path, version: str) -> Path:
    return out / f"traycreds-{version}-macos.zip"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build the macOS app.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="default: dist/")
    parser.add_argument("--dry-run", action="store_true", help="check the files, print the commands, build nothing")
    parsed = parser.parse_args(arguments)
    out, identity = parsed.out.absolute(), os.environ.get("CODESIGN_IDENTITY")
    faults = check(product.VERSION)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return 1
    if parsed.dry_run:
        print("PyInstaller", SPEC)
        print(plistlib.dumps(info(product.VERSION)).decode(), end="")
        for command in commands(out / "traycreds", _archive(out, product.VERSION), identity):
            print(*command)
        return 0
    if sys.platform != "darwin":
        print("A macOS app can be built on a Mac only; --dry-run checks what can be checked here.", file=sys.stderr)
        return 2
    print(build(out, product.VERSION, identity))
    return 0


if __name__ == "__main__":
    sys.exit(main())
