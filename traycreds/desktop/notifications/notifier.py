"""Owns telling the user through the desktop: the freedesktop service on Linux, the tray's icon on Windows, or plyer.

Never raises, never lasts longer than `LIMIT`, and never puts a text where a shell or a script would read it as code.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from traycreds.core.events import Notify
from traycreds.core.text import utf_16_cut
from traycreds.core.ui_commands import UiCommand
from traycreds.core.value_class import replace
from traycreds.desktop.notifications import balloon
from traycreds.desktop.notifications.freedesktop import Click, FreedesktopService, Picture
from traycreds.process.bounded_call import HungCalls, background_call, ended

_log = logging.getLogger(__name__)

APP = "traycreds"
LIMIT = 3.0
"""Seconds that one way may take: plyer blocks for 25 s on a hung daemon (docs/desktop-behaviour.md#notifications)."""

GIVE_UP = 60.0
"""Seconds until a way that hangs is retried."""

TITLE_UNITS, BODY_UNITS = 63, 255
"""What Windows' balloon can hold (NOTIFYICONDATAW: 64 and 256 UTF-16 units with the final zero)."""

Tray: TypeAlias = Callable[[str, str, "Callable[[], None] | None"], None]
"""Shows title and body at the tray's icon and calls back at a click, or raises as a `Backend` does."""
Backend: TypeAlias = Callable[[Notify], None]
"""Shows a notice or raises; a TimeoutError says that the desktop hangs, so that no other way is tried."""


_LAST_SECONDS = 0.5
"""Seconds for notices to be taken back at the end: a bus that hangs ends with the process."""


class DesktopNotifier:
    """Shows notices by the first way that works. One call at a time: it belongs to the notifier thread.

    Attributes:
        failures: how many notices could not be shown by any way.
    """

    def __init__(
        self,
        backends: Sequence[Backend] | None = None,
        limit: float = LIMIT,
        click: Click = lambda _: None,
        picture: Picture = lambda _: None,
        tray: Tray | None = None,
        *,
        give_up: float = GIVE_UP,
    ) -> None:
        """Use the backends of this platform, or those given.

        Args:
            backends: what shows a notice, best first.
            limit: seconds that each may take.
            click: gets what a clicked button asks; must return at once.
            picture: gives what is shown beside a text, where the desktop can show it.
            tray: shows a notice on Windows, if there is an icon.
            give_up: seconds until a way that hangs is retried.
        """
        self.failures = 0
        self._backends = tuple(
            backends if backends is not None else platform_backends(os.environ, click=click, picture=picture, tray=tray)
        )
        self._limit = limit
        self._hung = [HungCalls(give_up) for _ in self._backends]
        self._logged = False
        self._taking: threading.Thread | None = None

    def send(self, notice: Notify) -> None:
        """Show it; never raises."""
        problems: list[str] = []
        for number, backend in enumerate(self._backends):
            error = self._tried(number, backend, notice)
            if error is None:
                self._logged = False
                return
            problems.append(f"{type(error).__name__}: {error}")
            if isinstance(error, TimeoutError):
                break
        self.failures += 1
        if not self._logged:  # once for a row of failures: the menu shows the same texts anyway
            self._logged = True
            _log.warning("Notifications cannot be shown (%s).", "; ".join(problems) or "no way to show any")

    @property
    def shown_keys(self) -> frozenset[str]:
        """The keys of the notices that are seen now and can be taken back."""
        return frozenset().union(*(service.shown_keys for service in self._services))

    def take_back(self, keys: Iterable[str]) -> None:
        """Take away the notices of these keys; never raises, and waits at most for the call before this one."""
        if self._taking is not None:
            self._taking.join(self._limit)
        if self._taking is None or not self._taking.is_alive():  # on a bus that hangs, one thread hangs, not many
            self._taking = threading.Thread(target=self._take_back, args=(tuple(keys),), daemon=True)
            self._taking.start()

    def linger(self) -> None:
        """Wait until what would go with the process has been shown for as long as it should."""
        if sys.platform == "win32":
            balloon.linger()

    def close(self) -> None:
        """Take back what is shown, whose buttons do nothing from now on, and let go of the desktop."""
        if self.shown_keys:
            self.take_back(self.shown_keys)
        if self._taking is not None:
            self._taking.join(_LAST_SECONDS)
        for service in self._services:
            service.close()

    @property
    def _services(self) -> list[FreedesktopService]:
        return [each for each in self._backends if isinstance(each, FreedesktopService)]

    def _take_back(self, keys: tuple[str, ...]) -> None:
        with contextlib.suppress(OSError):  # the bus is gone, and with it what was shown
            for service in self._services:
                service.take_back(keys)

    def _tried(self, number: int, way: Backend, notice: Notify) -> BaseException | None:
        """Why a way failed, None if it did not; a way that hangs since last time is not retried yet."""
        if self._hung[number].pending:
            return TimeoutError("the last notification still hangs")
        try:
            call = background_call(lambda: way(notice), name=f"notify-{number}")
        except RuntimeError as error:  # the machine has no thread left
            return error
        if not ended(call, self._limit):
            self._hung[number].add(call)
            return TimeoutError(f"no answer in {self._limit:g} s")
        return call.exception()  # also a vendor's SystemExit, which must not end anything either


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
    if platform == "darwin":  # plyer needs pyobjus there, which has no release for today's Python
        return (show_by_osascript,)
    if tray is not None:
        return (functools.partial(show_at_icon, tray=tray, click=click), show_by_plyer)
    return (show_by_plyer,)


_NOT_BY_CLICK = frozenset({UiCommand.ACCEPT_TEAM, UiCommand.ALLOW_TEAM})
"""What nobody is to agree to by putting a notice away; the menu has entries for it."""


def show_at_icon(notice: Notify, *, tray: Tray, click: Click) -> None:
    """Show it at the tray's icon; a click on it does what the first button would, which it says.

    Raises:
        OSError: it cannot be shown there.
    """
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
    """Show it through plyer.

    Raises:
        Exception: whatever plyer raises; NotImplementedError where it has nothing.
    """
    if sys.platform == "win32":
        from plyer.platforms.win.libs.balloontip import WindowsBalloonTip

        fitted = _some(_fitted(notice))
        about = {"title": fitted.title, "message": fitted.body, "app_name": APP}
        balloon.show(lambda: WindowsBalloonTip(**about, timeout=0))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns on stderr that dbus-python is missing, and then goes on
        from plyer import notification

        notify = notification.notify  # only now it looks for what the platform has
    fitted = _fitted(notice)
    notify(title=fitted.title, message=fitted.body, app_name=APP, timeout=10)


_OSASCRIPT = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)


def show_by_osascript(notice: Notify) -> None:
    """Show it through macOS's own scripting; the texts are arguments of the script, never part of it.

    Raises:
        OSError, subprocess.SubprocessError: no osascript, or it failed.
    """
    fitted = _fitted(notice)
    script = [part for line in _OSASCRIPT for part in ("-e", line)]
    subprocess.run(
        ["/usr/bin/osascript", *script, fitted.title, fitted.body],
        check=True,
        timeout=LIMIT - 0.5,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _fitted(notice: Notify) -> Notify:
    """Short enough for Windows, and not to be taken for an option by notify-send or osascript."""
    return replace(
        notice, title=utf_16_cut(_plain(notice.title), TITLE_UNITS), body=utf_16_cut(_plain(notice.body), BODY_UNITS)
    )


def _some(notice: Notify) -> Notify:
    """With a body: Windows takes an empty one for a request to show nothing."""
    return notice if notice.body else replace(notice, title=APP, body=notice.title)


def _plain(text: str) -> str:
    text = text.replace("\0", "")
    return f" {text}" if text.startswith("-") else text
