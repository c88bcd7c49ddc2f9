"""Owns telling the user through the desktop: the freedesktop service on Linux, plyer elsewhere and as the fallback.

Never raises, never lasts longer than `LIMIT`, and never puts a text where a shell or a script would read it as code.
"""

from __future__ import annotations

import html
import logging
import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from traycreds.core.messages import Notify

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_log = logging.getLogger(__name__)

APP = "traycreds"
LIMIT = 3.0
"""Seconds that one way of telling may take: plyer can block for 25 s on a hung daemon (desktop-facts.md)."""

BUS_LIMIT = 2.0
"""Seconds for the whole talk with the notification service."""

TITLE_UNITS, BODY_UNITS = 63, 255
"""What Windows' balloon can hold (NOTIFYICONDATAW: 64 and 256 UTF-16 units with the final zero)."""

Way: TypeAlias = Callable[[Notify], None]
"""Shows a notice or raises; a TimeoutError says that the desktop hangs, so that no other way is tried."""


class DesktopNotifier:
    """Shows notices by the first way that works. One call at a time: it belongs to the notifier thread.

    Attributes:
        failures: how many notices could not be shown by any way.
    """

    def __init__(self, ways: Sequence[Way] | None = None, limit: float = LIMIT) -> None:
        """Use the ways of this platform, or those given."""
        self.failures = 0
        self._ways = tuple(ways if ways is not None else system_ways(os.environ))
        self._limit = limit
        self._stuck: dict[int, threading.Thread] = {}
        self._said = False

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
        thread.start()
        thread.join(self._limit)
        if thread.is_alive():
            self._stuck[number] = thread
            return TimeoutError(f"no answer in {self._limit:g} s")
        return errors[0] if errors else None


def system_ways(environ: Mapping[str, str], platform: str = sys.platform) -> tuple[Way, ...]:
    """The ways of a platform, best first."""
    if platform == "linux":
        return (FreedesktopService(environ), show_by_plyer)
    if platform == "darwin":  # plyer needs pyobjus there, which is no dependency of ours
        return (show_by_plyer, show_by_osascript)
    return (show_by_plyer,)


class FreedesktopService:
    """The org.freedesktop.Notifications service of the session bus, on a connection of its own for each notice.

    Remembers which notice each key shows, so that a later one replaces it.
    """

    def __init__(self, environ: Mapping[str, str], limit: float = BUS_LIMIT) -> None:
        self._environ = environ
        self._limit = limit
        self._server = ""
        self._shown: dict[str, int] = {}

    def __call__(self, notice: Notify) -> None:
        """Show it.

        Raises:
            OSError: no session bus, or a TimeoutError: the service hangs.
            jeepney.wrappers.DBusErrorResponse: no such service, or it refuses.
        """
        end = time.monotonic() + self._limit
        with self._connected() as connection:
            (capabilities,), server = self._call(connection, end, "GetCapabilities", None, ())
            if server != self._server:  # a restarted service counts its notices anew: old numbers are somebody else's
                self._server = server
                self._shown.clear()
            body = html.escape(notice.body, quote=False) if "body-markup" in capabilities else notice.body
            hints = {"urgency": ("y", 2 if notice.urgent else 1), "desktop-entry": ("s", APP)}
            icon = "dialog-warning" if notice.urgent else "dialog-information"
            before = self._shown.get(notice.key, 0)
            arguments: tuple[Any, ...] = (APP, before, icon, notice.title, body, [], hints, -1)
            (number,), _ = self._call(connection, end, "Notify", "susssasa{sv}i", arguments)
            self._shown[notice.key] = number

    def _connected(self) -> DBusConnection:
        """A new connection; closed again if the bus breaks off its greeting, which jeepney's own opener forgets."""
        from jeepney.bus import get_bus  # noqa: PLC0415 - nobody else needs these before the first notice
        from jeepney.io.blocking import DBusConnection, prep_socket  # noqa: PLC0415

        socket = prep_socket(get_bus(self._address()), timeout=self._limit / 2)
        try:
            return DBusConnection(socket)
        except BaseException:
            socket.close()
            raise

    def _address(self) -> str:
        address = self._environ.get("DBUS_SESSION_BUS_ADDRESS")
        if address:
            return address
        socket = Path(self._environ.get("XDG_RUNTIME_DIR") or "/nowhere") / "bus"  # systemd's place, as in libdbus
        if not socket.is_socket():
            raise ConnectionError("there is no session bus")
        return f"unix:path={socket}"

    @staticmethod
    def _call(
        connection: DBusConnection, end: float, member: str, signature: str | None, body: tuple[Any, ...]
    ) -> tuple[tuple[Any, ...], str]:
        """The answer's body and who sent it."""
        from jeepney import DBusAddress, HeaderFields, new_method_call  # noqa: PLC0415 - see _connected
        from jeepney.wrappers import unwrap_msg  # noqa: PLC0415

        name = "org.freedesktop.Notifications"
        service = DBusAddress("/org/freedesktop/Notifications", name, name)
        call = new_method_call(service, member, signature, body)
        try:
            reply = connection.send_and_get_reply(call, timeout=max(end - time.monotonic(), 0.0))
        except TimeoutError:
            raise TimeoutError("the notification service does not answer") from None
        return unwrap_msg(reply), str(reply.header.fields.get(HeaderFields.sender, ""))


def show_by_plyer(notice: Notify) -> None:
    """Show it through plyer.

    Raises:
        Exception: whatever plyer raises; NotImplementedError where it has nothing.
    """
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
