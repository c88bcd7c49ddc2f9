"""Records a Screen: pictures with the pointer drawn in, kept as an animated PNG that shows each as long as it is worth."""

from __future__ import annotations

import time
from pathlib import Path

from PIL import Image, ImageDraw

from tests.desktop.x11 import Screen

_ARROW = ((0, 0), (0, 16), (4, 12), (7, 19), (10, 18), (7, 11), (12, 11))
_STEPS = 6


class Recording:
    """What is seen of a screen in one corner of it.

    Args:
        screen: the screen.
        box: left, top, right and bottom of what is recorded.
    """

    def __init__(self, screen: Screen, box: tuple[int, int, int, int]) -> None:
        self._screen = screen
        self._box = box
        self._frames: list[Image.Image] = []
        self._spans: list[int] = []
        self._at = (box[0] + (box[2] - box[0]) // 2, box[3] - 40)
        screen.xdotool("mousemove", *map(str, self._at))

    def hold(self, seconds: float) -> None:
        """A picture of the present moment, to be seen that long."""
        picture = self._screen.picture("recording").crop(self._box)
        x, y = self._at[0] - self._box[0], self._at[1] - self._box[1]
        pen = ImageDraw.Draw(picture)
        pen.polygon([(x + dx, y + dy) for dx, dy in _ARROW], fill="black", outline="white")
        self._add(picture, round(seconds * 1000))

    def watch(self, seconds: float, every: float = 0.5) -> None:
        """As it happens, for so long."""
        end = time.monotonic() + seconds
        while (begun := time.monotonic()) < end:
            self.hold(every)
            time.sleep(max(0.0, every - (time.monotonic() - begun)))

    def move(self, x: int, y: int) -> None:
        """Move the pointer there, seen on its way."""
        from_x, from_y = self._at
        for step in range(1, _STEPS + 1):
            self._at = (from_x + (x - from_x) * step // _STEPS, from_y + (y - from_y) * step // _STEPS)
            self._screen.xdotool("mousemove", *map(str, self._at))
            self.hold(0.06)

    def click(self, x: int, y: int) -> None:
        """Move there and click."""
        self.move(x, y)
        self._screen.click(x, y)
        time.sleep(0.4)

    def save(self, path: Path) -> None:
        """Write it in full colour; each picture holds only what differs from the one before."""
        first, *others = self._frames
        first.save(path, save_all=True, append_images=others, duration=self._spans, loop=0, optimize=True)

    def _add(self, picture: Image.Image, milliseconds: int) -> None:
        if self._frames and self._frames[-1].tobytes() == picture.tobytes():
            self._spans[-1] += milliseconds
            return
        self._frames.append(picture)
        self._spans.append(milliseconds)
