"""A real KDE Plasma for tests: kwin, kded and plasmashell, on an X server without a screen."""

from __future__ import annotations

from PIL import Image

from tests.desktop.desktop import WholeDesktop, start_x
from tests.desktop.session_bus import NOTIFICATIONS, WATCHER, PrivateBus, name_has_owner
from tests.support.wait_until import until

PROGRAMS = {
    "plasmashell": "plasma-workspace",
    "/usr/share/plasma/plasmoids/org.kde.desktopcontainment": "plasma-desktop",
    "kwin_x11": "kwin-x11",
    "kded5": "kded5",
    "/usr/share/icons/breeze": "breeze-icon-theme",
    "dbus-daemon": "dbus-daemon",
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf": "fonts-noto-core",
}
"""Program or file, and the Debian package that brings it."""

_BAR = 44
"""Height of the panel at the bottom, in pixels at 96 dots an inch."""
_START = 60
"""Seconds that plasmashell has to start; it draws without a graphics card."""
_GLOBALS = """\
[General]
ColorScheme={scheme}
[KDE]
AnimationDurationFactor=0
LookAndFeelPackage={package}
[Icons]
Theme={icons}
"""
_THEME = """\
[Theme]
name={theme}
"""


class Plasma(WholeDesktop):
    """A running Plasma."""

    def environment(self) -> dict[str, str]:
        scaled = {"PLASMA_USE_QT_SCALING": "1", "QT_SCALE_FACTOR": str(self.scale)} if self.scale > 1 else {}
        return {
            **super().environment(),
            "XDG_CURRENT_DESKTOP": "KDE",
            "XDG_MENU_PREFIX": "plasma-",
            "KDE_FULL_SESSION": "true",
            "KDE_SESSION_VERSION": "5",
            "QT_QUICK_BACKEND": "software",
            **scaled,
        }

    def panel_box(self, picture: Image.Image) -> tuple[int, int, int, int]:
        return 0, picture.height - _BAR * self.scale, picture.width, picture.height

    def errors(self) -> list[str]:
        """What plasmashell's log says of tray icons that fail."""
        lines = (self._folder / "plasmashell.log").read_text(errors="replace").splitlines()
        return [line for line in lines if "StatusNotifier" in line or "dbusmenu" in line.lower()]

    def _start(self) -> None:
        self.bus = self._processes.enter_context(PrivateBus(activation=True))
        self.display = start_x(self._processes, (1366 * self.scale, 768 * self.scale))
        self._update_activation_environment()
        package = "org.kde.breezedark.desktop" if self._dark else "org.kde.breeze.desktop"
        theme, scheme = ("breeze-dark", "BreezeDark") if self._dark else ("default", "BreezeLight")
        self._write("kdeglobals", _GLOBALS.format(scheme=scheme, package=package, icons="breeze"))
        self._write("plasmarc", _THEME.format(theme=theme))
        self.spawn("kwin_x11")
        self.spawn("kded5")
        until(lambda: name_has_owner(self.bus, WATCHER), "kded takes tray icons", timeout=_START)
        self.spawn("plasmashell", "--no-respawn")
        until(lambda: name_has_owner(self.bus, NOTIFICATIONS), "plasmashell comes", timeout=_START)
