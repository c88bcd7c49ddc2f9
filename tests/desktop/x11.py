"""A desktop with pixels for tests: Xvfb, openbox and a panel with its tray (xfce4-panel or lxqt-panel), on a private bus.

Nobody else's desktop is touched: display, bus and configuration are the test's own, and all processes end with it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests.desktop.desktop import PANEL_HEIGHT, SIZE, XDesktop, start_x
from tests.desktop.session_bus import NOTIFICATIONS, PrivateBus, name_has_owner
from tests.support.wait_until import until

PROGRAMS = {
    "dbus-daemon": "dbus-daemon",
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "xfce4-panel": "xfce4-panel",
    "xfconf-query": "xfconf",
    "xsetroot": "x11-xserver-utils",
}
"""Program and the Debian package that brings it."""

_missing = sorted(package for program, package in PROGRAMS.items() if shutil.which(program) is None)
needs_screen = pytest.mark.skipif(
    bool(_missing),
    reason=f"needs a panel: sudo apt-get install -y {' '.join(_missing)} fonts-dejavu-core adwaita-icon-theme",
)

needs_lxqt = pytest.mark.skipif(
    shutil.which("lxqt-panel") is None, reason="needs a second panel: sudo apt-get install -y lxqt-panel"
)
needs_dunst = pytest.mark.skipif(
    shutil.which("dunst") is None, reason="needs a notification daemon: sudo apt-get install -y dunst"
)
NOTIFYD = next(iter(sorted(Path("/usr/lib").glob("*/xfce4/notifyd/xfce4-notifyd"))), None)
needs_notifyd = pytest.mark.skipif(
    NOTIFYD is None, reason="needs notices with buttons: sudo apt-get install -y xfce4-notifyd"
)

_PANEL = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="{height}"/>
      <property name="icon-size" type="uint" value="0"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/><value type="int" value="2"/><value type="int" value="3"/><value type="int" value="4"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/><property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
      <property name="icon-size" type="int" value="22"/>
      <property name="known-items" type="array"><value type="string" value="traycreds"/></property>
    </property>
    <property name="plugin-3" type="string" value="clock">
      <property name="digital-time-format" type="string" value="%H:%M"/>
      <property name="digital-layout" type="uint" value="3"/>
      <property name="digital-time-font" type="string" value="Cantarell 11"/>
    </property>
    <property name="plugin-4" type="string" value="separator">
      <property name="style" type="uint" value="0"/>
    </property>
  </property>
</channel>"""

_LXQT_PANEL = """[General]
__userfile__=true
panels=panel1
[panel1]
alignment=-1
iconSize=22
panelSize={height}
plugins=spacer, statusnotifier
position=Top
width=100
width-percent=true
[spacer]
type=spacer
expandable=true
[statusnotifier]
type=statusnotifier
"""

_LXQT = """\
[General]
theme={theme}
icon_theme=Adwaita
[Palette]
{palette}
[Qt]
style=Fusion
"""
_LXQT_PALETTES = Path("/usr/share/lxqt/palettes")
"""Of lxqt-themes, which lxqt-panel brings; in the light its programs have those of Qt."""

FONT = "Cantarell 11"
_GTK = """\
[Settings]
gtk-font-name = {font}
gtk-xft-antialias = 1
gtk-xft-hinting = 1
gtk-xft-hintstyle = hintslight
gtk-xft-rgba = none
"""
_XFWM4 = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfwm4" version="1.0">
  <property name="general" type="empty">
    <property name="use_compositing" type="bool" value="true"/>
    <property name="show_popup_shadow" type="bool" value="true"/>
    <property name="show_dock_shadow" type="bool" value="false"/>
    <property name="shadow_opacity" type="int" value="40"/>
    <property name="popup_opacity" type="int" value="100"/>
    <property name="vblank_mode" type="string" value="off"/>
  </property>
</channel>
"""
_DUNST = """\
[global]
    width = 360
    height = (0, 300)
    offset = (12, 44)
    origin = top-right
    font = DejaVu Sans 10
    frame_width = 1
    frame_color = "#5a6675"
    corner_radius = 6
    padding = 12
    horizontal_padding = 14
    icon_position = off
    mouse_left_click = close_current
    mouse_middle_click = do_action
    dmenu = {dmenu}
[urgency_low]
    background = "#ffffff"
    foreground = "#1f2733"
[urgency_normal]
    background = "#ffffff"
    foreground = "#1f2733"
[urgency_critical]
    background = "#fff4f2"
    foreground = "#1f2733"
    frame_color = "#e0382c"
