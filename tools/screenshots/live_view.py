"""The live view in a terminal, recorded: `python -m tools.screenshots.live_view assets`; needs prompt_toolkit and a font.

Makes live-view.png, an animated PNG, live-view-light.png as a light terminal shows it, and live-view.cast of the same
(asciinema's format, version 2). `... live_view assets --from-cast` draws the pictures of the cast that is there.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyte
from PIL import Image, ImageDraw, ImageFont

from tests.support.terminal import Pty

LINES, COLUMNS = 16, 88
_CELL = (8, 17)
_EDGE = 10
_FONT = "DejaVu Sans Mono"
_DARK = {
    "ground": "#1d1f21",
    "default": "#d7d9d6",
    "green": "#98c379",
    "cyan": "#56b6c2",
    "brown": "#e5c07b",
    "red": "#e06c75",
    "brightblack": "#8a8f98",
}
"""By pyte's names; brown is ANSI's yellow."""
_LIGHT = {
    "ground": "#fafafa",
    "default": "#383a42",
    "green": "#2f7d32",
    "cyan": "#0b7285",
    "brown": "#8a5a00",
    "red": "#c62828",
    "brightblack": "#6b7078",
}
_DOWN, _ENTER, _ESCAPE = "\x1b[B", "\r", "\x1b"
_SCENE = (
    (1.5, ""),
    (1.2, _DOWN),
    (2.0, "u"),
    (1.0, _DOWN),
    (2.0, "r"),
    (0.5, "/"),
    *((0.25, letter) for letter in "prod"),
    (1.5, ""),
    (1.5, _ENTER),
    (1.0, _ESCAPE),
)
"""What is pressed once all sessions are there, and for how many seconds it is then watched."""
_LEAST_SECONDS = 0.3
"""Of a picture; what comes sooner is one with it."""


def take(folder: Path) -> None:
    """Record it."""
    events = _record()
    header = {"version": 2, "width": COLUMNS, "height": LINES, "title": "traycreds demo --no-tray"}
    lines = [json.dumps(header), *(json.dumps([round(at, 3), "o", text]) for at, text in events)]
    (folder / "live-view.cast").write_text("\n".join(lines) + "\n", encoding="utf-8")
    draw(folder)


def draw(folder: Path) -> None:
    """Draw the pictures of the recording in a folder."""
    lines = (folder / "live-view.cast").read_text(encoding="utf-8").splitlines()[1:]
    events = [(at, text) for at, _, text in map(json.loads, lines)]
    _save(events, folder / "live-view.png", _DARK)
    _save(events, folder / "live-view-light.png", _LIGHT)


def _save(events: list[tuple[float, str]], path: Path, colors: dict[str, str]) -> None:
    """Draw the events; each picture holds only what differs from the one before."""
    (_, first), *others = pictures = _pictures(events, colors)
    spans = [span for span, _ in pictures]
    later = [picture for _, picture in others]
    first.save(path, save_all=True, append_images=later, duration=spans, loop=0, optimize=True)


def _record() -> list[tuple[float, str]]:
    """What the demo writes to a terminal, with its time; the view alone."""
    with tempfile.TemporaryDirectory(prefix="traycreds-screenshots-") as home:
        environment = {"HOME": home, "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        command = [sys.executable, "-m", "traycreds", "demo", "--no-tray"]
        terminal = Pty(command, environment, size=(LINES, COLUMNS))
        recording = _Recording(terminal)
        recording.watch_until("3 roles fresh")
        recording.start_over()
        for seconds, keys in _SCENE:
            terminal.write(keys)
            recording.watch(seconds)
        recording.watch_until("next try at")
        recording.watch(4)
        terminal.write("q")
        terminal.wait(10)
        terminal.close()
    return recording.events


class _Recording:
    """What a terminal shows from the first frame of the view on."""

    def __init__(self, terminal: Pty) -> None:
        self._terminal = terminal
        self._begun: float | None = None
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.Stream(self._screen)
        self.events: list[tuple[float, str]] = []

    def watch(self, seconds: float) -> None:
        """Record it for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._take(self._terminal.read(left))

    def watch_until(self, text: str) -> None:
        """Record it until a text is seen."""
        while not any(text in line for line in self._screen.display):
            self._take(self._terminal.read(60))

    def start_over(self) -> None:
        """Let the recording begin with what the terminal shows now, so that its first picture stands alone."""
        self.events = [(0.0, "".join(text for _, text in self.events))]
        self._begun = time.monotonic()

    def _take(self, text: str | None) -> None:
        assert text is not None, "the demo has ended"
        if self._begun is None:
            _, began, view = text.partition("\x1b[?1049h")
            if not began:
                return
            text, self._begun = began + view, time.monotonic()
        if text:
            self._stream.feed(text)
            self.events.append((time.monotonic() - self._begun, text))


def _pictures(events: list[tuple[float, str]], colors: dict[str, str]) -> list[tuple[int, Image.Image]]:
    """Each picture, with its milliseconds."""
    font = ImageFont.truetype(_font_file(), 13)
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.Stream(screen)
    pictures: list[tuple[int, Image.Image]] = []
    ends = [at for at, _ in events[1:]] + [events[-1][0] + 4]
    waited = 0.0
    for (at, text), end in zip(events, ends, strict=True):
        stream.feed(text)
        waited += end - at
        if waited >= _LEAST_SECONDS:
            pictures.append((round(waited * 1000), _drawn(screen, font, colors)))
            waited = 0.0
    return pictures


def _drawn(screen: pyte.Screen, font: ImageFont.FreeTypeFont, colors: dict[str, str]) -> Image.Image:
    width, height = _CELL
    plain = colors["ground"]
    picture = Image.new("RGB", (COLUMNS * width + 2 * _EDGE, LINES * height + 2 * _EDGE), plain)
    pen = ImageDraw.Draw(picture)
    for line in range(LINES):
        for column in range(COLUMNS):
            cell = screen.buffer[line][column]
            ink, ground = colors.get(cell.fg, colors["default"]), plain
            if cell.reverse:
                ink, ground = ground, ink
            x, y = _EDGE + column * width, _EDGE + line * height
            if ground != plain:
                pen.rectangle((x, y, x + width - 1, y + height - 1), fill=ground)
            if cell.data.strip():
                pen.text((x, y + 1), cell.data, font=font, fill=ink, stroke_width=0.3 if cell.bold else 0)
    return picture


def _font_file() -> str:
    """The file of the font."""
    found = subprocess.run(["fc-match", "-f", "%{family}:%{file}", _FONT], check=True, capture_output=True, text=True)
    family, _, file = found.stdout.partition(":")
    if family != _FONT:
        sys.exit("Pictures need: sudo apt-get install -y fonts-dejavu-core")
    return file


if __name__ == "__main__":
    (draw if "--from-cast" in sys.argv else take)(Path(sys.argv[1]))
