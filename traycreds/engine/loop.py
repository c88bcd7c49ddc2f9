"""The loop: one thread owns the State; take events, apply, plan, dispatch, publish, wait.

Blocks only on its inbox; AWS, the file and notices run in workers. No worker, subscriber or adapter can end the loop.
"""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from traycreds.core.engine_state import State
from traycreds.core.events import (
    Action,
    ConfigChanged,
    Event,
    FileChangedOutside,
    FollowUp,
    Issue,
    Notify,
    TakeBack,
    Write,
    WriteFailed,
    Written,
)
from traycreds.core.ports import Clock, CredentialSource, CredentialStore, Notifier
from traycreds.core.snapshot import Snapshot
from traycreds.engine.clock_changes import ClockChanges, not_after
from traycreds.engine.decisions import AFTER_FAULT, Decisions
from traycreds.engine.event_log import log_event
from traycreds.engine.file_jobs import FileJobs
from traycreds.engine.jobs import Jobs
from traycreds.engine.loop_delay import LoopDelay
from traycreds.engine.requests import Barrier, Condition, FileMayHaveChanged, Waiter
from traycreds.engine.unexpected_errors import UnexpectedErrors
from traycreds.engine.workers import Done, Spawn, Workers
from traycreds.lifecycle import policy, presentation
from traycreds.process.bounded_call import daemon

log = logging.getLogger(__name__)

T = TypeVar("T")

_Message: TypeAlias = "Event | Done[Event | None] | Barrier | Waiter[Any] | FileMayHaveChanged | None"
"""The inbox's messages; None is the last of all."""


