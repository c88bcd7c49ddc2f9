"""Owns the talk with org.freedesktop.Notifications: shows notices with buttons, replaces and takes them back.

Keeps one connection to the session bus from the first notice on, since desktops take away what a program has shown when
it leaves the bus, and since clicks come as signals. Never blocks a caller longer than its limit; a click only posts.
Source of the rules: freedesktop's Desktop Notifications specification 1.2.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from traycreds.core.commands import Command
from traycreds.core.markup import escaped
from traycreds.core.messages import Event, Notify

if TYPE_CHECKING:
    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

_log = logging.getLogger(__name__)

Click: TypeAlias = Callable[["Event | Command"], None]
"""Gets what a clicked button asks; must return at once."""

Picture: TypeAlias = Callable[["Notify"], "tuple[int, bytes] | None"]
"""Gives the picture of a notice: its side in pixels, and RGBA; None leaves it to the desktop."""

BUS_LIMIT = 2.0
"""Seconds for the whole talk about one notice."""

_REMEMBERED = 50
"""Notices whose buttons still work: desktops keep old ones in a list."""
_EARLY = 10
"""Signals kept that came before the number of their notice was known here: clicks of programs are that quick."""
_APP = "traycreds"
_NAME = "org.freedesktop.Notifications"
_PATH = "/org/freedesktop/Notifications"


class FreedesktopService:
    """Shows notices on the session bus, and hears what is clicked.

    Remembers which notice each key shows, so that a later one replaces it.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        limit: float = BUS_LIMIT,
        click: Click = lambda _: None,
        picture: Picture = lambda _: None,
    ) -> None:
        """Connect to nothing yet."""
        self._environ = environ
        self._limit = limit
        self._click = click
        self._picture = picture
        self._line: _Line | None = None
        self._server = ""
        self._shown: dict[str, int] = {}
        self._notices: dict[int, Notify] = {}
        self._early: list[tuple[str, str, tuple[Any, ...]]] = []
        self._numbering = threading.Lock()  # between who shows and who listens; never held while the bus is waited for

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all notices that are seen now, as far as the service has told."""
        return frozenset(self._shown)

    def __call__(self, notice: Notify) -> None:
        """Show it.

        Raises:
            OSError: no session bus, or a TimeoutError: the service hangs.
            jeepney.wrappers.DBusErrorResponse: no such service, or it refuses.
        """
        end = time.monotonic() + self._limit
        line = self._connected()
        (capabilities,), server = line.ask(end, "GetCapabilities", None, ())
        if server != self._server:  # a restarted service counts its notices anew: old numbers are somebody else's
            self._server = server
            self._forget()
        body = escaped(notice.body) if "body-markup" in capabilities else notice.body
        hints = {"urgency": ("y", 2 if notice.urgent else 1), "desktop-entry": ("s", _APP), **self._drawn(notice)}
        icon = "dialog-warning" if notice.urgent else "dialog-information"  # where no picture is shown
        buttons = notice.buttons if "actions" in capabilities else ()
        actions = [part for number, button in enumerate(buttons) for part in (str(number), button.label)]
        before = self._shown.get(notice.key, 0)
        arguments: tuple[Any, ...] = (_APP, before, icon, notice.title, body, actions, hints, -1)
        (number,), _ = line.ask(end, "Notify", "susssasa{sv}i", arguments)
        with self._numbering:
            self._notices[number] = notice
            self._shown[notice.key] = number
            for old in list(self._notices)[:-_REMEMBERED]:
                self._notices.pop(old)
            early = [signal for signal in self._early if signal[2][0] == number]
            self._early = [signal for signal in self._early if signal not in early]
        for signal in early:
            self._heard(*signal)

    def take_back(self, keys: Iterable[str]) -> None:
        """Take away the notices of these keys, if they are still seen.

        Raises:
            OSError: the bus is gone.
        """
        for key in keys:
            number = self._shown.pop(key, None)
            if number is not None and self._line is not None:
                self._line.tell("CloseNotification", "u", (number,))

    def close(self) -> None:
        """Leave the bus."""
        if self._line is not None:
            self._line.close()

    def _drawn(self, notice: Notify) -> dict[str, tuple[str, Any]]:
        """The picture as a hint; the numbers say: bytes in a row, transparency, bits in a value, values in a pixel."""
        picture = self._picture(notice)
        if picture is None:
            return {}
        side, rgba = picture
        return {"image-data": ("(iiibiiay)", (side, side, 4 * side, True, 8, 4, rgba))}

    def _connected(self) -> _Line:
        line = self._line
        if line is None or line.lost:
            line = self._line = _Line(self._address(), self._limit / 2, self._heard)
            self._server = ""
        return line

    def _address(self) -> str:
        address = self._environ.get("DBUS_SESSION_BUS_ADDRESS")
        if address:
            return address
        place = Path(self._environ.get("XDG_RUNTIME_DIR") or "/nowhere") / "bus"  # systemd's place, as in libdbus
        if not place.is_socket():
            raise ConnectionError("there is no session bus")
        return f"unix:path={place}"

    def _forget(self) -> None:
        self._shown.clear()
        self._notices.clear()
        self._early.clear()

    def _heard(self, sender: str, member: str, body: tuple[Any, ...]) -> None:
        """A signal of some notification service; on the thread that listens."""
        if sender != self._server:  # ours is the one that answered
            return
        with self._numbering:
            notice = self._notices.get(body[0])
            if notice is None:
                self._early = [*self._early[1 - _EARLY :], (sender, member, body)]
                return
        if member == "NotificationClosed":  # a click on it may still come: not all services send that first
            if self._shown.get(notice.key) == body[0]:
                self._shown.pop(notice.key, None)
        elif member == "ActionInvoked":
            buttons = {str(number): button for number, button in enumerate(notice.buttons)}
            if body[1] in buttons:
                self._click(buttons[body[1]].command)


class _Line:
    """One connection to the bus, with a thread that listens.

    Attributes:
        lost: the bus has gone away.
    """

    def __init__(self, address: str, limit: float, heard: Callable[[str, str, tuple[Any, ...]], None]) -> None:
        """Connect.

        Raises:
            OSError: there is nobody.
        """
        self.lost = False
        self._heard = heard
        self._connection = _opened(address, limit)
        self._answers: dict[int, queue.SimpleQueue[Message | None]] = {}
        self._sending = threading.Lock()
        threading.Thread(
            target=self._listen, name="notifications", daemon=True
        ).start()  # first: it closes the connection
        self._listen_to()

    def ask(self, end: float, member: str, signature: str | None, body: tuple[Any, ...]) -> tuple[tuple[Any, ...], str]:
        """The answer's body and who sent it.

        Raises:
            OSError: the bus is gone, or a TimeoutError: no answer before `end`.
            jeepney.wrappers.DBusErrorResponse: the service refuses.
        """
        from jeepney import HeaderFields  # noqa: PLC0415 - nobody else needs it before the first notice
        from jeepney.wrappers import unwrap_msg  # noqa: PLC0415

        answer: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        serial = next(self._connection.outgoing_serial)
        self._answers[serial] = answer
        try:
            self._send(_call(member, signature, body), serial)
            if self.lost:
                answer.put(None)
            reply = answer.get(timeout=max(end - time.monotonic(), 0.0))
        except queue.Empty:
            raise TimeoutError("the notification service does not answer") from None
        finally:
            del self._answers[serial]
        if reply is None:
            raise ConnectionError("the session bus has gone away")
        return unwrap_msg(reply), str(reply.header.fields.get(HeaderFields.sender, ""))

    def tell(self, member: str, signature: str | None, body: tuple[Any, ...]) -> None:
        """Call without waiting for the answer.

        Raises:
            OSError: the bus is gone.
        """
        self._send(_call(member, signature, body), next(self._connection.outgoing_serial))

    def close(self) -> None:
        """End the thread, which closes the connection."""
        with contextlib.suppress(OSError):  # it may be gone already
            self._connection.sock.shutdown(socket.SHUT_RDWR)

    def _send(self, message: Message, serial: int) -> None:
        with self._sending:
            self._connection.send(message, serial=serial)

    def _listen_to(self) -> None:
        """Ask the bus for the service's signals; some services send them to everybody, some to us alone."""
        from jeepney import MatchRule, message_bus  # noqa: PLC0415 - see ask

        rule = MatchRule(type="signal", interface=_NAME, path=_PATH)
        self._send(message_bus.AddMatch(rule), next(self._connection.outgoing_serial))

    def _listen(self) -> None:
        try:
            while True:
                self._handle(self._connection.receive())
        except Exception as error:  # noqa: BLE001 - whatever it is, the next notice connects anew
            _log.debug("the session bus is left: %s", error)
        self.lost = True
        self._connection.close()
        for answer in list(self._answers.values()):
            answer.put(None)

    def _handle(self, message: Message) -> None:
        from jeepney import HeaderFields, MessageType  # noqa: PLC0415 - see ask

        fields = message.header.fields
        answer = self._answers.get(fields.get(HeaderFields.reply_serial, 0))
        if answer is not None:
            answer.put(message)
        elif message.header.message_type is MessageType.signal and fields.get(HeaderFields.interface) == _NAME:
            sender, member = str(fields.get(HeaderFields.sender, "")), fields[HeaderFields.member]
            try:
                self._heard(sender, member, message.body)
            except Exception:  # noqa: BLE001 - what a click does must not end the listening
                _log.exception("A click on a notice failed")


def _opened(address: str, limit: float) -> DBusConnection:
    """A new connection; closed again if the bus breaks off its greeting, which jeepney's own opener forgets."""
    from jeepney.bus import get_bus  # noqa: PLC0415 - see _Line.ask
    from jeepney.io.blocking import DBusConnection, prep_socket  # noqa: PLC0415

    opened = prep_socket(get_bus(address), timeout=limit)
    try:
        return DBusConnection(opened)
    except BaseException:
        opened.close()
        raise


def _call(member: str, signature: str | None, body: tuple[Any, ...]) -> Message:
    from jeepney import DBusAddress, new_method_call  # noqa: PLC0415 - see _Line.ask

    return new_method_call(DBusAddress(_PATH, _NAME, _NAME), member, signature, body)