"""


class Screen(XDesktop):
    """A desktop on X11.

    Args:
        folder: see Desktop.
        dark: dark panels, menus and windows instead of light ones.
        panel: the tray host, "xfce4-panel" or "lxqt-panel".
        fine: for pictures that people look at: shadows, round corners, a backdrop, one more font.
        scale: see Desktop.
    """

    def __init__(
        self,
        folder: Path,
        *,
        dark: bool = False,
        panel: str = "xfce4-panel",
        fine: bool = False,
        scale: int = 1,
    ) -> None:
        super().__init__(folder)
        self.scale = scale
        self._panel = panel
        try:
            self._start(dark=dark, panel=panel, fine=fine)
        except BaseException:
            self.close()
            raise

    def errors(self) -> list[str]:
        lines = (self._folder / f"{self._panel}.log").read_text(errors="replace").splitlines()
        about = [line for line in lines if re.search("statusnotifier|dbusmenu|traycreds", line, re.IGNORECASE)]
        return [line for line in about if re.search("warn|critical|error|fail", line, re.IGNORECASE)]

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            "XDG_CURRENT_DESKTOP": "LXQt" if self._panel == "lxqt-panel" else "XFCE",
            "GTK_THEME": self._theme,
            "GDK_SCALE": str(self.scale),
            "QT_SCALE_FACTOR": str(self.scale),
            **({"QT_QPA_PLATFORMTHEME": "lxqt"} if self._panel == "lxqt-panel" else {}),
            # In addition to the scale factor, the DPI of the server itself would count twice.
            "QT_FONT_DPI": "96",
        }

    def _start(self, *, dark: bool, panel: str, fine: bool) -> None:
        self._theme = "Adwaita:dark" if dark else "Adwaita"
        self.bus = self._processes.enter_context(PrivateBus(activation=True))
        self.display = start_x(self._processes, (SIZE[0] * self.scale, SIZE[1] * self.scale), 96 * self.scale)
        self._update_activation_environment()
        subprocess.run(["xsetroot", "-solid", "#1f2733" if dark else "#4a6b8a"], env=self.environment(), check=True)
        if fine:
            self._make_fine()
        else:
            self.spawn("openbox", "--sm-disable")
        if panel == "lxqt-panel":
            palette = (_LXQT_PALETTES / "Dark").read_text().partition("\n")[2].strip() if dark else ""
            self._write("lxqt/lxqt.conf", _LXQT.format(theme="dark" if dark else "Clearlooks", palette=palette))
            self._write("lxqt/panel.conf", _LXQT_PANEL.format(height=PANEL_HEIGHT))
            self.spawn("lxqt-panel")
        else:
            text = _PANEL.format(dark="true" if dark else "false", height=PANEL_HEIGHT)
            self._write("xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml", text)
            self.spawn("xfce4-panel", "--disable-wm-check")

    def _make_fine(self) -> None:
        self._write("gtk-3.0/settings.ini", _GTK.format(font=FONT))
        self._write("xfce4/xfconf/xfce-perchannel-xml/xfwm4.xml", _XFWM4)
        self.spawn("xfwm4", "--compositor=on")
        until(
            lambda: self._output_of("xprop", "-root", "_NET_SUPPORTING_WM_CHECK").count("#"), "the window manager runs"
        )
        backdrop = self._folder / "backdrop.png"
        _backdrop().save(backdrop)
        self._output_of("hsetroot", "-fill", str(backdrop))

    def notify_by_xfce4(self) -> None:
        """Start xfce4-notifyd, which draws buttons."""
        assert NOTIFYD is not None, "see needs_notifyd"
        self.spawn(str(NOTIFYD))
        self._await_notifications()

    def notice(self) -> tuple[int, int, int, int] | None:
        """Left, top, width and height of the notice that is on the screen, or None."""
        for name in ("xfce4-notifyd", "dunst"):
            found = self.ask(
                "xdotool", "search", "--onlyvisible", "--class", f"^{name}$", "getwindowgeometry", "--shell"
            )
            values = dict(line.split("=") for line in found.stdout.split() if "=" in line)
            if found.returncode == 0 and int(values["WIDTH"]) > 100:
                return int(values["X"]), int(values["Y"]), int(values["WIDTH"]), int(values["HEIGHT"])
        return None

    def notify_by_dunst(self, chooser: str = "/bin/false") -> None:
        """Start dunst in the upper right corner; a middle click runs the notice's action, or `chooser` if it has many."""
        self.spawn("dunst", "-config", str(self._write("dunst/dunstrc", _DUNST.format(dmenu=chooser))))
        self._await_notifications()

    def _await_notifications(self) -> None:
        """Wait for the daemon: a notice before it would make the bus start another one."""
        until(lambda: name_has_owner(self.bus, NOTIFICATIONS), "the notification daemon comes")


def _backdrop() -> Image.Image:
    """A calm one, darker towards the right lower corner."""
    first, last = (74, 112, 148), (38, 56, 84)
    small = Image.new("RGB", (90, 64))
    for x in range(90):
        for y in range(64):
            share = (x / 90 + y / 64) / 2
            small.putpixel((x, y), tuple(round(a + (b - a) * share) for a, b in zip(first, last, strict=True)))
    return small.resize(SIZE, Image.Resampling.BICUBIC)
