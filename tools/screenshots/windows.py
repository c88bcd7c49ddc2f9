"""The menu and a notice of Windows, as Wine draws them: `python -m tools.screenshots.windows assets`; needs what tests/windows needs.

Makes windows.png and windows-notice.png from what the test of the tray sees, so that they show what it clicks.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

TEST = "tests/windows/test_tray.py"
PICTURES = {"menu": "windows", "balloon": "windows-notice"}
"""The test's pictures, and what they are called here."""
_TASKBAR, _MARGIN = 20, 24
"""Pixels that Wine's taskbar is high, and that are left around what is shown."""


def take(folder: Path) -> None:
    """Run the test, and cut its pictures to what they show."""
    with tempfile.TemporaryDirectory(prefix="traycreds-screenshots-") as scratch:
        kept = ("--basetemp", f"{scratch}/test", "-o", "tmp_path_retention_policy=all")
        subprocess.run([sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "wine", TEST, *kept], check=True)
        for name, ours in PICTURES.items():
            (path,) = Path(scratch).rglob(f"{name}.png")
            with Image.open(path) as picture:
                _cut(picture.convert("RGB")).save(folder / f"{ours}.png", optimize=True)


def _cut(screen: Image.Image) -> Image.Image:
    """What differs from the plain desktop, with the taskbar below it, to the right edge of the screen."""
    above = screen.crop((0, 0, screen.width, screen.height - _TASKBAR))
    box = ImageChops.difference(above, Image.new("RGB", above.size, above.getpixel((5, 5)))).getbbox()
    assert box is not None, "nothing is on the screen"
    return screen.crop((max(0, box[0] - _MARGIN), max(0, box[1] - _MARGIN), screen.width, screen.height))


if __name__ == "__main__":
    take(Path(sys.argv[1]))
