"""Builds the Windows app: `python packaging/build_windows.py [--out DIR] [--dry-run]`, on Windows.

A zip with traycreds.exe for terminals, traycredsw.exe for the desktop, licences and SBOM. SIGN_COMMAND is run for each
program before packing, with its path behind it (`signtool sign /a /fd sha256 /tr URL /td sha256`). `--dry-run` runs
anywhere: it checks what the build reads and prints what it would do.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import product
from workshop import ROOT, Workshop

HERE = ROOT / "packaging" / "windows"
SPEC = HERE / "traycreds.spec"
PROGRAMS = ("traycreds.exe", "traycredsw.exe")
_LANGUAGE, _UNICODE = 1033, 1200
"""English (United States) and UTF-16; `040904B0` is the same in hexadecimal."""


def numbers(version: str) -> tuple[int, int, int, int]:
    """A version as Windows has it: four numbers; what comes before or after a release (`rc1`, `.dev0`) has no place."""
    found = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", version)
    major, minor, patch = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return major, minor, patch, 0


def version_info(program: str, version: str, summary: str) -> str:
    """What Explorer shows in a program's properties, in PyInstaller's form (VS_VERSIONINFO as a Python expression)."""
    strings = {
        "CompanyName": product.AUTHORS,
        "FileDescription": summary,  # the Task Manager shows this as the name
        "FileVersion": version,
        "InternalName": "traycreds",
        "LegalCopyright": product.COPYRIGHT,
        "OriginalFilename": program,
        "ProductName": "traycreds",
        "ProductVersion": version,
    }
    table = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in strings.items())
    four = numbers(version)
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={four}, prodvers={four}, mask=0x3f, flags=0x0, OS=0x40004, "
        "fileType=0x1, subtype=0x0, date=(0, 0)), kids=["
        f"StringFileInfo([StringTable('{_LANGUAGE:04X}{_UNICODE:04X}', [{table}])]), "
        f"VarFileInfo([VarStruct('Translation', [{_LANGUAGE}, {_UNICODE}])])])\n"
    )


def check(version: str, summary: str) -> list[str]:
    """What is wrong with the files that the build reads."""
    faults = []
    try:
        compile(SPEC.read_text(encoding="utf-8"), SPEC.name, "exec")
        for program in PROGRAMS:
            ast.parse(version_info(program, version, summary), mode="eval")
    except (OSError, SyntaxError) as error:
        faults.append(f"{SPEC}: {error}")
    return faults


def build(out: Path, version: str, signer: str | None) -> Path:
    """Build the archive; its path.

    Raises:
        subprocess.CalledProcessError: a step failed, or the app does not start.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="traycreds-build-") as scratch:
        shop = Workshop(Path(scratch))
        folder = out / "traycreds"
        shutil.rmtree(folder, ignore_errors=True)
        shop.papers(folder)
        shutil.copytree(shop.freeze(SPEC) / "traycreds", folder, dirs_exist_ok=True)
    for command in commands(folder, signer):
        subprocess.run(command, check=True)  # noqa: S603 - the user's own command and our programs
    return Path(shutil.make_archive(str(_archive(out, version).with_suffix("")), "zip", out, "traycreds"))


def commands(folder: Path, signer: str | None) -> list[list[str]]:
    """What is run once PyInstaller is done: sign, try."""
    signing = [[*shlex.split(signer), str(folder / program)] for program in PROGRAMS] if signer else []
    return [*signing, [str(folder / PROGRAMS[0]), "--version"]]


def _archive(out: Path, version: str) -> Path:
    return out / f"traycreds-{version}-windows.zip"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build the Windows app.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="default: dist/")
    parser.add_argument("--dry-run", action="store_true", help="check the files, print the steps, build nothing")
    parsed = parser.parse_args(arguments)
    out, signer = parsed.out.absolute(), os.environ.get("SIGN_COMMAND")
    faults = check(product.VERSION, product.SUMMARY)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return 1
    if parsed.dry_run:
        print("PyInstaller", SPEC)
        for program in PROGRAMS:
            print(version_info(program, product.VERSION, product.SUMMARY), end="")
        for command in commands(out / "traycreds", signer):
            print(*command)
        print("zip", _archive(out, product.VERSION))
        return 0
    if sys.platform != "win32":
        print("A Windows app can be built on Windows only; --dry-run checks what can be checked here.", file=sys.stderr)
        return 2
    print(build(out, product.VERSION, signer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
