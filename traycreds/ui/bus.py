"""The session bus and the loop of the thread that serves it.

The one door to jeepney in the user interface. Everything of the tray happens on the thread that runs `BusLoop.run`;
other threads and signal handlers only `post` or `stop`. Never waits for an answer: a call gets its reply by callback.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import jeepney
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from traycreds.ui.mainthread import signals_ring

_log = logging.getLogger(__name__)

Reply: TypeAlias = "tuple[str | None, tuple[Any, ...]]"
"""Signature and body of an answer."""
OnReply: TypeAlias = "Callable[[tuple[Any, ...] | None], None]"
"""Gets the body of the answer, or None if the call failed."""

Address: TypeAlias = jeepney.DBusAddress
DAEMON = Address("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
_UNREACHABLE = (OSError, ValueError, RuntimeError, StopIteration)
"""What jeepney raises: nobody there, an odd address, an unknown transport, a refused authentication."""
_INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_PEER = "org.freedesktop.DBus.Peer"
_STANDARD = f"""<interface name="{_INTROSPECTABLE}"><method name="Introspect"><arg type="s" direction="out"/></method>
</interface><interface name="{_PROPERTIES}"><method name="Get"><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="v" direction="out"/></method><method name="GetAll">
<arg type="s" direction="in"/><arg type="a{{sv}}" direction="out"/></method></interface>
<interface name="{_PEER}"><method name="Ping"/></interface>"""


class BusLostError(ConnectionError):
    """The session bus is gone: the desktop session ended, or its daemon died."""


class RefusedCallError(Exception):
    """A call that cannot be answered.

    Attributes:
        name: the D-Bus error's name.
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = f"org.freedesktop.DBus.Error.{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One interface of one object.

    Attributes:
        methods: by name; each takes the call's arguments.
        properties: all of them as variants, asked for anew each time.
        introspection: its XML.
    """

    interface: str
    methods: Mapping[str, Callable[..., Reply]]
    properties: Callable[[], Mapping[str, tuple[str, Any]]]
    introspection: str


def session_address() -> str | None:
    """Where the session bus is, or None if there is none; systemd's place is the fallback, as in libdbus."""
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    if address:
        return address
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return f"unix:path={runtime}/bus" if runtime and (Path(runtime) / "bus").is_socket() else None


def reachable() -> bool:
    """Whether somebody listens where the session bus should be."""
    address = session_address()
    if address is None:
        return False
    try:
        open_dbus_connection(address).close()
    except _UNREACHABLE:
        return False
    return True


