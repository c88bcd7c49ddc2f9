"""A real GNOME Shell for tests, with the extension that shows tray icons, on an X server without a screen.

gnome-shell asks logind for its session, so that a stand-in for it answers on a system bus of the desktop's own.
"""

from __future__ import annotations

import os

from PIL import Image, ImageColor

from tests.desktop.desktop import WholeDesktop, start_x
from tests.desktop.session_bus import NOTIFICATIONS, WATCHER, PrivateBus, name_has_owner
from tests.support.wait_until import until

EXTENSION = "ubuntu-appindicators@ubuntu.com"
_NOTIFICATIONS = "/usr/share/gnome-shell/org.gnome.Shell.Notifications"
_PYTHON = "/usr/bin/python3"
"""Debian's own, which has dbusmock."""
PROGRAMS = {
    "gnome-shell": "gnome-shell",
    "gjs": "gjs",
    f"/usr/share/gnome-shell/extensions/{EXTENSION}": "gnome-shell-extension-appindicator",
    "/usr/lib/python3/dist-packages/dbusmock": "python3-dbusmock",
    "dbus-daemon": "dbus-daemon",
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "/usr/share/fonts/opentype/cantarell": "fonts-cantarell",
}
"""Program or folder, and the Debian package that brings it."""

_BAR = 27
"""Height of the bar at the top, in pixels at 96 dots an inch."""
_START = 60
"""Seconds that gnome-shell has to start; it draws without a graphics card."""
_SETTINGS = """\
[org/gnome/shell]
enabled-extensions=['{extension}']
disable-user-extensions=false
welcome-dialog-last-shown-version='99'
[org/gnome/desktop/interface]
color-scheme='{scheme}'
gtk-theme='{theme}'
enable-animations=false
scaling-factor=uint32 {scale}
cursor-size=24
[org/gnome/desktop/background]
picture-options='none'
primary-color='{backdrop}'
"""


class Gnome(WholeDesktop):
    """A running GNOME Shell."""

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            "DBUS_SYSTEM_BUS_ADDRESS": self._system.address,
            "XDG_CURRENT_DESKTOP": "GNOME",
            "XDG_SESSION_ID": "c1",
            "GSETTINGS_BACKEND": "keyfile",
        }

    def panel_box(self, picture: Image.Image) -> tuple[int, int, int, int]:
        return 0, 0, picture.width, _BAR * self.scale

    def errors(self) -> list[str]:
        """What gnome-shell's log says of scripts and tray icons that fail."""
        lines = (self._folder / "gnome-shell.log").read_text(errors="replace").splitlines()
        return [line for line in lines if "JS ERROR" in line or EXTENSION in line or "AppIndicator" in line]

    def _start(self) -> None:
        self.bus = self._processes.enter_context(PrivateBus())
        self._system = self._processes.enter_context(PrivateBus())
        width, height = 1366 * self.scale, 768 * self.scale
        self.display = start_x(self._processes, (width, height), 96 * self.scale)
        scheme, theme = ("prefer-dark", "Adwaita-dark") if self._dark else ("default", "Adwaita")
        backdrop = "#1f2733" if self._dark else "#4a6b8a"
        self._backdrop = ImageColor.getrgb(backdrop)
        text = _SETTINGS.format(extension=EXTENSION, scheme=scheme, theme=theme, backdrop=backdrop, scale=self.scale)
        self._write("glib-2.0/settings/keyfile", text)
        self.spawn(_PYTHON, "-m", "dbusmock", "--system", "--template", "logind")
        until(lambda: name_has_owner(self._system, "org.freedesktop.login1"), "the stand-in for logind comes")
        session = ("string:c1", "string:seat0", f"uint32:{os.getuid()}", "string:user", "boolean:true")
        destination = ("--dest=org.freedesktop.login1", "/org/freedesktop/login1")
        self._output_of(
            *("dbus-send", "--system", "--print-reply", *destination),
            *("org.freedesktop.DBus.Mock.AddSession", *session),
        )
        self.spawn("gnome-shell", "--x11", "--sm-disable")
        until(lambda: name_has_owner(self.bus, WATCHER), "gnome-shell's extension takes tray icons", timeout=_START)
        self.spawn("gjs", _NOTIFICATIONS)
        until(lambda: name_has_owner(self.bus, NOTIFICATIONS), "the notification service comes", timeout=_START)
        self._leave_overview()

    def _leave_overview(self) -> None:
        """GNOME begins with the overview of all windows, in which the screen is dark at the edges."""
        x, y = (100 * self.scale, 400 * self.scale)
        until(lambda: self._toggled(self.picture().getpixel((x, y))), "the overview ends", timeout=_START)

    def _toggled(self, colour: object) -> bool:
        if colour == self._backdrop:
            return True
        self.keys("Escape")
        self.still()
        return False
