"""Builds the macOS app: `python packaging/build_macos.py [--out DIR] [--dry-run]`, on a Mac.

A zip with traycreds.app, licences and SBOM, for both kinds of Mac if the Python that runs this is for both, as
python.org's is. CODESIGN_IDENTITY names a signing identity; without one the signature is ad hoc, as PyInstaller makes
it, and Gatekeeper asks the user. NOTARY_PROFILE names what `xcrun notarytool store-credentials` has stored: Apple's
notary then looks at the app, and its ticket is stapled to it. `--dry-run` runs anywhere: it checks what the build reads
and prints the commands.
"""

from __future__ import annotations

import argparse
import os
import platform
import plistlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib import metadata
from lib.environment import Environments

HERE = metadata.ROOT / "packaging" / "macos"
SPEC = HERE / "traycreds.spec"
BUNDLE = "traycreds.app"
AGENT = HERE / f"{metadata.IDENTIFIER}.plist"
ENTITLEMENTS = HERE / "entitlements.plist"
UNIVERSAL = "universal2"
"""For processors of Apple and Intel alike."""


def architecture() -> str:
    """What the app is built for: what the Python is for that runs this."""
    return UNIVERSAL if sysconfig.get_platform().endswith(UNIVERSAL) else platform.machine()


def identity() -> str | None:
    """The signing identity that PyInstaller signs every binary with; None for an ad-hoc signature."""
    return os.environ.get("CODESIGN_IDENTITY") or None


def info(version: str) -> dict[str, Any]:
    """What Info.plist says beyond what PyInstaller writes by itself."""
    return {
        "CFBundleDisplayName": "traycreds",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "LSApplicationCategoryType": "public.app-category.developer-tools",
        # The wheels of Pillow and PyObjC do not run on older versions.
        "LSMinimumSystemVersion": "11.0",
        # The app has no icon in the dock and no menu of its own.
        "LSUIElement": True,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": metadata.COPYRIGHT,
    }


def commands(folder: Path, archive: Path, notary: str | None) -> list[list[str]]:
    """What is run once PyInstaller is done: check, pack, and, with a notary's profile, notarize, staple and pack again.

    PyInstaller has signed: each binary by itself, then the bundle.
    """
    bundle = str(folder / BUNDLE)
    pack = ["ditto", "-c", "-k", "--keepParent", str(folder), str(archive)]
    notarizing = [
        ["xcrun", "notarytool", "submit", str(archive), "--keychain-profile", notary or "", "--wait"],
        ["xcrun", "stapler", "staple", bundle],
        ["spctl", "--assess", "--type", "execute", "--verbose", bundle],
        pack,
    ]
    return [
        ["codesign", "--verify", "--deep", "--strict", bundle],
        ["plutil", "-lint", f"{bundle}/Contents/Info.plist"],
        [f"{bundle}/Contents/MacOS/traycreds", "--version"],
        pack,
        *(notarizing if notary else []),
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
        if agent["Label"] != metadata.IDENTIFIER or not agent["RunAtLoad"]:
            faults.append(f"{AGENT}: starts something else, or not at login")
    except (OSError, KeyError, ValueError, plistlib.InvalidFileException) as error:
        faults.append(f"{AGENT}: {error!r}")
    try:
        plistlib.loads(ENTITLEMENTS.read_bytes())
    except (OSError, ValueError, plistlib.InvalidFileException) as error:
        faults.append(f"{ENTITLEMENTS}: {error!r}")
    if plistlib.loads(plistlib.dumps(info(version))) != info(version):
        faults.append("Info.plist does not come back as it was written")
    return faults


def build(out: Path, version: str, notary: str | None) -> Path:
    """Build the archive; its path.

    Raises:
        subprocess.CalledProcessError: a step failed.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="traycreds-build-") as scratch:
        environments = Environments(Path(scratch), universal=architecture() == UNIVERSAL)
        folder = out / "traycreds"
        shutil.rmtree(folder, ignore_errors=True)
        # These files are beside the bundle, since adding them to it later would break its signature.
        environments.write_legal_files(folder)
        shutil.copytree(environments.freeze(SPEC) / BUNDLE, folder / BUNDLE, symlinks=True)
    archive = archive_of(out, version, architecture())
    for command in commands(folder, archive, notary):
        subprocess.run(command, check=True)
    return archive


def archive_of(out: Path, version: str, processor: str) -> Path:
    """Where the app is packed; the name says for which Macs it is, unless it is for all."""
    return out / f"traycreds-{version}-macos{'' if processor == UNIVERSAL else f'-{processor}'}.zip"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build the macOS app.")
    parser.add_argument("--out", type=Path, default=metadata.ROOT / "dist", help="default: dist/")
    parser.add_argument("--dry-run", action="store_true", help="check the files, print the commands, build nothing")
    parsed = parser.parse_args(arguments)
    out, notary = parsed.out.absolute(), os.environ.get("NOTARY_PROFILE")
    faults = check(metadata.VERSION)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return 1
    if parsed.dry_run:
        print("PyInstaller", SPEC, architecture(), identity() or "signed ad hoc")
        print(plistlib.dumps(info(metadata.VERSION)).decode(), end="")
        for command in commands(out / "traycreds", archive_of(out, metadata.VERSION, architecture()), notary):
            print(*command)
        return 0
    if sys.platform != "darwin":
        print("A macOS app can be built on a Mac only; --dry-run checks what can be checked here.", file=sys.stderr)
        return 2
    print(build(out, metadata.VERSION, notary))
    return 0


if __name__ == "__main__":
    sys.exit(main())