class BusLoop:
    """A connection to the session bus with its loop.

    Args:
        address: the bus.

    Raises:
        OSError: there is nobody at this address.
    """

    def __init__(self, address: str) -> None:
        try:
            self._connection: DBusConnection = open_dbus_connection(address)
        except _UNREACHABLE as error:
            raise OSError(f"The session bus cannot be reached: {error}") from error
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._posted: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, Callable[[], None]]] = []
        self._replies: dict[int, OnReply] = {}
        self._services: dict[str, Service] = {}
        self._listeners: dict[tuple[str, str], Callable[..., None]] = {}
        self._stopped = False

    @property
    def unique_name(self) -> str:
        """Our name on the bus."""
        return str(self._connection.unique_name)

    def serve(self, path: str, service: Service) -> None:
        """Answer calls to an object."""
        self._services[path] = service

    def listen(self, interface: str, member: str, rule: str, handler: Callable[..., None]) -> None:
        """Call `handler` with the body of a signal; `rule` narrows the match further."""
        self._listeners[interface, member] = handler
        match = f"type='signal',interface='{interface}',member='{member}'{rule}"
        self.call(DAEMON, "AddMatch", "s", (match,))

    def call(
        self,
        address: Address,
        member: str,
        signature: str | None = None,
        body: tuple[Any, ...] = (),
        on_reply: OnReply | None = None,
    ) -> None:
        """Call a method; the answer comes by `on_reply` on this thread, later."""
        serial = next(self._connection.outgoing_serial)
        if on_reply is not None:
            self._replies[serial] = on_reply
        self._connection.send(jeepney.new_method_call(address, member, signature, body), serial=serial)

    def emit(self, path: str, interface: str, member: str, signature: str | None, body: tuple[Any, ...]) -> None:
        """Send a signal."""
        self._connection.send(jeepney.new_signal(Address(path, None, interface), member, signature, body))

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Run `call` on this thread once, after so many seconds."""
        self._timers.append((time.monotonic() + seconds, call))

    def post(self, call: Callable[[], None]) -> None:
        """Run `call` on the loop's thread; from any thread and from signal handlers, never blocks."""
        self._posted.append(call)
        self._ring()

    def stop(self) -> None:
        """End `run`; from any thread and from signal handlers, never blocks."""
        self._stopped = True
        self._ring()

    def run(self) -> None:
        """Serve until `stop`.

        Raises:
            BusLostError: the bus is gone.
        """
        with selectors.DefaultSelector() as selector, signals_ring(self._bell):
            selector.register(self._connection.sock, selectors.EVENT_READ)
            selector.register(self._ear, selectors.EVENT_READ)
            try:
                while not self._stopped:
                    self._turn(selector)
            except (ConnectionError, TimeoutError) as error:
                raise BusLostError("The session bus has gone away.") from error

    def close(self) -> None:
        """Leave the bus, which takes the icon away."""
        self._connection.close()
        self._ear.close()
        self._bell.close()

    def _turn(self, selector: selectors.BaseSelector) -> None:
        while self._posted and not self._stopped:
            _guarded(self._posted.popleft())
        now = time.monotonic()
        due = [call for at, call in self._timers if at <= now]
        self._timers = [(at, call) for at, call in self._timers if at > now]
        for call in due:
            _guarded(call)
        if self._stopped or self._posted:
            return
        wait = min((at - now for at, _ in self._timers), default=None)
        for key, _ in selector.select(wait):
            if key.fileobj is self._ear:
                with contextlib.suppress(BlockingIOError):
                    self._ear.recv(4096)
            else:
                self._receive()

    def _receive(self) -> None:
        data = self._connection.sock.recv(65536)
        if not data:
            raise BusLostError("The session bus closed the connection.")
        for message in self._connection.parser.feed(data):
            self._handle(message)

    def _handle(self, message: jeepney.Message) -> None:
        kind, fields = message.header.message_type, message.header.fields
        if kind is jeepney.MessageType.method_call:
            self._answer(message)
        elif kind is jeepney.MessageType.signal:
            name = (fields[jeepney.HeaderFields.interface], fields[jeepney.HeaderFields.member])
            if name in self._listeners:
                self._listeners[name](*message.body)
        else:
            on_reply = self._replies.pop(fields[jeepney.HeaderFields.reply_serial], None)
            if on_reply is not None:
                on_reply(message.body if kind is jeepney.MessageType.method_return else None)

    def _answer(self, message: jeepney.Message) -> None:
        try:
            reply = jeepney.new_method_return(message, *self._result(message))
        except RefusedCallError as error:
            reply = jeepney.new_error(message, error.name, "s", (str(error),))
        except Exception:  # noqa: BLE001 - whatever a host sends must not end the tray
            _log.exception("A call from the tray host failed")
            reply = jeepney.new_error(message, "org.freedesktop.DBus.Error.Failed", "s", ("Internal error.",))
        if not message.header.flags & jeepney.MessageFlag.no_reply_expected:
            self._connection.send(reply)

    def _result(self, message: jeepney.Message) -> Reply:
        fields = message.header.fields
        path, member = fields[jeepney.HeaderFields.path], fields[jeepney.HeaderFields.member]
        interface = fields.get(jeepney.HeaderFields.interface)
        if interface == _INTROSPECTABLE:
            return "s", (self._introspection(path),)
        if interface == _PEER and member == "Ping":
            return None, ()
        service = self._services.get(path)
        if service is None:
            raise RefusedCallError("UnknownObject", f"There is no object {path}.")
        if interface == _PROPERTIES:
            return _property(service, member, message.body)
        method = service.methods.get(member) if interface in (None, service.interface) else None
        if method is None:
            raise RefusedCallError("UnknownMethod", f"There is no method {interface}.{member}.")
        try:
            return method(*message.body)
        except LookupError as error:
            raise RefusedCallError("InvalidArgs", str(error)) from error

    def _introspection(self, path: str) -> str:
        service = self._services.get(path)
        inner = _STANDARD + service.introspection if service is not None else ""
        names = [place[1:] for place in self._services] if path == "/" else []
        return f"<node>{inner}{''.join(f'<node name={chr(34)}{name}{chr(34)}/>' for name in names)}</node>"

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # full: it rings already; closed: nobody listens any more
            self._bell.send(b"\0")


def _property(service: Service, member: str, body: tuple[Any, ...]) -> Reply:
    values = service.properties()
    if member == "GetAll":
        return "a{sv}", (dict(values) if body[0] in ("", service.interface) else {},)
    if member == "Get" and body[1] in values:
        return "v", (values[body[1]],)
    raise RefusedCallError("InvalidArgs", f"There is no such property: {body}.")


def _guarded(call: Callable[[], None]) -> None:
    try:
        call()
    except ConnectionError:
        raise
    except Exception:  # noqa: BLE001 - a fault in drawing one thing must not end the tray
        _log.exception("A call on the tray's thread failed")