class Engine:
    """Keeps sessions by the core's decisions."""

    def __init__(
        self,
        *,
        clock: Clock,
        source: CredentialSource,
        store: CredentialStore,
        notifier: Notifier,
        state: State,
        spawn: Spawn = daemon,
        skew: Callable[[], timedelta] = timedelta,
        watched: bool = False,
        longest_wait: timedelta = policy.WAKE_CAP,
        follow_up: Callable[[FollowUp], None] = lambda _: None,
    ) -> None:
        """Take the ports and the first state; nothing runs before `start`.

        `spawn`: how jobs run beside the loop. `skew`: how far AWS's clock is known to be ahead. `watched`: someone
        calls `check_file` after a change; else the engine checks now and then. `longest_wait`: between two turns;
        beyond a minute, someone calls `catch_up` each minute. `follow_up` takes actions for outside the engine, on its
        thread; must not block.
        """
        self._clock = clock
        self._jobs = Jobs(clock, source, notifier)
        self._file_jobs = FileJobs(clock, store)
        self._store = store
        self._spawn = spawn
        self._watched = watched
        self._follow_up = follow_up
        self._waiters: list[Waiter[Any]] = []
        self._inbox: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._subscribers: list[Callable[[Snapshot], None]] = []
        self._snapshot, self._shown = presentation.snapshot(clock.now(), state), state
        self._aws = self._pool("aws", state.settings.max_in_flight)
        self._file = self._pool("file", 1)
        self._notifier = self._pool("notifier", 1)
        self._longest_wait = longest_wait
        self._clocks = ClockChanges(clock, skew)
        self._check_at, self._read_always = clock.monotonic(), True
        self._unexpected = UnexpectedErrors(lambda notice: self._notifier.submit(self._jobs.notify(notice)))
        self._decisions = Decisions(state, clock.now(), self._unexpected)
        self._delay = LoopDelay(clock.monotonic)
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def _pool(self, name: str, limit: int) -> Workers[Event | None]:
        return Workers(name, limit, monotonic=self._clock.monotonic, deliver=self._inbox.put, spawn=self._spawn)

    @property
    def snapshot(self) -> Snapshot:
        """The last snapshot; safe from any thread."""
        return self._snapshot

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread.is_alive()

    def post(self, event: Event) -> None:
        """Tell the engine; returns at once, from any thread."""
        self._inbox.put(event)

    @property
    def muted(self) -> bool:
        """Whether no notice may come now: the machine has just woken, or its screen is locked; from any thread."""
        return self._state.muted(self._clock.now())

    def check_file(self) -> None:
        """Check the credentials file, which may have changed; returns at once, from any thread."""
        self._inbox.put(FileMayHaveChanged())

    def when(self, condition: Condition[T]) -> Future[tuple[Snapshot, T]]:
        """The Snapshot and what a condition finds, once it holds; its error ends the wait, a cancel gives up.

        Runs on the engine's thread after every plan, so it must not block.
        """
        future: Future[tuple[Snapshot, T]] = Future()
        self._inbox.put(Waiter(condition, future))
        return future

    def after(self, passed: Callable[[Snapshot], None]) -> None:
        """Call back with the Snapshot of when all that was posted before is planned for, on the engine's thread."""
        self._inbox.put(Barrier(passed))

    def takes_messages(self, seconds: float) -> bool:
        """Whether everything posted before is taken in within some real seconds; from any other thread."""
        taken = threading.Event()
        self.after(lambda _: taken.set())
        return taken.wait(seconds)

    def subscribe(self, callback: Callable[[Snapshot], None]) -> None:
        """Call back with every new Snapshot, on the engine's thread; call before `start`. It must not block."""
        self._subscribers.append(callback)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float = 1.5) -> None:
        """End the loop and wait for it, and for a write in progress, at most the given real seconds."""
        self._inbox.put(None)
        # A signal can end the program before the thread has started.
        if self.running:
            self._thread.join(seconds)

    def _run(self) -> None:
        messages: list[_Message] = []
        while None not in messages:
            self._turn_at_any_rate(messages)
            messages = self._receive(self._begin_to_wait())
        self._turn_at_any_rate(messages)
        # The end of the process would cut off a write of a daemon thread.
        # That does not harm the file, but loses the outcome.
        while self._file.busy:
            self.turn(self._receive(self.seconds_to_wait()))

    def _turn_at_any_rate(self, messages: list[_Message]) -> None:
        self._delay.begin_turn()
        try:
            self.turn(messages)
        except Exception as error:  # noqa: BLE001 - it is logged, and told
            self._unexpected.note("unexpected error in a turn of the loop; continuing", error)

    def _begin_to_wait(self) -> float:
        """Real seconds until the next turn; notes when that must have begun."""
        try:
            seconds = self.seconds_to_wait()
        except Exception as error:  # noqa: BLE001 - it is logged, and told
            self._unexpected.note("unexpected error in the time until the next turn; continuing", error)
            seconds = AFTER_FAULT.total_seconds()
        self._delay.begin_to_wait(seconds)
        return seconds

    def stuck_for(self) -> float:
        """Real seconds that the loop is late: infinite when it has ended; from any thread."""
        return self._delay.seconds() if self.running else math.inf

    def catch_up(self) -> None:
        """Turn now if that is overdue, or if the clocks went apart; returns at once, from any thread."""
        self._clocks.note_awake()
        if self.stuck_for() > 0 or self._clocks.went_apart():
            self.after(lambda _: None)

    def _receive(self, timeout: float) -> list[_Message]:
        """Everything in the inbox, so that a burst is planned for once; waits for the first message."""
        messages: list[_Message] = []
        # A new SimpleQueue of Python 3.10 and 3.11 may wait forever where there is next to no time to wait,
        # unless it has been found empty.
        with contextlib.suppress(queue.Empty):
            self._drain(messages)
        with contextlib.suppress(queue.Empty):
            if not messages:
                messages.append(self._inbox.get(timeout=timeout))
                self._drain(messages)
        return messages

    def _drain(self, messages: list[_Message]) -> None:
        while True:
            messages.append(self._inbox.get_nowait())

    def turn(self, messages: list[_Message]) -> None:
        """One turn of the loop: events and time, decide, dispatch, publish. Public for tests with their own clock."""
        for event in (events := self._events(messages)):
            if self._decisions.apply(event):
                log_event(event)
                self._note(event)
        self._check_file()
        now = self._clock.now()
        if not self._decisions.hold(now) or self._snapshot.as_of != presentation.minute(now):
            actions = self._decisions.plan(now, events)
            self._begin(actions)
            self._show(now)
            for action in actions:
                if not isinstance(action, (Issue, Write, Notify, TakeBack)):
                    # A follow-up may read the snapshot, so it comes after `_show`.
                    self._call(self._follow_up, action)
        for message in messages:
            if isinstance(message, Barrier):
                self._call(message.passed, self._snapshot)
            elif isinstance(message, Waiter):
                self._waiters.append(message)
        self._waiters = [each for each in self._waiters if not each.check(now, self._state, self._snapshot)]

    def _begin(self, actions: Sequence[Action]) -> None:
        for action in actions:
            try:
                self._dispatch(action)
            except Exception as error:  # noqa: BLE001, PERF203 - it is logged, and told; the others are begun
                self._unexpected.note(f"unexpected error in the action {type(action).__name__}; continuing", error)
                if (failed := self._jobs.not_begun(action)) is not None:
                    self.post(failed)

    def _show(self, now: datetime) -> None:
        try:
            snapshot = presentation.snapshot(now, self._state, (self._shown, self._snapshot))
        except Exception as error:  # noqa: BLE001 - it is logged, and told
            self._unexpected.note("unexpected error in what is shown; continuing", error)
            return
        self._publish(snapshot)

    def seconds_to_wait(self) -> float:
        """Real seconds until the next turn is due without a message; at the latest the next minute of the clock."""
        now, mono = self._clock.now(), self._clock.monotonic()
        cap = self._longest_wait
        waits = [self._clock.real_seconds(cap - (now - datetime.min.replace(tzinfo=now.tzinfo)) % cap)]
        if self._decisions.wake_at is not None:
            waits.append(self._clock.real_seconds(self._decisions.wake_at - now))
        if not self._file.busy:
            waits.append(self._check_at - mono)
        waits += [at - mono for pool in self._pools if (at := pool.next_deadline()) is not None]
        return max(0.0, min(waits))

    @property
    def _state(self) -> State:
        return self._decisions.state

    @property
    def _pools(self) -> tuple[Workers[Event | None], ...]:
        return self._aws, self._file, self._notifier

    def _events(self, messages: list[_Message]) -> list[Event]:
        outcomes: list[Event | None] = [*self._clocks.read(self._state.skew)]
        for message in messages:
            if isinstance(message, Done):
                results = message.pool.take_result(message)
                if message.pool is self._file:
                    # A late read reports its changes in no event, so read the file again.
                    if not results:
                        self._read_at_next_check()
                    self._check_within(self._store.next_check())
                outcomes += results
            elif isinstance(message, FileMayHaveChanged):
                self._check_at = self._clock.monotonic()
            elif not isinstance(message, (Barrier, Waiter)):
                outcomes.append(message)
        for pool in self._pools:
            outcomes += pool.overdue()
        now = self._clock.now()
        return [not_after(outcome, now) for outcome in outcomes if outcome is not None]

    def _note(self, event: Event) -> None:
        match event:
            case Written():
                self._check_at = self._clock.monotonic() + policy.SECOND_CHECK.total_seconds()
                self._check_within(self._store.next_check())
            case WriteFailed():
                # Otherwise the write would count as failed until someone changes the file.
                self._read_at_next_check()
            case FileChangedOutside():
                self._read_always = False
            case ConfigChanged():
                self._check_at, self._read_always = self._clock.monotonic(), True
            case _:
                pass

    def _check_file(self) -> None:
        mono = self._clock.monotonic()
        if self._check_at > mono or self._file.busy:
            return
        again = self._read_always or not self._watched
        self._check_at = mono + policy.CHECK_EVERY.total_seconds() if again else math.inf
        self._file.submit(self._file_jobs.read(always=self._read_always))

    def _read_at_next_check(self) -> None:
        self._read_always = True
        self._check_within(policy.CHECK_EVERY.total_seconds())

    def _check_within(self, seconds: float | None) -> None:
        if seconds is not None:
            self._check_at = min(self._check_at, self._clock.monotonic() + seconds)

    def _dispatch(self, action: Action) -> None:
        match action:
            case Issue(role=role):
                seconds = self._state.settings.call_deadline.total_seconds()
                self._aws.submit(self._jobs.issue(role, seconds))
            case Write(batch=batch):
                self._file.submit(self._file_jobs.write(batch))
            # All other actions are follow-ups, and come after the snapshot.
            case Notify() | TakeBack():
                self._notifier.submit(self._jobs.notify(action))

    def _publish(self, snapshot: Snapshot) -> None:
        self._shown = self._state
        if snapshot == self._snapshot:
            return
        self._snapshot = snapshot
        for callback in self._subscribers:
            self._call(callback, snapshot)

    def _call(self, callback: Callable[[T], None], value: T) -> None:
        try:
            callback(value)
        except Exception as error:  # noqa: BLE001 - it is logged, and told
            self._unexpected.note("a subscriber failed", error)
