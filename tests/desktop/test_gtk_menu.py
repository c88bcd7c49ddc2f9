"""pystray's GTK menu, which trays that know XEmbed only show: a click does what its line said."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desktop.desktop import start_x
from tests.desktop.x11 import needs_screen

ROOT = Path(__file__).parents[2]
_DEBIAN = "/usr/lib/python3/dist-packages"
_HAS_GTK = f"import sys; sys.path.append({_DEBIAN!r}); import gi; gi.require_version('Gtk', '3.0')"


def _missing() -> str:
    done = subprocess.run([sys.executable, "-c", _HAS_GTK], check=False, capture_output=True)
    return "" if done.returncode == 0 else "needs GTK: sudo apt-get install -y python3-gi gir1.2-gtk-3.0"


_why = _missing() if sys.version_info[:2] == (3, 11) else "PyGObject of Debian 12 is for its Python 3.11"
pytestmark = [pytest.mark.desktop, needs_screen, pytest.mark.skipif(bool(_why), reason=_why or "it is there")]

_CLICK = """
import json, sys
sys.path.append(sys.argv[1])
from gi.repository import GLib
from traycreds.core.events import RoleChosen
from traycreds.core.model import RoleName
from traycreds.ui.menu.item import Entry
from traycreds.ui.menu.model import MenuModel
from traycreds.ui.tray import backends, pystray_menu

clicked = []
icon = backends.native_icon("traycreds")
assert type(icon).__module__ == "pystray._gtk", type(icon)

def show(*names):
    lines = tuple(Entry(f"role:{name}", name, RoleChosen(RoleName(name))) for name in names)
    icon.menu = pystray_menu.to_menu(MenuModel(lines), lambda command: clicked.append(command.name))
    while GLib.MainContext.default().iteration(False):
        pass

show("dev", "staging", "prod")
icon._menu_handle.popup(None, None, None, None, 0, 0)
while not icon._menu_handle.get_mapped():
    GLib.MainContext.default().iteration(True)
drawn = icon._menu_handle.get_children()
show("staging", "prod")
assert len(icon._menu_handle.get_children()) == 2, "it is another menu by now"
assert [line.get_label() for line in drawn if line.get_mapped()] == ["dev", "staging", "prod"], "the open one stays"
drawn[1].activate()
print(json.dumps(clicked))
"""


def test_a_click_does_what_its_line_offered_even_if_the_menu_has_changed(home, bus):
    with contextlib.ExitStack() as processes:
        environment = {
            "HOME": str(home),
            "PATH": "/usr/bin:/bin",
            "DISPLAY": start_x(processes),
            "DBUS_SESSION_BUS_ADDRESS": bus.address,
            "PYSTRAY_BACKEND": "gtk",
            "PYTHONPATH": str(ROOT),
        }
        done = subprocess.run(
            [sys.executable, "-c", _CLICK, _DEBIAN],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=30,
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["staging"]
