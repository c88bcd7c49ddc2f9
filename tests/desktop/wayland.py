"""A Wayland desktop with pixels for tests: sway without a monitor, with waybar's tray; no X11 near it unless asked for.

The pointer speaks wlroots' protocol for a pointer without a device, since no program of Debian does.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.desktop.desktop import PANEL_HEIGHT, SIZE, Desktop
from tests.desktop.session_bus import PrivateBus
from tests.support.wait_until import PATIENCE, until

PROGRAMS = {
    "dbus-daemon": "dbus-daemon",
    "sway": "sway",
    "waybar": "waybar",
    "grim": "grim",
    "wl-copy": "wl-clipboard",
}
"""Program and the Debian package that brings it."""

_missing = sorted(package for program, package in PROGRAMS.items() if shutil.which(program) is None)
needs_wayland = pytest.mark.skipif(
    bool(_missing), reason=f"needs a compositor: sudo apt-get install -y {' '.join(_missing)} fonts-dejavu-core"
)

needs_xwayland = pytest.mark.skipif(
    shutil.which("Xwayland") is None, reason="needs X11 on Wayland: sudo apt-get install -y xwayland"
)

_SWAY = """\
output HEADLESS-1 resolution {width}x{height} position 0,0 scale {scale}
output * bg {backdrop} solid_color
xwayland {xwayland}
default_border none
"""
_XWAYLAND = """\
exec xhost +SI:localuser:{user} && echo $DISPLAY > {answer}
"""
"""Lets the tests' user in, as sway may run as another one, and tells the display, which sway chooses."""
_WAYBAR = """\
{{"layer": "top", "position": "top", "height": {height}, "modules-right": ["tray", "clock"], "tray": {{"icon-size": 22}}}}
"""
_STYLE = """\
* {{ font-family: "DejaVu Sans"; font-size: 13px; }}
window#waybar {{ background: {panel}; color: {text}; }}
#clock, #tray {{ padding: 0 8px; }}
"""
_MANAGER = b"zwlr_virtual_pointer_manager_v1\0"
_DISPLAY, _REGISTRY, _DONE, _BOUND, _POINTER = range(1, 6)
"""Objects of our connection to the compositor."""
_NOBODY = 65534
"""A user without rights."""
BUTTONS = {1: 0x110, 3: 0x111}
"""Linux's codes of the buttons, by X11's numbers."""


class Wayland(Desktop):
    """A running sway.

    Args:
        folder: see Desktop.
        dark: a dark panel instead of a light one.
        scale: see Desktop.
        xwayland: with an X server for programs that know no Wayland; `x_display` is its name.
    """

    def __init__(self, folder: Path, *, dark: bool = False, scale: int = 1, xwayland: bool = False) -> None:
        super().__init__(folder)
        self.scale = scale
        # A socket's path holds 107 bytes, and pytest's `tmp_path` may be longer.
        self._runtime = Path(self._processes.enter_context(tempfile.TemporaryDirectory(prefix="traycreds-wl-")))
        self.display = self.x_display = ""
        try:
            self._start(dark=dark, xwayland=xwayland)
        except BaseException:
            self.close()
            raise

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "XAUTHORITY")}
        return {
            **kept,
            **({"DISPLAY": self.x_display} if self.x_display else {}),
            "WAYLAND_DISPLAY": self.display,
            "XDG_RUNTIME_DIR": str(self._runtime),
            "XDG_SESSION_TYPE": "wayland",
            "XDG_CURRENT_DESKTOP": "sway",
            "DBUS_SESSION_BUS_ADDRESS": self.bus.address,
            "HOME": str(self._folder),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
            "XDG_CACHE_HOME": str(self._folder / "cache"),
            "XDG_DATA_HOME": str(self._folder / "data"),
            "GTK_THEME": self._theme,
            "NO_AT_BRIDGE": "1",
            "LANG": "C.UTF-8",
            "WLR_BACKENDS": "headless",
            "WLR_RENDERER": "pixman",
            "WLR_LIBINPUT_NO_DEVICES": "1",
        }

    def click(self, x: int, y: int, button: int = 1) -> None:
        self.pointer.move(x, y)
        self.pointer.press(BUTTONS[button])

    def move(self, x: int, y: int) -> None:
        self.pointer.move(x, y)

    def has_window(self, title: str) -> bool:
        control = next(self._runtime.glob("sway-ipc.*.sock"))
        return title in self.ask("swaymsg", "--socket", str(control), "--type", "get_tree", "--raw").stdout

    def paste(self) -> str:
        """What is on the clipboard; nothing where it is empty."""
        done = self.ask("wl-paste", "--no-newline")
        return done.stdout if done.returncode == 0 else ""

    def _take_screenshot(self, path: Path) -> None:
        subprocess.run(["grim", str(path)], env=self.environment(), check=True, timeout=PATIENCE)

    def _start(self, *, dark: bool, xwayland: bool) -> None:
        self._theme = "Adwaita:dark" if dark else "Adwaita"
        self.bus = self._processes.enter_context(PrivateBus())
        width, height = (side * self.scale for side in SIZE)
        backdrop = "#1f2733" if dark else "#4a6b8a"
        config = self._runtime / "sway"
        answer = self._runtime / "x11"
        text = _SWAY.format(
            width=width,
            height=height,
            scale=self.scale,
            backdrop=backdrop,
            xwayland="enable" if xwayland else "disable",
        )
        config.write_text(text + (_XWAYLAND.format(user=getpass.getuser(), answer=answer) if xwayland else ""))
        other = []
        # In a container, the tests may run as root, and sway refuses to.
        if os.getuid() == 0:
            os.chown(self._runtime, _NOBODY, _NOBODY)
            other = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
        self.spawn(*other, "sway", "--config", str(config))
        self.display = until(self._socket, "sway listens")
        if xwayland:
            self.x_display = until(lambda: answer.exists() and answer.read_text().strip(), "sway has an X server")
        bar = self._write("waybar/config", _WAYBAR.format(height=PANEL_HEIGHT))
        colours = {"panel": "#2b2b2f", "text": "#f5f4f2"} if dark else {"panel": "#f5f4f2", "text": "#2b2b2f"}
        style = self._write("waybar/style.css", _STYLE.format(**colours))
        self.spawn("waybar", "--config", str(bar), "--style", str(style))
        self.pointer = Pointer(self._runtime / self.display, (width, height))
        self._processes.callback(self.pointer.close)

    def _socket(self) -> str | None:
        return next((path.name for path in self._runtime.glob("wayland-*") if path.is_socket()), None)


