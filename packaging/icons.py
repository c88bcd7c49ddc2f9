"""The app's icon in the form that each platform wants, drawn by `traycreds.ui.icon`: the shield of a fresh session.

`python packaging/icons.py FOLDER` writes them all; needs traycreds and Pillow.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from traycreds.ui.icon import Look, image, svg

NAME = "traycreds"
LOOK = Look.FRESH
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


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the icons of all platforms.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    for file in (*hicolor(folder), ico(folder / f"{NAME}.ico"), icns(folder / f"{NAME}.icns")):
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
