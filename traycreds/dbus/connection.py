"""One connection to a D-Bus bus: calls with a deadline, signals, answers. The one module that imports jeepney.

Its owner reads on its own thread with `read`, or leaves that to `read_in_background`; handlers run on the reading
thread. A lost connection stays lost.
"""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import jeepney
from jeepney.bus import get_bus
from jeepney.io.blocking import DBusConnection, prep_socket
from jeepney.wrappers import unwrap_msg

from traycreds.dbus.objects import Address, Body, BuiltBody, DBusError, MethodCall, Reply, refusal

_log = logging.getLogger(__name__)

SYSTEM = "SYSTEM"
"""The address that stands for the system bus, wherever it is."""
DAEMON_NAME = "org.freedesktop.DBus"
"""The bus itself, by its name and interface."""
DAEMON = Address("/org/freedesktop/DBus", DAEMON_NAME, DAEMON_NAME)
SECONDS = 2.0
"""How long connecting may take; on a bus that works it takes a millisecond."""

SEND_SECONDS = 3.0
"""How long a bus may take nothing of what we send, which fits into the buffers of one that works."""

LARGEST = 1024 * 1024
"""Bytes of a message that is kept; those for us have some hundred, and a bus lets one of a gigabyte through."""

_FAULTS = (ValueError, RuntimeError, StopIteration, EOFError, jeepney.DBusErrorResponse)
"""What jeepney raises besides OSError: an odd address, an unknown transport, a refused authentication or greeting."""

Header = jeepney.HeaderFields


class Signal(NamedTuple):
    """What a signal says: who sent it (a unique name), its name, its arguments."""

    sender: str
    member: str
    body: Body


class CallResult(NamedTuple):
    """What a call returned, and who answered (a unique name)."""

    body: Body
    sender: str


OnSignal: TypeAlias = "Callable[[Signal], None]"
OnReply: TypeAlias = "Callable[[Body | None], None]"
"""Gets the body of the answer, or None if the call failed."""


