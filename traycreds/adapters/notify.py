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
from dataclasses import replace
from typing import TypeAlias

from traycreds.adapters import balloon
from traycreds.adapters.notifyservice import Click, FreedesktopService, Picture
from traycreds.core.commands import UiCommand
from traycreds.core.messages import Notify

_log = logging.getLogger(__name__)

APP = "traycreds"
LIMIT = 3.0
"""Seconds that one way of telling may take: plyer can block for 25 s on a hung daemon (desktop-facts.md)."""

TITLE_UNITS, BODY_UNITS = 63, 255
"""What Windows' balloon can hold (NOTIFYICONDATAW: 64 and 256 UTF-16 units with the final zero)."""

Tray: TypeAlias = Callable[[str, str, "Callable[[], None] | None"], None]
"""Shows title and body at the tray's icon and calls back at a click, or raises as a `Way` does."""
Way: TypeAlias = Callable[[Notify], None]
"""Shows a notice or raises; a TimeoutError says that the desktop hangs, so that no other way is tried."""


class DesktopNotifier:
    """Shows notices by the first way that works. One call at a time: it belongs to the notifier thread.

    Attributes:
        failures: how many notices could not be shown by any way.
    """

    def __init__(
        self,
        ways: Sequence[Way] | None = None,
        limit: float = LIMIT,
        click: Click = lambda _: None,
        picture: Picture = lambda _: None,
        tray: Tray | None = None,
    ) -> None:
        """Use the ways of this platform, or those given.

        Args:
            ways: what shows a notice, best first.
            limit: seconds that each may take.
            click: gets what a clicked button asks; must return at once.
            picture: gives what is shown beside a text, where the desktop can show it.
            tray: shows a notice on Windows, if there is an icon.
        """
        self.failures = 0
        self._ways = tuple(
            ways if ways is not None else system_ways(os.environ, click=click, picture=picture, tray=tray)
        )
        self._limit = limit
        self._stuck: dict[int, threading.Thread] = {}
        self._said = False
        self._taking: threading.Thread | None = None

    def send(self, notice: Notify) -> None:
        """Show it; never raises."""
        troubles: list[str] = []
        for number, way in enumerate(self._ways):
            error = self._tried(number, way, notice)
            if error is None:
                self._said = False
                return
            troubles.append(f"{type(error).__name__}: {error}")
            if isinstance(error, TimeoutError):
                break
        self.failures += 1
        if not self._said:  # once for a row of failures: the menu shows the same texts anyway
            self._said = True
            _log.warning("Notifications cannot be shown (%s).", "; ".join(troubles) or "no way to show any")

    @property
    def standing(self) -> frozenset[str]:
        """The keys of the notices that are seen now and can be taken back."""
        return frozenset().union(*(way.keys for way in self._services))

    def take_back(self, keys: Iterable[str]) -> None:
        """Take away the notices of these keys, beside whatever is shown now; returns at once, never raises."""
        if self._taking is None or not self._taking.is_alive():  # on a bus that hangs, one thread hangs, not many
            self._taking = threading.Thread(target=self._take_back, args=(tuple(keys),), daemon=True)
            self._taking.start()

    def linger(self) -> None:
        """Wait until what would go with the process has been shown for as long as it should."""
        if sys.platform == "win32":
            balloon.linger()

    def close(self) -> None:
        """Let go of the desktop; what is shown may go with it."""
        for service in self._services:
            service.close()

    @property
    def _services(self) -> list[FreedesktopService]:
        return [way for way in self._ways if isinstance(way, FreedesktopService)]

    def _take_back(self, keys: tuple[str, ...]) -> None:
        with contextlib.suppress(OSError):  # the bus is gone, and with it what was shown
            for service in self._services:
                service.take_back(keys)

    def _tried(self, number: int, way: Way, notice: Notify) -> BaseException | None:
        """Why a way failed, None if it did not; a way that still hangs since last time is not tried again."""
        stuck = self._stuck.get(number)
        if stuck is not None and stuck.is_alive():
            return TimeoutError("the last notification still hangs")
        errors: list[BaseException] = []

        def show() -> None:
            try:
                way(notice)
            except BaseException as error:  # noqa: BLE001 - a vendor's SystemExit must not end anything either
                errors.append(error)

        thread = threading.Thread(target=show, name=f"notify-{number}", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # the machine has no thread left
            return error
        thread.join(self._limit)
        if thread.is_alive():
            self._stuck[number] = thread
            return TimeoutError(f"no answer in {self._limit:g} s")
        return errors[0] if errors else None


def system_ways(
    environ: Mapping[str, str],
    platform: str = sys.platform,
    click: Click = lambda _: None,
    picture: Picture = lambda _: None,
    tray: Tray | None = None,
) -> tuple[Way, ...]:
    """The ways of a platform, best first; for what they get see `DesktopNotifier`."""
    if platform == "linux":
        service = FreedesktopService(environ, click=click, picture=picture)
        # Without a desktop notify-send, which plyer calls, could only complain on our user's terminal.
        at_desk = any(environ.get(name) for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"))
        return (service, show_by_plyer) if at_desk else (service,)
    if platform == "darwin":  # plyer needs pyobjus there, which is no dependency of ours
        return (show_by_plyer, show_by_osascript)
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
    body = f"{cut(fitted.body, BODY_UNITS - len(ask) - 1)}\n{ask}".strip()
    tray(fitted.title, body, lambda: click(button.command))


def show_by_plyer(notice: Notify) -> None:
    """Show it through plyer.

    Raises:
        Exception: whatever plyer raises; NotImplementedError where it has nothing.
    """
    if sys.platform == "win32":
        from plyer.platforms.win.libs.balloontip import WindowsBalloonTip  # noqa: PLC0415 - exists on Windows only

        fitted = _some(_fitted(notice))
        about = {"title": fitted.title, "message": fitted.body, "app_name": APP}
        balloon.show(lambda: WindowsBalloonTip(**about, timeout=0))
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns on stderr that dbus-python is missing, and then goes on
        from plyer import notification  # noqa: PLC0415 - slow, and seldom needed on Linux

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
    subprocess.run(  # noqa: S603 - fixed program and script; the texts are plain arguments
        ["/usr/bin/osascript", *script, fitted.title, fitted.body],
        check=True,
        timeout=LIMIT - 0.5,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _fitted(notice: Notify) -> Notify:
    """Short enough for Windows, and not to be taken for an option by notify-send or osascript."""
    return replace(notice, title=cut(_plain(notice.title), TITLE_UNITS), body=cut(_plain(notice.body), BODY_UNITS))


def _some(notice: Notify) -> Notify:
    """With a body: Windows takes an empty one for a request to show nothing."""
    return notice if notice.body else replace(notice, title=APP, body=notice.title)


def _plain(text: str) -> str:
    text = text.replace("\0", "")
    return f" {text}" if text.startswith("-") else text


def cut(text: str, units: int) -> str:
    """The text, or as much of it as fits in so many UTF-16 units together with an ellipsis."""
    if len(text.encode("utf-16-le", "surrogatepass")) // 2 <= units:
        return text
    while len(text.encode("utf-16-le", "surrogatepass")) // 2 > units - 1:
        text = text[:-1]
    return text.rstrip() + "…"
