"""Shows notices as Windows' own, with buttons and replacing. Never ran on a real Windows.

Needs Windows 10 and the packages winrt-*, which need Python 3.11. A click reaches this process alone.
"""

from __future__ import annotations

import contextlib
import logging
import re
import threading
import zlib
from collections.abc import Iterable
from html import escape
from typing import Any, final

from traycreds.core.events import Notify
from traycreds.desktop import windows_app_id
from traycreds.desktop.notifications.freedesktop import Click
from traycreds.desktop.notifications.permission import NotAllowedError, Permission
from traycreds.desktop.windows_app_id import APP_ID

_log = logging.getLogger(__name__)

_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@final
class Toasts:
    """Shows notices by ToastNotificationManager, from any thread; Windows asks nobody for permission."""

    def __init__(self, click: Click = lambda _: None) -> None:
        """Ask Windows for nothing yet; `click` gets the command of a button."""
        self._click = click
        self._notifier: Any = None
        self._unfit = ""
        self._shown: dict[str, Any] = {}
        self._lock = threading.Lock()

    @property
    def shown_keys(self) -> frozenset[str]:
        """The keys of the notices that the user has not clicked yet."""
        with self._lock:
            return frozenset(self._shown)

    def __call__(self, notice: Notify) -> None:
        """Show it, in place of one with its key. Raises NotAllowedError; OSError: Windows or Python has no toasts."""
        permission = self.permission()
        if permission is Permission.REFUSED:
            raise NotAllowedError("the user does not allow notices")
        if permission is Permission.NO_APP:
            raise OSError(self._unfit)
        from winrt.windows.data.xml.dom import XmlDocument
        from winrt.windows.ui.notifications import ToastActivatedEventArgs, ToastNotification

        content = XmlDocument()
        content.load_xml(as_xml(notice))
        toast = ToastNotification(content)
        toast.tag, toast.group = _tag(notice.key), APP_ID
        # A click after a restart would reach nobody.
        toast.expires_on_reboot = True
        toast.add_activated(lambda _, about: self._clicked(notice, about.as_(ToastActivatedEventArgs).arguments))
        toast.add_failed(lambda _, about: _log.warning("Windows did not show a notice (%s).", about.error_code))
        self._notifier.show(toast)
        with self._lock:
            self._shown[notice.key] = toast

    def permission(self) -> Permission:
        """What Windows says of our notices now."""
        if self._unfit:
            return Permission.NO_APP
        try:
            from winrt.windows.ui.notifications import NotificationSetting, ToastNotificationManager

            if self._notifier is None:
                windows_app_id.claim()
                self._notifier = ToastNotificationManager.create_toast_notifier(APP_ID)
            setting = self._notifier.setting
        # No such package, such as for Python 3.10, or no such class: Wine, or an older Windows.
        except (ImportError, OSError) as error:
            self._unfit = f"Windows shows no notices with buttons ({error or type(error).__name__})"
            return Permission.NO_APP
        return Permission.GRANTED if setting == NotificationSetting.ENABLED else Permission.REFUSED

    def take_back(self, keys: Iterable[str]) -> None:
        """Take away the notices of these keys; the user may have put one away."""
        with self._lock:
            taken = [key for key in keys if self._shown.pop(key, None) is not None]
        if not taken:
            return
        from winrt.windows.ui.notifications import ToastNotificationManager

        for key in taken:
            with contextlib.suppress(OSError):
                ToastNotificationManager.history.remove(_tag(key), APP_ID, APP_ID)

    def close(self) -> None:
        """There is nothing to release."""

    def _clicked(self, notice: Notify, chosen: str) -> None:
        # A click takes the notice away; beside the buttons, it does nothing else.
        with self._lock:
            self._shown.pop(notice.key, None)
        if chosen:
            self._click(notice.buttons[int(chosen)].command)


def as_xml(notice: Notify) -> str:
    """A notice in Windows' words (Microsoft: Toast schema)."""
    texts = "".join(f"<text>{escape(_allowed(text))}</text>" for text in (notice.title, notice.body) if text)
    buttons = "".join(
        f'<action content="{escape(_allowed(button.label))}" arguments="{number}"/>'
        for number, button in enumerate(notice.buttons)
    )
    duration = ' duration="long"' if notice.urgent else ""
    visual = f'<visual><binding template="ToastGeneric">{texts}</binding></visual>'
    return f"<toast{duration}>{visual}{f'<actions>{buttons}</actions>' if buttons else ''}</toast>"


def _allowed(text: str) -> str:
    return _NOT_IN_XML.sub("", text)


def _tag(key: str) -> str:
    # Windows had room for 16 characters at first.
    return f"{zlib.crc32(key.encode()):08x}"
