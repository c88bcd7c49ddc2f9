"""A port that hangs forever once: what a row of the table of ports is made of."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

DEADLINE = 1.0
"""Seconds that the deadline lasts of a call that hangs."""
SOON = 20.0
"""Seconds in which what a deadline ends has ended; no read timeout of these tests comes before."""


class GivenUp(Exception):  # noqa: N818 - how a port that raises nothing says so
    """The port gave its answer up."""


def nothing() -> None:
    """What there is to do where there is nothing."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Port:
    """One port with its world, in which the next call hangs.

    Attributes:
        call: calls it, to the end; gives something true.
        heal: what hung works from now on.
        freed: asserts that what the call held has ended, before it is healed.
        left: daemon threads that wait on for what hangs.
    """

    call: Callable[[], Any]
    heal: Callable[[], None] = nothing
    freed: Callable[[], None] = nothing
    left: int = 0


@dataclasses.dataclass(frozen=True)
class Fixtures:
    """Where a row takes what it needs from."""

    request: pytest.FixtureRequest
    monkeypatch: pytest.MonkeyPatch

    def get(self, name: str) -> Any:
        """A fixture by its name."""
        return self.request.getfixturevalue(name)

    def enter(self, context: contextlib.AbstractContextManager[Any]) -> Any:
        """Enter a context, which is left when the test is over."""
        stack = contextlib.ExitStack()
        self.until_the_end(stack.close)
        return stack.enter_context(context)

    def until_the_end(self, close: Callable[[], object]) -> None:
        """Call this when the test is over."""
        self.request.addfinalizer(close)


@dataclasses.dataclass(frozen=True, kw_only=True)
class HangingPort:
    """A row of the table.

    Attributes:
        port: as docs/failures.md calls it.
        how: in which way it hangs.
        deadline: the constant of the product that ends the wait.
        begin: makes the port, with that constant at DEADLINE until it is healed.
        refused: what the call that was given up raises.
    """

    port: str
    how: str
    deadline: str
    begin: Callable[[Fixtures], Port]
    refused: type[Exception]

    @property
    def constant(self) -> tuple[Any, str]:
        """The module of the constant, and its name."""
        module, _, name = self.deadline.rpartition(".")
        return import_module(f"traycreds.{module}"), name

    @property
    def seconds(self) -> float:
        """What the product says."""
        module, name = self.constant
        return float(getattr(module, name))


class Gate:
    """What hangs at it hangs forever: until the end of the test."""

    def __init__(self, fixtures: Fixtures) -> None:
        self._open = threading.Event()
        self._first = threading.Lock()
        fixtures.until_the_end(self._open.set)

    def hang_once(self) -> bool:
        """Hang, if this is the first call; returns whether it was, when the test is over."""
        first = self._first.acquire(blocking=False)
        if first:
            self._open.wait(60)
        return first


def in_turn(*calls: Callable[[], Any]) -> Callable[[], Any]:
    """A call that does one of these after the other."""
    left = iter(calls)

    def call() -> Any:
        return next(left)()

    return call
