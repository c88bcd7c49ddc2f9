"""Builds the AppImage: `python packaging/build_appimage.py [--app FOLDER] [--appimagetool PROGRAM] [--runtime FILE]`.

Takes the one-folder app of build_linux.py, or builds it first, and has appimagetool pack it: one file that runs without
being installed. FILE is the loader at its front, `runtime-x86_64` of AppImage's type2-runtime; without it appimagetool
takes the one that it brings, or downloads one. SOURCE_DATE_EPOCH gives the time of all files.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import build_deb
import build_linux
from lib import metadata
from lib.environment import Environments, moment
from lib.limits import MIB, MOST_PACKED

ENTRY = metadata.ROOT / "packaging" / "linux" / "traycreds.desktop"


def fill(tree: Path, app: Path, icons: Path, version: str) -> None:
    """Put the app where an AppImage has it, with entry, icon and description at the places where desktops look.

    Args:
        tree: the folder, which becomes the root of the image.
        app: the one-folder app.
        icons: what packaging/docs/icons.py has written.
        version: of the app.
    """
    share = tree / "usr" / "share"
    shutil.copytree(app, tree / "usr" / "lib" / metadata.NAME, symlinks=True)
    # The app's loader looks for its libraries beside the program itself, not beside a link.
    (tree / "AppRun").symlink_to(f"usr/lib/{metadata.NAME}/{metadata.NAME}")
    shutil.copytree(icons / "icons", share / "icons")
    (share / "applications").mkdir()
    shutil.copyfile(ENTRY, share / "applications" / ENTRY.name)
    (share / "metainfo").mkdir()
    description = share / "metainfo" / f"{metadata.IDENTIFIER}.metainfo.xml"
    description.write_text(build_deb.metainfo(version), encoding="utf-8")
    icon = f"usr/share/icons/hicolor/256x256/apps/{metadata.NAME}.png"
    links = {
        ENTRY.name: f"usr/share/applications/{ENTRY.name}",
        f"{metadata.NAME}.png": icon,
        ".DirIcon": icon,
    }
    for name, target in links.items():
        (tree / name).symlink_to(target)
    for path in [*tree.rglob("*"), tree]:
        os.utime(path, (moment(), moment()), follow_symlinks=False)


def pack(tree: Path, image: Path, appimagetool: Path | str, runtime: Path | None) -> None:
    """Have appimagetool check and pack the folder.

    Raises:
        subprocess.CalledProcessError: it failed; it has said why.
    """
    # It looks for a description only under the name of the entry, where appstreamcli finds fault with it.
    command: list[Path | str] = [appimagetool, "--no-appstream"]
    command += [*(("--runtime-file", runtime) if runtime else ()), tree, image]
    # Itself an AppImage, it runs without FUSE too.
    environ = {**os.environ, "ARCH": platform.machine(), "APPIMAGE_EXTRACT_AND_RUN": "1"}
    # It gives the image a time of its own choice, and fails beside another.
    environ.pop("SOURCE_DATE_EPOCH", None)
    subprocess.run(command, check=True, env=environ, stdout=sys.stderr)


def build(app: Path, out: Path, appimagetool: Path | str, runtime: Path | None) -> Path:
    """Build the AppImage from the one-folder app; the file.

    Raises:
        subprocess.CalledProcessError: appimagetool failed, or what came out does not start.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="traycreds-appimage-") as scratch:
        environments = Environments(Path(scratch) / "environments")
        environments.script("docs/icons.py", environments.folder / "icons")
        version = _version(app / metadata.NAME)
        tree = Path(scratch) / "traycreds.AppDir"
        fill(tree, app, environments.folder / "icons", version)
        image = out / f"traycreds-{version}-{platform.machine()}.AppImage"
        pack(tree, image, appimagetool, runtime)
        # Where there is no FUSE, as in most containers, it unpacks itself instead of being mounted.
        _version(image, APPIMAGE_EXTRACT_AND_RUN="1", TMPDIR=scratch)
    return image


def _version(program: Path, **environ: str) -> str:
    command = [str(program), "--version"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **environ})
    return done.stdout.split()[-1]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code: 1 if the image came out too big, 2 if a program or file is not there."""
    parser = argparse.ArgumentParser(description="Build the AppImage.")
    parser.add_argument("--app", type=Path, metavar="FOLDER", help="the one-folder app; built if it is not given")
    parser.add_argument("--appimagetool", default="appimagetool", metavar="PROGRAM", help="default: that of PATH")
    parser.add_argument("--runtime", type=Path, metavar="FILE", help="the loader; default: appimagetool's own")
    parser.add_argument("--out", type=Path, default=metadata.ROOT / "dist", help="default: dist/")
    parsed = parser.parse_args(arguments)
    tool, out = shutil.which(parsed.appimagetool), parsed.out.absolute()
    missing = [parsed.appimagetool] if tool is None else []
    missing += [str(path) for path in (parsed.app, parsed.runtime) if path is not None and not path.exists()]
    if tool is None or missing:
        print(f"not there: {', '.join(missing)}", file=sys.stderr)
        return 2
    app = parsed.app or build_linux.build(out).folder
    image = build(app.absolute(), out, Path(tool).absolute(), parsed.runtime and parsed.runtime.absolute())
    size = image.stat().st_size
    print(f"{image}: {size / MIB:.1f} MiB")
    if size > MOST_PACKED:
        print(f"too much: {size / MIB:.1f} MiB is over {MOST_PACKED // MIB}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
