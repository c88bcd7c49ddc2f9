"""An engine that a test turns by hand, with a clock, an AWS, a credentials file and a desktop of the test's own."""

from __future__ import annotations

import threading
from datetime import timedelta

from tests.support.builders import NOW, a_state
from tests.support.fakes.clock import FakeClock
from tests.support.fakes.notifier import RecordingNotifier
from tests.support.fakes.source import ScriptedSource
from tests.support.fakes.store import MemoryStore
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError
from traycreds.engine.loop import Engine
from traycreds.lifecycle import policy

SECOND = timedelta(seconds=1)


# A thread answers within these real seconds. A test that gets its answer earlier ends at once.
SOON = 30


DENIED = IssueError(FailureKind.DENIED, "AWS refused dev.", "Ask for the role.")


FULL = CredentialsFileError("The disk is full.", "Make room.")


class GatedStore(MemoryStore):
    """A store whose reads or writes hang until the test lets them continue."""

    def __init__(self, hang, **more):
        super().__init__(**more)
        self.hang = hang
        self.begun, self.let = threading.Event(), threading.Event()

    def _pass(self, what):
        if what == self.hang:
            self.begun.set()
            assert self.let.wait(SOON)

    def read(self):
        self._pass("read")
        return super().read()

    def write(self, batch):
        self._pass("write")
        return super().write(batch)


class BegunSource(ScriptedSource):
    """AWS as a script that tells when it was asked."""

    def __init__(self, **more):
        super().__init__(**more)
        self.begun = threading.Event()

    def issue(self, role):
        self.begun.set()
        return super().issue(role)


class BrokenNotifier(RecordingNotifier):
    """A desktop that breaks its promise never to raise."""

    def send(self, notice):
        super().send(notice)
        raise RuntimeError("no desktop")


def no_thread(_thread):
    """Instead of `Thread.start`, on a machine that has none left."""
    raise RuntimeError("can't start new thread")


class TurnedEngine:
    """An engine with its world."""

    def __init__(self, *sessions, store=None, notifier=None, watched=False, longest_wait=policy.WAKE_CAP, **changes):
        self.clock = FakeClock(NOW)
        self.source = BegunSource(now=self.clock.now)
        self.store = store or MemoryStore(now=self.clock.now)
        self.notifier = notifier or RecordingNotifier()
        self.engine = Engine(
            clock=self.clock,
            source=self.source,
            store=self.store,
            notifier=self.notifier,
            state=a_state(*sessions, file_known=False, **changes),
            watched=watched,
            longest_wait=longest_wait,
            follow_up=self.follow_up,
        )
        self.published, self.followed = [], []
        self.engine.subscribe(self.published.append)

    def follow_up(self, action):
        """Note what the engine leaves to others, and what is shown at that moment."""
        self.followed.append((action, self.engine.snapshot))

    def handle(self, *events):
        """Events come in, and all that follows from them at this moment is done."""
        self.engine.turn(list(events))
        while any(pool.busy for pool in self.engine._pools):
            self.take()

    def take(self):
        """One turn with what workers deliver next."""
        messages = self.engine._receive(SOON)
        assert messages, "no worker answered"
        self.engine.turn(messages)

    def take_until(self, reached):
        while not reached():
            self.take()

    def later(self, span, step=20 * SECOND):
        """Time passes as the running loop sees it: a look at least every half minute."""
        end = self.clock.now() + span
        while self.clock.now() < end:
            self.clock.advance(min(step, end - self.clock.now()))
            self.handle()

    def on_file(self, profile="dev-session"):
        """The expiry of a profile on file, or None."""
        held = self.store.sessions.get(profile)
        return held[1].expires_at if held else None

    def role(self, name="dev"):
        return next(view for view in self.engine.snapshot.roles if view.name == name)

    @property
    def titles(self):
        return [notice.title for notice in self.notifier.sent]
