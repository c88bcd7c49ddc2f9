"""Answers calls to our objects on a bus, and describes them (D-Bus specification, "Standard interfaces"). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from traycreds.core.value_class import value_class

Body: TypeAlias = "tuple[Any, ...]"
"""The arguments of a call or signal, or what a call returns."""
Reply: TypeAlias = "tuple[str | None, Body]"
"""Signature and body of an answer."""


class BuiltBody(tuple[Any, ...]):  # noqa: SLOT001 - a tuple takes none
    """A body that is sent again and again: `wire` keeps its bytes."""

    wire: bytes | None = None


_INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_PEER = "org.freedesktop.DBus.Peer"
_STANDARD = f"""<interface name="{_INTROSPECTABLE}"><method name="Introspect"><arg type="s" direction="out"/></method>
</interface><interface name="{_PROPERTIES}"><method name="Get"><arg type="s" direction="in"/>
<arg type="s" direction="in"/><arg type="v" direction="out"/></method><method name="GetAll">
<arg type="s" direction="in"/><arg type="a{{sv}}" direction="out"/></method></interface>
<interface name="{_PEER}"><method name="Ping"/></interface>"""


class Address(NamedTuple):
    """An interface of an object, and whose object it is; no bus name means our own."""

    path: str
    bus_name: str | None
    interface: str | None


class MethodCall(NamedTuple):
    """A call that someone on the bus makes; `interface` may be left out."""

    path: str
    interface: str | None
    member: str
    body: Body


class DBusError(Exception):
    """A call was refused, by a peer or by us; `name` is the D-Bus error's."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


def refusal(name: str, text: str) -> DBusError:
    """Refuse a call by one of D-Bus's own errors, such as "UnknownMethod"."""
    return DBusError(f"org.freedesktop.DBus.Error.{name}", text)


@value_class(kw_only=True)
class ExportedObject:
    """One interface of one object, with its introspection XML.

    `methods` take the arguments, and raise a LookupError for invalid ones; `properties` are variants, read each time.
    """

    interface: str
    methods: Mapping[str, Callable[..., Reply]]
    properties: Callable[[], Mapping[str, tuple[str, Any]]]
    introspection: str


class Objects:
    """The objects of one connection, by path."""

    def __init__(self) -> None:
        self._services: dict[str, ExportedObject] = {}

    def add(self, path: str, service: ExportedObject) -> None:
        """Serve an object."""
        self._services[path] = service

    def answer(self, call: MethodCall) -> Reply:
        """Answer a call. Raises DBusError: it cannot be answered."""
        if call.interface == _INTROSPECTABLE:
            return "s", (self._introspection(call.path),)
        if call.interface == _PEER and call.member == "Ping":
            return None, ()
        service = self._services.get(call.path)
        if service is None:
            raise refusal("UnknownObject", f"There is no object {call.path}.")
        if call.interface == _PROPERTIES:
            return _property(service, call.member, call.body)
        method = service.methods.get(call.member) if call.interface in (None, service.interface) else None
        if method is None:
            raise refusal("UnknownMethod", f"There is no method {call.interface}.{call.member}.")
        try:
            return method(*call.body)
        except LookupError as error:
            raise refusal("InvalidArgs", str(error)) from error

    def _introspection(self, path: str) -> str:
        service = self._services.get(path)
        inner = _STANDARD + service.introspection if service is not None else ""
        names = [served[1:] for served in self._services] if path == "/" else []
        return f"<node>{inner}{''.join(f'<node name={chr(34)}{name}{chr(34)}/>' for name in names)}</node>"


def _property(service: ExportedObject, member: str, body: Body) -> Reply:
    values = service.properties()
    if member == "GetAll":
        return "a{sv}", (dict(values) if body[0] in ("", service.interface) else {},)
    if member == "Get" and body[1] in values:
        return "v", (values[body[1]],)
    raise refusal("InvalidArgs", f"There is no such property: {body}.")
