"""Makes classes of immutable values: `dataclass(frozen=True, slots=True)` for a small part of its cost at import.

`dataclasses` compiles source for every class and needs `inspect`: a third of the start of each command. Here all
classes share their methods. To type checkers a value class is a dataclass.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, overload

__all__ = ["as_dict", "field", "replace", "value_class"]

_T = TypeVar("_T")
_NOTHING: Any = object()

if TYPE_CHECKING:
    from dataclasses import field, replace

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Callable[[_T], _T]:
        """Tell only type checkers what the decorator does."""
        return lambda decorator: decorator

    def field(
        *,
        default: Any = _NOTHING,
        default_factory: Callable[[], Any] | None = None,
        repr: bool = True,  # noqa: A002 - as dataclasses calls it
    ) -> Any:
        """Say more of a field than its default: what makes one for each value, and whether the repr shows it."""
        return _Field(default, default_factory, shown=repr)

    def replace(value: _T, /, **changes: Any) -> _T:
        """The value with other fields."""
        kind = type(value)
        return kind.__fill__(object.__new__(kind), {**as_dict(value), **changes})


class _Field:
    def __init__(self, default: Any, factory: Callable[[], Any] | None = None, *, shown: bool = True) -> None:
        self.default = default
        self.factory = factory
        self.shown = shown


@overload
def value_class(cls: type[_T], /) -> type[_T]: ...
@overload
def value_class(*, kw_only: bool = False, eq: bool = True) -> Callable[[type[_T]], type[_T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value_class(cls: type | None = None, /, *, kw_only: bool = False, eq: bool = True) -> Any:
    """Make a class of immutable values whose fields are its annotations; without `eq`, each equals only itself."""
    return (lambda cls: _made(cls, kw_only=kw_only, eq=eq)) if cls is None else _made(cls, kw_only=kw_only, eq=eq)


def as_dict(value: object) -> dict[str, Any]:
    """The fields of a value by name."""
    kind: Any = type(value)
    return dict(zip(kind.__slots__, kind.__values__(value), strict=True))


def _made(cls: type, *, kw_only: bool, eq: bool) -> Any:
    """A copy of the class, because slots must exist from the start."""
    fields = {name: _field_of(cls.__dict__.get(name, _NOTHING)) for name in cls.__annotations__}
    elsewhere = {"__dict__", "__weakref__", *fields}
    own = {name: member for name, member in cls.__dict__.items() if name not in elsewhere}
    names = tuple(fields)
    made: Any = type(cls)(
        cls.__name__,
        cls.__bases__,
        {
            **_METHODS,
            **(_EQUALITY if eq else {}),
            **own,
            "__qualname__": cls.__qualname__,
            "__slots__": names,
            "__match_args__": () if kw_only else names,
            "__values__": staticmethod(_getter(names)),
            "__shown__": tuple(name for name, field in fields.items() if field.shown),
        },
    )
    made.__fill__ = _filler(made)
    made.__init__ = _initializer(made, fields)
    return made


def _field_of(default: Any) -> _Field:
    return default if isinstance(default, _Field) else _Field(default)


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) == 1:
        only = attrgetter(*names)
        return lambda value: (only(value),)
    return attrgetter(*names) if names else lambda _: ()


def _filler(made: Any) -> Callable[[_T, dict[str, Any]], _T]:
    """What sets all fields of a new value, past `__setattr__`, which refuses to."""
    slots = tuple((name, getattr(made, name).__set__) for name in made.__slots__)

    def filled(value: _T, fields: dict[str, Any]) -> _T:
        try:
            for name, put in slots:
                put(value, fields[name])
        except KeyError as error:
            raise TypeError(f"{made.__qualname__} needs {error}") from None
        if len(fields) != len(slots):
            raise TypeError(f"{made.__qualname__} has no {', '.join(fields.keys() - set(made.__slots__))}")
        return value

    return filled


def _initializer(made: Any, fields: dict[str, _Field]) -> Callable[..., None]:
    fill, positional = made.__fill__, made.__match_args__
    setters = tuple(getattr(made, name).__set__ for name in positional)
    defaults = {name: field.default for name, field in fields.items() if field.default is not _NOTHING}
    factories = tuple((name, field.factory) for name, field in fields.items() if field.factory is not None)

    def initialize(self: Any, /, *args: Any, **given: Any) -> None:
        # Some classes are made by the thousand, so skip what they do not need.
        if args and len(args) == len(setters) and not given:
            for put, value in zip(setters, args, strict=True):
                put(self, value)
            return
        values = {**defaults, **given}
        if args:
            if len(args) > len(positional) or not given.keys().isdisjoint(positional[: len(args)]):
                raise TypeError(f"{made.__qualname__} takes {positional} by place, each once")
            values.update(zip(positional, args, strict=False))
        for name, make in factories:
            if name not in values:
                values[name] = make()
        fill(self, values)

    return initialize


def _refuse(self: object, name: str, _value: object = None) -> None:
    raise AttributeError(f"{type(self).__qualname__}.{name} cannot be changed")


def _repr(self: Any) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__shown__)})"


def _eq(self: Any, other: Any) -> bool:
    return bool(self.__values__(self) == other.__values__(other)) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(self.__values__(self))


def _reduced(self: object) -> tuple[Any, ...]:
    return _remade, (type(self), as_dict(self))


def _remade(kind: type[_T], fields: dict[str, Any]) -> _T:
    return kind(**fields)


_METHODS = {"__setattr__": _refuse, "__delattr__": _refuse, "__repr__": _repr, "__reduce__": _reduced}
_EQUALITY = {"__eq__": _eq, "__hash__": _hash}
