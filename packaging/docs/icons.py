"""The app's icon in each platform's form, drawn by `traycreds.ui.icon.drawing`: the shield of a fresh session.

`python packaging/docs/icons.py FOLDER` writes them all; needs traycreds and Pillow. With `--drawn` it draws again what
the tray on Linux shows, and the SVG files of assets/: to be done whenever a drawing changes, which tests ask for.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

from traycreds.ui.icon import drawing, pixmaps
from traycreds.ui.icon.drawing import image, svg
from traycreds.ui.icon.look import Look, Theme

NAME = "traycreds"
LOOK = Look.FRESH
ASSETS = Path(__file__).parents[2] / "assets"
HICOLOR = (16, 22, 24, 32, 48, 64, 128, 256)
ICO = (16, 20, 24, 32, 40, 48, 64, 128, 256)
"""Windows shows 16 and 32 at 100 %, 20 and 40 at 125 %, 24 and 48 at 150 %."""
ICNS = (32, 64, 128, 256, 512, 1024)
"""Pixels: 16 to 512 points on a screen of double density; macOS makes the others from these."""


def hicolor(share: Path) -> list[Path]:
    """The freedesktop icon theme's tree below `share`/icons; the files."""
    theme = share / "icons" / "hicolor"
    files = []
    for size in HICOLOR:
        files.append(theme / f"{size}x{size}" / "apps" / f"{NAME}.png")
        files[-1].parent.mkdir(parents=True, exist_ok=True)
        image(LOOK, size).save(files[-1], optimize=True)
    files.append(theme / "scalable" / "apps" / f"{NAME}.svg")
    files[-1].parent.mkdir(parents=True, exist_ok=True)
    files[-1].write_text(svg(LOOK), encoding="utf-8")
    return files


def ico(target: Path) -> Path:
    """The icon file of Windows; every size is drawn, none is scaled."""
    largest, *others = [image(LOOK, size) for size in reversed(ICO)]
    largest.save(target, sizes=[(size, size) for size in ICO], append_images=others)
    return target


def icns(target: Path) -> Path:
    """The icon file of macOS; every size is drawn, none is scaled."""
    largest, *others = [image(LOOK, size) for size in reversed(ICNS)]
    largest.save(target, append_images=others)
    return target


def drawn() -> list[Path]:
    """What the tray on Linux shows, a file for each look, and each look as SVG; the files."""
    pixmaps.FOLDER.mkdir(exist_ok=True)
    files = []
    for each in pixmaps.EVERY:
        files.append(pixmaps.file(*each))
        files[-1].write_bytes(zlib.compress(b"".join(data for _, _, data in drawing.pixmaps(*each)), 9))
    for look, theme in itertools.product(Look, Theme):
        files.append(ASSETS / drawing.svg_name(look, theme))
        files[-1].write_text(svg(look, theme), encoding="utf-8")
    return files


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the icons of all platforms.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("folder", type=Path, nargs="?")
    where.add_argument("--drawn", action="store_true", help="write those of the sources instead")
    parsed = parser.parse_args(arguments)
    if parsed.drawn:
        files = drawn()
    else:
        folder = parsed.folder
        folder.mkdir(parents=True, exist_ok=True)
        files = [*hicolor(folder), ico(folder / f"{NAME}.ico"), icns(folder / f"{NAME}.icns")]
    for file in files:
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
