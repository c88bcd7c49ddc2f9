"""A message whose body is kept as bytes is the same message, whatever its header."""

from __future__ import annotations

import jeepney
import pytest

from traycreds.dbus.connection import _BuiltMessage
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
