"""Calls that may hang, on daemon threads: the caller waits until a deadline; no such thread outlives the process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

T = TypeVar("T")


def daemon(name: str, run: Callable[[], object]) -> threading.Thread:
    """Run it on its own daemon thread, which is returned. Raises RuntimeError: no thread left."""
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def background_call(work: Callable[[], T], *, name: str) -> Future[T]:
    """Start a call on a daemon thread; the future gets its result or error. Raises RuntimeError: no thread left."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - the waiter on the future raises it
            future.set_exception(error)
        else:
            future.set_result(result)

    daemon(name, run)
    return future


def bounded_call(work: Callable[[], T], *, seconds: float, name: str) -> T:
    """What a call returns or raises. Raises TimeoutError: too slow, its thread is left behind. Raises RuntimeError."""
    future = background_call(work, name=name)
    if not ended(future, seconds):
        raise TimeoutError(f"no response within {seconds:g} s")
    return future.result()


def ended(call: Future[T], seconds: float) -> bool:
    """Wait some seconds for a call; return whether it has ended."""
    return bool(wait((call,), seconds).done)


class HungCalls:
    """Calls to one service that did not end in time, so that the next call need not wait until the last is given up."""

    def __init__(self, give_up: float, *, most: int = 8, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Begin without any; after `give_up` seconds a retry may run beside a hung call, `most` of which may hang."""
        self._give_up = give_up
        self._most = most
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._calls: list[Future[Any]] = []
        self._last = 0.0

    def add(self, call: Future[Any]) -> None:
        """A call has not ended in time."""
        with self._lock:
            self._calls.append(call)
            self._last = self._monotonic()

    @property
    def pending(self) -> bool:
        """Whether one still hangs that is not given up yet, or enough of them that another would hang too."""
        with self._lock:
            self._calls = [call for call in self._calls if not call.done()]
            new = self._monotonic() - self._last < self._give_up
            return bool(self._calls) and (new or len(self._calls) >= self._most)