class BusConnection:
    """A connection to a bus. Raises OSError: nobody answers at this address; TimeoutError: not in time.

    `seconds`: how long connecting may take. `answer` answers the calls of others, or raises a DBusError; by default
    there are no objects here. `lost`: the bus has gone away; only a background reader learns of it.
    """

    def __init__(
        self, address: str, *, seconds: float = SECONDS, answer: Callable[[MethodCall], Reply] | None = None
    ) -> None:
        self.lost = False
        self._answer = answer or _no_object
        self._jeepney = _connected(address, seconds)
        self._replies: dict[int, Callable[[jeepney.Message | None], object]] = {}
        self._subscriptions: list[tuple[jeepney.MatchRule, OnSignal]] = []
        self._sending = threading.Lock()
        self._reader: threading.Thread | None = None
        # This many bytes are still to come of a message that is too large.
        self._left_out = 0

    @property
    def unique_name(self) -> str:
        """Our name on the bus."""
        return str(self._jeepney.unique_name)

    def fileno(self) -> int:
        """For a selector: `read` does not block while this can be read."""
        return int(self._jeepney.sock.fileno())

    def subscribe(
        self,
        on_signal: OnSignal,
        *,
        interface: str,
        member: str | None = None,
        path: str | None = None,
        sender: str | None = None,
        arg0: str | None = None,
    ) -> None:
        """Call `on_signal` for each matching signal; None matches any, errors are logged. Raises OSError: bus gone.

        `sender` is a name on the bus, `arg0` the signal's first argument, a string.
        """
        wanted = {"interface": interface, "member": member, "path": path}
        rule, ours = jeepney.MatchRule(type="signal", sender=sender, **wanted), jeepney.MatchRule(**wanted)
        if arg0 is not None:
            rule.add_arg_condition(0, arg0)
            ours.add_arg_condition(0, arg0)
        # The bus judges the sender: a signal carries a unique name, not the one in the rule.
        self._subscriptions.append((ours, on_signal))
        self.send_call(DAEMON, "AddMatch", "s", (rule.serialise(),))

    def send_call(
        self,
        address: Address,
        member: str,
        signature: str | None = None,
        body: Body = (),
        on_reply: OnReply | None = None,
    ) -> None:
        """Call a method without waiting; `on_reply` gets the answer on the reading thread. Raises OSError: bus gone."""
        serial = next(self._jeepney.outgoing_serial)
        if on_reply is not None:
            self._replies[serial] = lambda message: on_reply(_body(message))
        self._send(_method_call(address, member, signature, body), serial)

    def call(
        self, address: Address, member: str, signature: str | None = None, body: Body = (), *, deadline: float
    ) -> CallResult:
        """Call a method, and wait until `deadline` (`time.monotonic`); reads itself if nobody else does.

        Raises DBusError: refused. Raises OSError: the bus is gone. Raises TimeoutError.
        """
        # Not SimpleQueue: at a deadline that is over, that of Python 3.10 may wait forever.
        answers: queue.Queue[jeepney.Message | None] = queue.Queue()
        serial = next(self._jeepney.outgoing_serial)
        self._replies[serial] = answers.put
        try:
            self._send(_method_call(address, member, signature, body), serial)
            while self._reader is None and answers.empty():
                self.read(deadline)
            if self.lost:
                answers.put(None)
            reply = answers.get(timeout=max(deadline - time.monotonic(), 0.0))
        except queue.Empty:
            raise TimeoutError(f"{address.bus_name} does not respond") from None
        finally:
            self._replies.pop(serial, None)
        if reply is None:
            raise ConnectionError("the bus has gone away")
        try:
            return CallResult(unwrap_msg(reply), _sender(reply))
        except jeepney.DBusErrorResponse as error:
            raise DBusError(error.name, str(error)) from error

    def emit(self, path: str, interface: str, member: str, signature: str | None, body: Body) -> None:
        """Send a signal. Raises OSError: the bus is gone."""
        self._send(jeepney.new_signal(jeepney.DBusAddress(path, None, interface), member, signature, body))

    def read(self, deadline: float | None = None) -> None:
        """Read until `deadline` (`time.monotonic`), if any, and handle messages. Raises OSError, TimeoutError."""
        if deadline is not None and not self._jeepney.selector.select(max(deadline - time.monotonic(), 0.0)):
            raise TimeoutError("nothing arrived in time")
        data = self._jeepney.sock.recv(65536)
        if not data:
            raise ConnectionError("the bus closed the connection")
        left_out = min(self._left_out, len(data))
        self._left_out -= left_out
        if left_out == len(data):
            return
        for message in self._jeepney.parser.feed(data[left_out:]):
            self._handle(message)
        # How much is still to come of the message that has begun: this is known from its first 16 bytes on.
        if (size := self._jeepney.parser.bytes_desired()) > LARGEST:
            _log.warning("a D-Bus message of %d bytes is left out", size)
            self._left_out, self._jeepney.parser = size, jeepney.Parser()

    def read_in_background(self, name: str) -> None:
        """Read on a thread of this name until the connection is closed or lost."""
        self._reader = threading.Thread(target=self._read_until_lost, name=name, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """Leave the bus; may be done twice."""
        if self._reader is None:
            self._jeepney.close()
        else:
            # This wakes the thread that reads, and that thread closes the connection.
            with contextlib.suppress(OSError):
                self._jeepney.sock.shutdown(socket.SHUT_RDWR)

    def _read_until_lost(self) -> None:
        try:
            while True:
                self.read()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next user of the bus connects again
            _log.debug("leaving the bus: %s", error)
        self.lost = True
        self._jeepney.close()
        for on_message in list(self._replies.values()):
            on_message(None)

    def _send(self, message: jeepney.Message, serial: int | None = None) -> None:
        with self._sending:
            try:
                self._jeepney.send(message, serial=serial)
            except BlockingIOError:
                # A part may have gone out, so nothing can follow it; readers learn of the end.
                with contextlib.suppress(OSError):
                    self._jeepney.sock.shutdown(socket.SHUT_RDWR)
                raise ConnectionError("the bus accepts nothing") from None

    def _handle(self, message: jeepney.Message) -> None:
        kind = message.header.message_type
        if kind is jeepney.MessageType.method_call:
            self._handle_call(message)
        elif kind is jeepney.MessageType.signal:
            self._handle_signal(message)
        else:
            on_message = self._replies.pop(message.header.fields[Header.reply_serial], None)
            if on_message is not None:
                on_message(message)

    def _handle_signal(self, message: jeepney.Message) -> None:
        signal = Signal(_sender(message), message.header.fields[Header.member], message.body)
        for rule, on_signal in list(self._subscriptions):
            if rule.matches(message):
                try:
                    on_signal(signal)
                except ConnectionError:
                    raise
                except Exception:  # noqa: BLE001 - what one signal leads to must not end the reading
                    _log.exception("The D-Bus signal %s could not be handled", signal.member)

    def _handle_call(self, message: jeepney.Message) -> None:
        fields = message.header.fields
        call = MethodCall(fields[Header.path], fields.get(Header.interface), fields[Header.member], message.body)
        try:
            signature, body = self._answer(call)
            reply = jeepney.new_method_return(message, signature, body)
            if isinstance(body, BuiltBody):
                reply = _BuiltMessage(reply.header, body)
        except DBusError as error:
            reply = jeepney.new_error(message, error.name, "s", (str(error),))
        if not message.header.flags & jeepney.MessageFlag.no_reply_expected:
            self._send(reply)


class _BuiltMessage(jeepney.Message):  # type: ignore[misc]
    """A message whose body is encoded once; it begins at a multiple of eight bytes, so any header fits."""

    def serialise(self, serial: int | None = None, fds: Any = None) -> bytes:
        """The message as bytes."""
        if self.body.wire is None:
            whole: bytes = super().serialise(serial, fds)
            self.body.wire = whole[len(whole) - self.header.body_length :]
            return whole
        self.header.body_length = len(self.body.wire)
        header: bytes = self.header.serialise(serial=serial)
        padded: bytes = header + bytes(-len(header) % 8)
        return padded + bytes(self.body.wire)


class _Greeting(DBusConnection):  # type: ignore[misc]
    """A connection whose bus must answer our greeting in time; jeepney's own waits for that forever."""

    def __init__(self, opened: socket.socket, seconds: float) -> None:
        self._seconds = seconds
        super().__init__(opened)

    def send_and_get_reply(self, message: jeepney.Message, *, timeout: float | None = None) -> jeepney.Message:
        return super().send_and_get_reply(message, timeout=self._seconds if timeout is None else timeout)


def _connected(address: str, seconds: float) -> DBusConnection:
    """A new connection; its socket is closed if the bus breaks off the greeting, which jeepney's own opener forgets."""
    deadline = time.monotonic() + seconds
    try:
        opened = prep_socket(get_bus(address), timeout=seconds)
        try:
            # The kernel limits a send, because jeepney needs a socket without a Python timeout.

            opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", math.ceil(SEND_SECONDS), 0))
            return _Greeting(opened, max(deadline - time.monotonic(), 0.0))
        except BaseException:
            opened.close()
            raise
    except _FAULTS as error:
        raise ConnectionError(f"no bus answers at {address}: {error}") from error


def _no_object(call: MethodCall) -> Reply:
    raise refusal("UnknownObject", f"There is no object {call.path}.")


def _method_call(address: Address, member: str, signature: str | None, body: Body) -> Any:
    return jeepney.new_method_call(jeepney.DBusAddress(*address), member, signature, body)


def _body(message: jeepney.Message | None) -> Body | None:
    if message is None or message.header.message_type is not jeepney.MessageType.method_return:
        return None
    body: Body = message.body
    return body


def _sender(message: jeepney.Message) -> str:
    return str(message.header.fields.get(Header.sender, ""))
