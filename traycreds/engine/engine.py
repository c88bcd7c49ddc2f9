"""The loop: one thread owns the State; take events, apply, plan, dispatch, publish, wait.

Blocks on its inbox alone. What blocks elsewhere (AWS, the file, notices) runs in workers and comes back as events.
Nothing that a worker, a subscriber or an adapter does can end the loop.
"""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from traycreds.core import decide, facts, policy, views
from traycreds.core.messages import (
    Action,
    ClockSeen,
    ConfigChanged,
    Event,
    FileChangedOutside,
    Issue,
    Issued,
    IssueFailed,
    Notify,
    Resumed,
    Write,
    WriteFailed,
    Written,
)
from traycreds.core.model import State
from traycreds.core.shown import Snapshot
from traycreds.engine.jobs import Jobs, Outcome
from traycreds.engine.ports import Clock, CredentialSource, CredentialStore, Notifier
from traycreds.engine.workers import Done, Spawn, Workers, daemon

log = logging.getLogger(__name__)

_Message: TypeAlias = "Event | Done[Outcome] | _Mark | _Stir | None"
"""What the inbox holds; None is the last message of all."""

_NEVER = math.inf


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place in the stream of messages; whoever set it hears when the loop has passed it."""

    passed: Callable[[Snapshot], None]


@dataclass(frozen=True, slots=True)
class _Stir:
    """Somebody may have changed the credentials file."""


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
    ) -> None:
        """Take the world's ports and the first state; nothing runs before `start`.

        Args:
            clock: time.
            source: AWS.
            store: the credentials file.
            notifier: the user's desktop.
            state: what is known at first.
            spawn: how jobs run beside the loop.
            skew: how far AWS's clock is ahead of this machine's, as far as is known.
            watched: somebody tells by `look` when the file may have changed; else the engine looks now and then.
        """
        self._clock = clock
        self._jobs = Jobs(clock, source, store, notifier)
        self._state = state
        self._spawn = spawn
        self._skew = skew
        self._watched = watched
        self._inbox: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._subscribers: list[Callable[[Snapshot], None]] = []
        self._snapshot, self._shown = views.snapshot(clock.now(), state), state
        self._aws = self._pool("aws", state.settings.max_in_flight)
        self._file = self._pool("file", 1)
        self._teller = self._pool("notifier", 1)
        self._wall, self._mono = clock.now(), clock.monotonic()
        self._look_at, self._read_anew = self._mono, True
        self._wake_at: datetime | None = None
        self._planned: State | None = None
        self._planned_at = clock.now()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def _pool(self, name: str, limit: int) -> Workers[Outcome]:
        return Workers(name, limit, monotonic=self._clock.monotonic, deliver=self._inbox.put, spawn=self._spawn)

    @property
    def snapshot(self) -> Snapshot:
        """What was published last; safe from any thread."""
        return self._snapshot

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._thread.is_alive()

    def post(self, event: Event) -> None:
        """Tell the engine; returns at once, from any thread."""
        self._inbox.put(event)

    def look(self) -> None:
        """Look at the credentials file, since somebody may have changed it; returns at once, from any thread."""
        self._inbox.put(_Stir())

    def after(self, passed: Callable[[Snapshot], None]) -> None:
        """Call back once all that was posted before is taken in and planned for, on the engine's thread.

        It gets the Snapshot of then, also when nothing changed and so none was published. It must not block.
        """
        self._inbox.put(_Mark(passed))

    def subscribe(self, callback: Callable[[Snapshot], None]) -> None:
        """Call back with every new Snapshot, on the engine's thread; call before `start`. It must not block."""
        self._subscribers.append(callback)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float = 1.5) -> None:
        """End the loop and wait for it, and for a write under way, at most the given real seconds."""
        self._inbox.put(None)
        if self.running:  # a signal can end the program before it has started
            self._thread.join(seconds)

    def _run(self) -> None:
        messages: list[_Message] = []
        while None not in messages:
            self.turn(messages)
            messages = self._receive(self.seconds_to_wait())
        self.turn(messages)
        while self._file.busy:  # a daemon thread would be cut off in mid-write: harmless to the file, but its news lost
            self.turn(self._receive(self.seconds_to_wait()))

    def _receive(self, timeout: float) -> list[_Message]:
        """Everything in the inbox, so that a burst is planned for once; waits for the first message."""
        messages: list[_Message] = []
        with contextlib.suppress(queue.Empty):
            messages.append(self._inbox.get(timeout=timeout))
            while True:
                messages.append(self._inbox.get_nowait())
        return messages

    def turn(self, messages: list[_Message]) -> None:
        """One turn of the loop: fold in what came and what time did, decide, dispatch, publish.

        Public for tests, which call it on their own thread with a clock of their own.
        """
        for event in self._events(messages):
            self._state = facts.apply(self._state, event)
            self._heed(event)
        self._look()
        now = self._clock.now()
        if not self._as_planned(now):
            plan = decide.plan(now, self._state)
            self._state, self._wake_at, self._planned_at = plan.state, plan.wake_at, now
            self._planned = plan.state
            for action in plan.actions:
                self._dispatch(action)
            self._publish(views.snapshot(now, self._state, (self._shown, self._snapshot)))
        for message in messages:
            if isinstance(message, _Mark):
                self._call(message.passed, self._snapshot)

    def _as_planned(self, now: datetime) -> bool:
        """Whether nothing can have changed since the last plan: no event, and the moment to look again is not there."""
        return (
            self._state is self._planned
            and self._planned_at <= now < (self._wake_at or datetime.max.replace(tzinfo=now.tzinfo))
            and self._snapshot.as_of == views.minute(now)
        )

    def seconds_to_wait(self) -> float:
        """Real seconds until the next turn is due without a message.

        At the latest the next minute of the clock, since labels count minutes and nothing may rest on one timer.
        """
        now, mono = self._clock.now(), self._clock.monotonic()
        cap = policy.WAKE_CAP
        waits = [self._clock.real_seconds(cap - (now - datetime.min.replace(tzinfo=now.tzinfo)) % cap)]
        if self._wake_at is not None:
            waits.append(self._clock.real_seconds(self._wake_at - now))
        if not self._file.busy:
            waits.append(self._look_at - mono)
        waits += [at - mono for pool in self._pools if (at := pool.next_deadline()) is not None]
        return max(0.0, min(waits))

    @property
    def _pools(self) -> tuple[Workers[Outcome], ...]:
        return self._aws, self._file, self._teller

    def _events(self, messages: list[_Message]) -> list[Event]:
        outcomes: list[Outcome] = [self._jump(), self._other_skew()]
        for message in messages:
            if isinstance(message, Done):
                results = message.pool.settle(message)
                if message.pool is self._file and not results:  # what a late look saw is told by none
                    self._look_anew()
                outcomes += results
            elif isinstance(message, _Stir):
                self._look_at = self._clock.monotonic()
            elif not isinstance(message, _Mark):
                outcomes.append(message)
        for pool in self._pools:
            outcomes += pool.overdue()
        return [outcome for outcome in outcomes if outcome is not None]

    def _jump(self) -> Outcome:
        """Compare the clocks: when they went apart, the machine slept or its clock was set."""
        wall, mono = self._clock.now(), self._clock.monotonic()
        gap = self._clock.real_seconds(wall - self._wall) - (mono - self._mono)
        slept = mono - self._mono > (policy.WAKE_CAP + policy.LOOK_EVERY).total_seconds()
        self._wall, self._mono = wall, mono
        return Resumed(wall) if slept or abs(gap) > policy.JUMP.total_seconds() else None

    def _other_skew(self) -> Outcome:
        skew = self._skew()
        return ClockSeen(skew, self._clock.now()) if abs(skew - self._state.skew) > policy.SKEW_GRAIN else None

    def _heed(self, event: Event) -> None:
        """What an event means for the loop itself, and for the log."""
        match event:
            case Issued():
                log.info("%s: new session until %s", event.role.name, event.credentials.expires_at.isoformat())
            case IssueFailed():
                log.info("%s: %s: %s", event.role.name, event.kind.value, event.sentence)
            case Written():
                self._look_at = self._clock.monotonic() + policy.SECOND_LOOK.total_seconds()
                log.info("credentials file: %d written, %d refused", len(event.batch.sets), len(event.report.refused))
            case WriteFailed():
                self._look_anew()  # or it would stand as failed until somebody changes it
                log.info("credentials file: %s", event.sentence)
            case FileChangedOutside():
                self._read_anew = False
            case ConfigChanged():
                self._look_at, self._read_anew = self._clock.monotonic(), True
            case ClockSeen():
                log.info("AWS's clock is %+.0f s from this machine's", event.skew.total_seconds())
            case Resumed():
                log.info("the machine slept or its clock was set")
            case _:
                pass

    def _look(self) -> None:
        """Have the file looked at when it is time and the file's worker is free."""
        mono = self._clock.monotonic()
        if self._look_at > mono or self._file.busy:
            return
        again = self._read_anew or not self._watched
        self._look_at = mono + policy.LOOK_EVERY.total_seconds() if again else _NEVER
        self._file.submit(self._jobs.look(anew=self._read_anew))

    def _look_anew(self) -> None:
        """Believe the file's stamp no more, and look at the next opportunity."""
        self._read_anew = True
        self._look_at = min(self._look_at, self._clock.monotonic() + policy.LOOK_EVERY.total_seconds())

    def _dispatch(self, action: Action) -> None:
        match action:
            case Issue(role=role):
                seconds = self._state.settings.call_deadline.total_seconds()
                self._aws.submit(self._jobs.issue(role, seconds))
            case Write(batch=batch):
                self._file.submit(self._jobs.write(batch))
            case Notify():  # pragma: no branch - there is no other action
                self._teller.submit(self._jobs.notify(action))

    def _publish(self, snapshot: Snapshot) -> None:
        self._shown = self._state
        if snapshot == self._snapshot:
            return
        self._snapshot = snapshot
        for callback in self._subscribers:
            self._call(callback, snapshot)

    @staticmethod
    def _call(callback: Callable[[Snapshot], None], snapshot: Snapshot) -> None:
        try:
            callback(snapshot)
        except Exception:
            log.exception("a subscriber failed")
