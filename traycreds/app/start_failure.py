"""Tells the desktop why the app did not start, where nobody reads what it prints."""

from __future__ import annotations

from traycreds.core.errors import TraycredsError
from traycreds.core.events import Notify
from traycreds.core.text import notice_body
from traycreds.desktop.notifications.notifier import DesktopNotifier
from traycreds.ui.icon import pixmaps


def announce(error: TraycredsError) -> None:
    """Show it; lasts as long as it is seen, where it goes with this process."""
    desktop = DesktopNotifier(picture=pixmaps.of_notice)
    desktop.send(Notify("start", title=f"traycreds: {error.sentence}", body=notice_body("", error.hint), urgent=True))
    desktop.linger()