def _connection(path: Path) -> socket.socket | None:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE)
    try:
        connection.connect(str(path))
    except ConnectionRefusedError:
        connection.close()
        return None
    return connection


class Pointer:
    """A pointer of a compositor, moved by us: wlr-virtual-pointer-unstable-v1 over the compositor's socket."""

    def __init__(self, path: Path, size: tuple[int, int] = SIZE) -> None:
        self._size = size
        # The socket's file is there a moment before the compositor listens at it.
        self._socket = until(lambda: _connection(path), "the compositor takes connections")
        self._send(_DISPLAY, 1, struct.pack("=I", _REGISTRY))
        self._send(_DISPLAY, 0, struct.pack("=I", _DONE))
        name = self._find_manager()
        text = _MANAGER + b"\0" * (-len(_MANAGER) % 4)
        self._send(_REGISTRY, 0, struct.pack("=II", name, len(_MANAGER)) + text + struct.pack("=II", 1, _BOUND))
        self._send(_BOUND, 0, struct.pack("=II", 0, _POINTER))

    def move(self, x: int, y: int) -> None:
        self._send(_POINTER, 1, struct.pack("=5I", _milliseconds(), x, y, *self._size))
        self._send(_POINTER, 4, b"")

    def press(self, button: int) -> None:
        for state in (1, 0):
            self._send(_POINTER, 2, struct.pack("=3I", _milliseconds(), button, state))
            self._send(_POINTER, 4, b"")

    def close(self) -> None:
        self._socket.close()

    def _send(self, thing: int, request: int, body: bytes) -> None:
        self._socket.sendall(struct.pack("=II", thing, (8 + len(body)) << 16 | request) + body)

    def _find_manager(self) -> int:
        """The number by which the compositor offers virtual pointers."""
        found, data = 0, b""
        while True:
            data += self._socket.recv(65536)
            while len(data) >= 8 and len(data) >= (size := struct.unpack_from("=I", data, 4)[0] >> 16):
                thing, body, data = struct.unpack_from("=I", data)[0], data[8:size], data[size:]
                if thing == _DONE:
                    assert found, "this compositor has no virtual pointers"
                    return found
                if thing == _REGISTRY and body[8 : 8 + len(_MANAGER)] == _MANAGER:
                    found = struct.unpack_from("=I", body)[0]


def _milliseconds() -> int:
    return int(time.monotonic() * 1000) & 0xFFFFFFFF
