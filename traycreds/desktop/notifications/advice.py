"""Explains why notices are not seen, and what the user can do. Shows none, and asks nobody."""

from __future__ import annotations

import sys

from traycreds.core.value_class import value_class
from traycreds.desktop.notifications.notification_center import NotificationCenter
from traycreds.desktop.notifications.permission import Permission
from traycreds.desktop.notifications.toasts import Toasts


@value_class
class Advice:
    """What to know about notices: a sentence without its full stop, the remedy, and `short`, both as a menu line.

    `off`: no notice is seen.
    """

    off: bool
    what: str
    remedy: str
    short: str


ANSWER = "macOS asks whether notices are allowed, in the upper right corner. The notice appears once you allow it."
NO_SERVICE = "Run it in a desktop session that has a notification service: the desktop's own, or dunst or mako."
AS_SCRIPT_EDITOR = (
    "macOS shows it if System Settings > Notifications allows notices from Script Editor. It does not say if it did."
)
SCRIPT_EDITOR = Advice(
    off=False,
    what="this Python is not a macOS app, so notices appear as Script Editor's",
    remedy="Run traycreds doctor --notify: it sends one.",
    short="No notices? Run: traycreds doctor --notify",
)


BLOCKED_BY_WINDOWS = Advice(
    off=True,
    what="Windows blocks notices from traycreds, as you or an administrator chose",
    remedy="Allow them in Settings > System > Notifications.",
    short="Notices are off: Settings > System > Notifications",
)


def here(platform: str = sys.platform) -> Advice | None:
    """The advice for this process."""
    if platform == "win32":
        return of_toasts(Toasts())
    return of_center(NotificationCenter()) if platform == "darwin" else None


def of_toasts(toasts: Toasts) -> Advice | None:
    """The advice for a Windows program; None if all is well or Windows does not say."""
    return BLOCKED_BY_WINDOWS if toasts.permission() is Permission.REFUSED else None


def of_center(center: NotificationCenter) -> Advice | None:
    """The advice for a macOS program; None if all is well or macOS does not say."""
    try:
        permission = center.permission()
    except TimeoutError:
        return None
    if permission is Permission.NO_APP:
        return SCRIPT_EDITOR
    if permission is not Permission.REFUSED:
        return None
    name = center.app_name()
    where = f"System Settings > Notifications > {name}"
    return Advice(
        off=True,
        what="macOS blocks notices from traycreds, as you or an administrator chose",
        remedy=f"Allow them in {where}.",
        short=f"Notices are off: {where}",
    )
