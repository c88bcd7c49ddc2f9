"""What goes out is the same message whatever its header, if its body is kept as bytes; what comes in is bounded."""

from __future__ import annotations

import io
import itertools
from types import SimpleNamespace

import jeepney
import pytest

from traycreds.dbus import connection
from traycreds.dbus.connection import LARGEST, BusConnection, _BuiltMessage
from traycreds.dbus.objects import BuiltBody

CASES = [
    ("u(ia{sv}av)", (7, (0, {"label": ("s", "a")}, [("(ia{sv}av)", (1, {}, []))]))),
    ("s", ("x" * 1000,)),
    ("yu", (1, 2)),
    ("ax", ([1, 2, 3],)),
]


@pytest.mark.parametrize(("signature", "body"), CASES)
@pytest.mark.parametrize("destination", [":1.5", ":1.12345"])
def test_the_bytes_are_those_of_a_plain_message_however_often_it_is_sent(signature, body, destination):
    call = jeepney.new_method_call(jeepney.DBusAddress("/x", "a.b"), "Get")
    call.header.fields[jeepney.HeaderFields.sender] = destination
    built = BuiltBody(body)
    for serial in (1, 2, 70_000):
        call.header.serial = serial
        plain = jeepney.new_method_return(call, signature, body)
        message = _BuiltMessage(jeepney.new_method_return(call, signature, built).header, built)
        assert message.serialise(serial) == plain.serialise(serial)
    assert built.wire is not None


def signal(text):
    """The bytes of a signal."""
    message = jeepney.new_signal(jeepney.DBusAddress("/x", None, "a.b"), "C", "s", (text,))
    message.header.fields[jeepney.HeaderFields.sender] = ":1.5"
    return message.serialise(1)


@pytest.mark.logs_warnings
@pytest.mark.parametrize(("size", "kept"), [(LARGEST // 2, True), (2 * LARGEST, False), (20 * LARGEST, False)])
def test_a_message_that_is_too_large_is_left_out_and_those_around_it_arrive(monkeypatch, size, kept):
    sent = b"".join(map(signal, ("before", "x" * size, "after")))
    data = io.BytesIO(sent)
    bus = SimpleNamespace(
        sock=SimpleNamespace(recv=data.read),
        parser=jeepney.Parser(),
        outgoing_serial=itertools.count(1),
        send=lambda *_, **__: None,
    )
    monkeypatch.setattr(connection, "_connected", lambda *_: bus)
    sizes, most = [], 0
    reader = BusConnection("unix:path=/nowhere")
    reader.subscribe(lambda each: sizes.append(len(each.body[0])), interface="a.b")
    for _ in range(0, len(sent), 65536):
        reader.read()
        most = max(most, bus.parser.buf.bytes_buffered)
    assert sizes == [len("before"), *([size] if kept else []), len("after")]
    assert most < LARGEST
