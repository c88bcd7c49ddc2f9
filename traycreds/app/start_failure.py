"""Tells the desktop why the app did not start, if there is no terminal."""

from __future__ import annotations

from traycreds.core.errors import TraycredsError
from traycreds.core.events import Notify
from traycreds.core.text import notice_body
from traycreds.desktop.notifications.notifier import DesktopNotifier
from traycreds.ui.icon import pixmaps


def announce(error: TraycredsError) -> None:
    """Show it; waits while it is visible, if it would end with this process."""
    desktop = DesktopNotifier(picture=pixmaps.of_notice)
    body = notice_body(error.sentence, error.hint, "Run traycreds in a terminal: it says what to do.")
    desktop.send(Notify("start", title="traycreds did not start", body=body, urgent=True))
    desktop.linger()
