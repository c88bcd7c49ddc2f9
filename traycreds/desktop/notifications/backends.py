"""The ways to show a notice, in a platform's order; no text becomes code of a shell or script."""

from __future__ import annotations

import functools
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping
from typing import TypeAlias

from traycreds.core.events import Notify
from traycreds.core.text import utf_16_cut
from traycreds.core.ui_commands import UiCommand
from traycreds.core.value_class import replace
from traycreds.desktop.notifications import balloon
from traycreds.desktop.notifications.freedesktop import Click, FreedesktopService, Picture
from traycreds.desktop.notifications.notification_center import NotificationCenter
from traycreds.desktop.notifications.toasts import Toasts

APP = "traycreds"
OSASCRIPT_LIMIT = 2.5
"""Seconds for macOS's scripting."""

TITLE_UNITS, BODY_UNITS = 63, 255
"""What Windows' balloon can hold (NOTIFYICONDATAW: 64 and 256 UTF-16 units with the final zero)."""

Tray: TypeAlias = Callable[[str, str, "Callable[[], None] | None"], None]
"""Shows title and body at the tray's icon and calls back at a click, or raises as a `Backend` does."""
Backend: TypeAlias = Callable[[Notify], None]
"""Shows a notice or raises. A TimeoutError says that the desktop hangs, a NotAllowedError that the user wants no
notices; then no other way is tried."""


def platform_backends(
    environ: Mapping[str, str],
    platform: str = sys.platform,
    click: Click = lambda _: None,
    picture: Picture = lambda _: None,
    tray: Tray | None = None,
) -> tuple[Backend, ...]:
    """The backends of a platform, best first; for what they get see `DesktopNotifier`."""
    if platform == "linux":
        service = FreedesktopService(environ, click=click, picture=picture)
        # Without a desktop notify-send, which plyer calls, could only complain on our user's terminal.
        in_session = any(environ.get(name) for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"))
        return (service, show_by_plyer) if in_session else (service,)
    if platform == "darwin":
        return (NotificationCenter(click), show_by_osascript)
    at_icon = () if tray is None else (functools.partial(show_at_icon, tray=tray, click=click),)
    return (Toasts(click), *at_icon, show_by_plyer)


def name_of(backend: Backend) -> str:
    """A way in words, as "a notice was sent by"."""
    if isinstance(backend, FreedesktopService):
        return "the desktop's notification service (org.freedesktop.Notifications)"
    if isinstance(backend, NotificationCenter):
        return "macOS's Notification Center"
    if isinstance(backend, Toasts):
        return "Windows notifications"
    if backend is show_by_osascript:
        return "osascript, as Script Editor"
    if backend is show_by_plyer:
        return "a balloon, through plyer" if sys.platform == "win32" else "plyer (notify-send or dbus-python)"
    return "a balloon at the tray icon"


_NOT_BY_CLICK = frozenset({UiCommand.ACCEPT_TEAM, UiCommand.ALLOW_TEAM})
"""What nobody is to agree to by putting a notice away; the menu has entries for it."""


def show_at_icon(notice: Notify, *, tray: Tray, click: Click) -> None:
    """Show it at the tray's icon; a click does what the first button would. Raises OSError."""
    button = next((each for each in notice.buttons if each.command not in _NOT_BY_CLICK), None)
    fitted = _fitted(notice)
    if button is None:
        fitted = _some(fitted)
        tray(fitted.title, fitted.body, None)
        return
    ask = f"Click here: {button.label}"
    body = f"{utf_16_cut(fitted.body, BODY_UNITS - len(ask) - 1)}\n{ask}".strip()
    tray(fitted.title, body, lambda: click(button.command))


def show_by_plyer(notice: Notify) -> None:
    """Show it through plyer. Raises Exception: whatever plyer raises; NotImplementedError where it has nothing."""
    if sys.platform == "win32":
        from plyer.platforms.win.libs.balloontip import WindowsBalloonTip

        fitted = _some(_fitted(notice))
        about = {"title": fitted.title, "message": fitted.body, "app_name": APP}
        balloon.show(lambda: WindowsBalloonTip(**about, timeout=0))
        return
    with warnings.catch_warnings():
        # Plyer warns on stderr that dbus-python is missing, and then continues.
        warnings.simplefilter("ignore")
        from plyer import notification

        # Plyer only looks for the platform's implementation at this point.
        notify = notification.notify
    fitted = _fitted(notice)
    notify(title=fitted.title, message=fitted.body, app_name=APP, timeout=10)


_OSASCRIPT = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)


def show_by_osascript(notice: Notify) -> None:
    """Show it with osascript; texts are arguments. Raises OSError, subprocess.SubprocessError."""
    fitted = _fitted(notice)
    script = [part for line in _OSASCRIPT for part in ("-e", line)]
    subprocess.run(
        ["/usr/bin/osascript", *script, fitted.title, fitted.body],
        check=True,
        timeout=OSASCRIPT_LIMIT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _fitted(notice: Notify) -> Notify:
    """Short enough for Windows, and never read as an option by notify-send or osascript."""
    return replace(
        notice, title=utf_16_cut(_plain(notice.title), TITLE_UNITS), body=utf_16_cut(_plain(notice.body), BODY_UNITS)
    )


def _some(notice: Notify) -> Notify:
    """With a body: Windows takes an empty one for a request to show nothing."""
    return notice if notice.body else replace(notice, title=APP, body=notice.title)


def _plain(text: str) -> str:
    text = text.replace("\0", "")
    return f" {text}" if text.startswith("-") else text
