"""What a frozen app holds beside the code that PyInstaller finds by itself, and what it must leave out.

The specs of the three platforms read it. A name here has its reason beside it; sizes are of Linux, x86-64.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from lib import metadata

AWS_SERVICES = ("signin", "sso", "sso-oidc", "sts")
"""The services that traycreds calls; botocore brings more than 400 (26 MB)."""

_INSTALLERS_NOTES = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json")
"""What pip and uv note of an installation, with paths of the build machine: two builds would differ in nothing else."""

_BOTOCORE_DATA = ("botocore", "data")

_EVERYWHERE = (
    # `traycreds.ui.tray.pystray_menu` imports it by name.
    "pystray._base",
)
_HIDDEN = {
    # Chosen by name at run time: pystray's back end by PYSTRAY_BACKEND, plyer's by the platform.
    "linux": ("pystray._dummy", "plyer.platforms.linux.notification"),
    "darwin": ("pystray._darwin", "PyObjCTools.AppHelper"),
    "win32": (
        "pystray._win32",
        "pystray._util.win32",
        "plyer.platforms.win.notification",
        "plyer.platforms.win.libs.balloontip",
        "plyer.platforms.win.libs.win_api_defs",
    ),
}

_NEVER = (
    # It has 14 MB, and only `aws login` profiles need it. A message says so.
    "awscrt",
    # Only the documentation of botocore imports it.
    "docutils",
    # The app draws its pictures and reads none, and libavif alone has 5 MB.
    "PIL.AvifImagePlugin",
    "PIL._avif",
    "PIL.WebPImagePlugin",
    "PIL._webp",
    # It holds FreeType and HarfBuzz, and ImageFont of Pillow can be imported without it.
    "PIL._imagingft",
    "PIL.ImageCms",
    "PIL._imagingcms",
    "PIL.ImageTk",
    "PIL._imagingtk",
    "PIL.ImageQt",
    "numpy",
    "setuptools",
    "pip",
    "pydoc",
    "doctest",
    "unittest",
    "lib2to3",
    "sqlite3",
    "test",
)
_NEVER_ON = {
    # pystray's other back ends on Linux need the distribution's PyGObject, which a frozen Python cannot import, or an
    # X connection for an icon without a menu.
    "linux": ("pystray._appindicator", "pystray._gtk", "pystray._xorg", "pystray._util.gtk", "Xlib", "gi"),
    "darwin": ("pystray._xorg", "Xlib"),
    "win32": ("pystray._xorg", "Xlib"),
}


_ON_DBUS = (
    "traycreds.ui.color_scheme",
    "traycreds.dbus.connection",
    "traycreds.dbus.session",
    "traycreds.ui.tray.dbus_loop",
    "traycreds.ui.tray.dbus_menu",
    "traycreds.ui.tray.status_notifier",
)
"""Our tray of Linux; jeepney is there alone."""
_FIRST_WORD = re.compile(r'^assert sys\.platform (==|!=) "(\w+)"', re.MULTILINE)
"""How one of our modules says that it is for one platform, or for all but one."""


def elsewhere(platform: str = sys.platform) -> list[str]:
    """Our own modules that are for other platforms, by what they say themselves; none can be imported here."""
    found = [] if platform == "linux" else list(_ON_DBUS)
    for file in (metadata.ROOT / metadata.NAME).rglob("*.py"):
        match = _FIRST_WORD.search(file.read_text(encoding="utf-8"))
        if match is not None and (match[1] == "==") != (match[2] == platform):
            found.append(".".join(file.relative_to(metadata.ROOT).with_suffix("").parts))
    return sorted(found)


def described(platform: str = sys.platform) -> tuple[str, ...]:
    """Distributions whose metadata comes along: `doctor --report` names versions, keyring finds its back ends by it."""
    report = metadata.ROOT / metadata.NAME / "doctor" / "report.py"
    return (metadata.NAME, *metadata.constant(report, "PACKAGES"), *metadata.constant(report, "PACKAGES_ON")[platform])


def hidden_imports(platform: str = sys.platform) -> list[str]:
    """Modules that no import statement names."""
    return sorted({*_EVERYWHERE, *_HIDDEN[platform]})


def excluded(platform: str = sys.platform) -> list[str]:
    """Modules that are left out although something that is in could import them."""
    return sorted({*_NEVER, *_NEVER_ON[platform], *elsewhere(platform)})


def analyzed(analysis: Callable[..., Any], hooks: Any, platform: str) -> Any:
    """The app as PyInstaller's `Analysis` finds it, by its hooks, without data that does not belong there."""
    found = analysis(
        [str(metadata.ROOT / "packaging" / "lib" / "entry.py")],
        hiddenimports=hidden_imports(platform) + hooks.collect_submodules("traycreds"),
        datas=[file for name in described(platform) for file in hooks.copy_metadata(name)]
        + hooks.collect_data_files("traycreds"),
        excludes=excluded(platform),
    )
    found.datas = [entry for entry in found.datas if wanted(entry[0])]
    return found


def wanted(target: str) -> bool:
    """Whether a data file, by its place in the app, belongs there.

    Of metadata, what is the distribution's own. Of botocore's data, the files for all services (endpoints, partitions,
    retries, defaults), and those of AWS_SERVICES.
    """
    parts = PurePosixPath(target.replace("\\", "/")).parts
    if parts[:2] == _BOTOCORE_DATA:
        return len(parts) == 3 or parts[2] in AWS_SERVICES  # noqa: PLR2004 - botocore/data/FILE
    return not (len(parts) > 1 and parts[0].endswith(".dist-info") and parts[1] in _INSTALLERS_NOTES)
