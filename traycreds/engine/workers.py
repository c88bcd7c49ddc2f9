"""Bounded daemon workers, each job with a deadline; every end of a job becomes one event. Owns no program state.

Only the engine's thread calls `submit`, `take_result` and `overdue`; a worker touches its own job and `deliver`, so no
lock is needed.
"""

from __future__ import annotations

import functools
import itertools
import logging
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from traycreds.core.value_class import value_class
from traycreds.process.bounded_call import daemon

log = logging.getLogger(__name__)

T = TypeVar("T")

_HUNG_EACH = 16
"""Threads that may hang beyond their deadline for one thing; a further job for it is overdue at once.

With calls of 45 s a connection may drip for twelve minutes before its role has to wait for it to end."""


Spawn: TypeAlias = Callable[[str, Callable[[], None]], object]
"""Runs a callable in the background, under a name; raises RuntimeError if that fails."""


@value_class(kw_only=True)
class Job(Generic[T]):
    """Something that blocks.

    Attributes:
        failed: turns an exception of `work` into a result; must not raise.
        overdue: gives the result at the deadline; a later one of `work` is dropped.
        seconds: the deadline, real seconds from the start.
        about: such as a role: names the thread, and counts hung jobs of the same kind.
    """

    work: Callable[[], T]
    failed: Callable[[Exception], T]
    overdue: Callable[[], T]
    seconds: float
    about: str = ""


@value_class(kw_only=True)
class Done(Generic[T]):
    """What a worker delivers, for `take_result` of its pool."""

    pool: Workers[T]
    token: int
    result: T


class Workers(Generic[T]):
    """A pool of daemon threads, one for each job in progress: an idle program has none, and none outlives it."""

    def __init__(
        self,
        name: str,
        limit: int,
        *,
        monotonic: Callable[[], float],
        deliver: Callable[[Done[T]], None],
        spawn: Spawn = daemon,
    ) -> None:
        """Start nothing yet; at most `limit` jobs run at once.

        `deliver` takes results from worker threads; must be thread-safe. `spawn` runs each job; the simulation's runs
        it later, in virtual time.
        """
        self._name = name
        self._limit = limit
        self._monotonic = monotonic
        self._deliver = deliver
        self._spawn = spawn
        self._tokens = itertools.count()
        self._waiting: deque[Job[T]] = deque()
        self._running: dict[int, tuple[float, Job[T]]] = {}
        self._hung: dict[int, str] = {}
        self._barred: set[int] = set()

    @property
    def busy(self) -> bool:
        """Whether a job runs within its deadline or waits."""
        return bool(self._running or self._waiting)

    def submit(self, job: Job[T]) -> None:
        """Run a job as soon as a thread is free."""
        self._waiting.append(job)
        self._start()

    def take_result(self, done: Done[T]) -> list[T]:
        """Take a delivered result back; a list of one, or empty when its deadline had passed."""
        in_time = self._running.pop(done.token, None) is not None
        self._hung.pop(done.token, None)
        self._start()
        return [done.result] if in_time else []

    def overdue(self) -> list[T]:
        """The results of jobs past their deadline; their threads end on their own."""
        now = self._monotonic()
        late = [token for token, (deadline, _) in self._running.items() if deadline <= now]
        results = []
        for token in late:
            _, job = self._running.pop(token)
            if token in self._barred:
                self._barred.remove(token)
            else:
                self._hung[token] = job.about
            results.append(job.overdue())
        self._start()
        return results

    def next_deadline(self) -> float | None:
        """The earliest deadline of a running job, on the monotonic clock."""
        return min((deadline for deadline, _ in self._running.values()), default=None)

    def _start(self) -> None:
        while self._waiting and len(self._running) < self._limit:
            job = self._waiting.popleft()
            token = next(self._tokens)
            # One more of these would only hang as well.
            if list(self._hung.values()).count(job.about) >= _HUNG_EACH:
                self._barred.add(token)
                self._running[token] = (self._monotonic(), job)
                continue
            self._running[token] = (self._monotonic() + job.seconds, job)
            try:
                self._spawn(f"{self._name} {job.about} {token}", functools.partial(self._run, token, job))
            except RuntimeError as error:
                # The machine has no thread left for now.
                self._deliver(Done(pool=self, token=token, result=job.failed(error)))

    def _run(self, token: int, job: Job[T]) -> None:
        try:
            result = job.work()
        except Exception as error:  # noqa: BLE001 - nothing that a job does may end the program; `failed` tells
            result = job.failed(error)
        self._deliver(Done(pool=self, token=token, result=result))
