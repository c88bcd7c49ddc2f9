"""Objective-C's objects as PyObjC gives them, each call of which is checked against Apple's declarations and recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.mac import declarations

APPLE = declarations.load()
VIOLATIONS = Path("~/violations").expanduser()
"""Takes what a Mac would have refused, a line each; a process that ends by `terminate:` could not say so later."""
calls: list[tuple[str, str]] = []
"""Class and selector of all calls."""
_MAIN_ONLY = {"NSResponder", "NSMenu", "NSMenuItem", "NSStatusItem", "NSStatusBar", "NSCell", "NSCursor"}
"""Classes of which Apple's "Thread Safety Summary" says that they belong to the main thread, with what inherits from them."""


class ViolationError(Exception):
    """A call that a Mac would have refused, often by ending the process."""


def note(violation: str) -> None:
    """Keep a violation for the test."""
    with VIOLATIONS.open("a", encoding="utf-8") as file:
        file.write(violation + "\n")


def refuse(text: str) -> None:
    """Note a violation, and end the call."""
    note(text)
    raise ViolationError(text)


class Selector:
    """A bound method: it counts its arguments and knows its thread."""

    def __init__(self, owner: Any, name: str, call: Callable[..., Any]) -> None:
        self._class = owner if isinstance(owner, type) else type(owner)
        self._name = name
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        wanted = self._name.count("_")
        if len(arguments) != wanted:
            raise TypeError(f"Need {wanted} arguments, got {len(arguments)}: -[{self._class.__name__} {self._name}]")
        apple = self._class.apple
        if _MAIN_ONLY & APPLE.lineage(apple) and threading.current_thread() is not threading.main_thread():
            refuse(f"-[{apple} {self._name}] on thread {threading.current_thread().name}")
        calls.append((apple, self._name))
        return self._call(*arguments)


class ClassMethods(type):
    """Finds class methods; what is not defined as `class_NAME` does nothing."""

    apple: str

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "alloc":
            return lambda: cls.__new__(cls)
        if APPLE.takes(cls.apple, name, static=True) is None:
            raise AttributeError(f"Apple's {cls.apple} has no class method {name}")
        defined = next((vars(each)[f"class_{name}"] for each in cls.__mro__ if f"class_{name}" in vars(each)), None)
        return Selector(cls, name, (lambda *more: defined(cls, *more)) if defined else (lambda *_: None))


class NSObject(metaclass=ClassMethods):
    """Any object: setters keep what getters give, unless there is a method `do_NAME`.

    A subclass without `apple` is one of the program's own.
    """

    apple = "NSObject"
    state: dict[str, Any]

    def __init_subclass__(cls, apple: str | None = None, protocols: tuple[str, ...] = (), **more: Any) -> None:
        super().__init_subclass__(**more)
        if apple is not None:
            cls.apple = apple
        for protocol in protocols:
            for name in vars(cls):
                if name.endswith("_") and not name.startswith("_") and APPLE.takes(protocol, name) is None:
                    refuse(f"Apple's {protocol} has no {name}")

    def __new__(cls, *_: Any) -> Any:
        self = object.__new__(cls)
        object.__setattr__(self, "state", {})
        return self

    def init(self) -> Any:
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        class_ = type(self)
        if APPLE.takes(class_.apple, name) is None:
            raise AttributeError(f"Apple's {class_.apple} has no {name}")
        defined = (
            getattr(class_, f"do_{name}", None) if any(f"do_{name}" in vars(each) for each in class_.__mro__) else None
        )
        if defined is not None:
            return Selector(self, name, lambda *more: defined(self, *more))
        if name.startswith("set"):
            key = name[3].lower() + name[4:-1]
            return Selector(self, name, lambda value: self.state.__setitem__(key, value))
        if name.startswith("init"):
            return Selector(self, name, lambda *_: self)
        return Selector(self, name, lambda *_: self.state.get(name))


def send(target: Any, action: bytes, sender: Any) -> None:
    """What objc_msgSend does with a selector: find the method by its name, or by the one it was given."""
    name = action.decode().replace(":", "_")
    for class_ in type(target).__mro__:
        for attribute, value in vars(class_).items():
            if attribute == name or getattr(value, "selector", None) == action:
                value(target, sender)
                return
    refuse(f"unrecognized selector {action!r} sent to {type(target).__name__}")


def notify(delegate: Any, name: str, *arguments: Any) -> Any:
    """Call a delegate's method, if it has it; Apple must declare it."""
    method = getattr(type(delegate), name, None) if delegate is not None else None
    if method is None or not any(name in vars(each) for each in type(delegate).__mro__):
        return None
    if not APPLE.owners(name):
        refuse(f"Apple declares no delegate method {name}")
    return method(delegate, *arguments)
