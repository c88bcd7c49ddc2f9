"""The simulated world: time with a lid and a settable clock, the credentials file, AWS, a desktop. No threads.

Everything counts in seconds since EPOCH: `true` is what AWS's clocks say, `awake` leaves out the time asleep.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from traycreds.awsfiles import ini_edit, ownership
from traycreds.awsfiles.ini import IniText
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError
from traycreds.core.events import Notify
from traycreds.core.model import Batch, Credentials, Role, StoreView, WriteReport

EPOCH = datetime(2026, 3, 2, 8, 0, tzinfo=timezone.utc)
SIGNATURE_WINDOW = 15 * 60
"""STS refuses a request whose clock is off by more."""


def moment(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


class Time:
    """True time, time awake, and what this machine's clocks make of them."""

    def __init__(self, *, boot_counts_sleep: bool) -> None:
        self.true = self.awake = 0.0
        self.offset = self.drift = 0.0
        self.sleeps = 0
        self._boot_counts_sleep = boot_counts_sleep

    def advance(self, seconds: float) -> None:
        self.true += seconds
        self.awake += seconds
        self.offset += seconds * self.drift

    def sleep(self, seconds: float) -> None:
        self.true += seconds
        self.sleeps += 1

    # The Clock port

    def now(self) -> datetime:
        return moment(self.true + self.offset)

    def monotonic(self) -> float:
        return self.true if self._boot_counts_sleep else self.awake

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()


class Agenda:
    """What is to happen, by time; what falls on one moment happens in the order it was added."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def add(self, at: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (at, next(self._numbers), what))

    @property
    def next_at(self) -> float:
        return self._heap[0][0] if self._heap else float("inf")

    def pop(self) -> Callable[[], None]:
        return heapq.heappop(self._heap)[2]

    def clear(self) -> None:
        self._heap.clear()


class File:
    """The credentials file: the real text editor and the real rules of ownership over a string; the store port."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.text = "# mine\n[base]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n"
        self.full = False
        self.on_write: Callable[[StoreView, StoreView, Batch], None] = lambda before, after, batch: None
        self._now = now
        self._version, self._seen = 0, -1
        self._view: StoreView | None = None

    @property
    def view(self) -> StoreView:
        if self._view is None:
            self._view = ownership.view(IniText(self.text))
        return self._view

    def edit(self, change: Callable[[str], str]) -> None:
        """Someone else writes."""
        self.text = change(self.text)
        self._version += 1
        self._view = None

    # The CredentialStore port

    def read(self) -> StoreView:
        self._seen = self._version
        return self.view

    def changed(self) -> bool:
        return self._seen != self._version

    def next_check(self) -> float | None:
        return None

    def write(self, batch: Batch) -> WriteReport:
        if self.full:
            raise CredentialsFileError("There is no space left on the disk.", "Make room.")
        before, old = self.view, IniText(self.text)
        edit = ownership.edit(old, batch, self._now())
        self.text = ini_edit.change(old, sets=edit.sets, removes=edit.removes).text
        self._view = None
        self.on_write(before, self.view, batch)
        return WriteReport(view=self.view, refused=edit.refused)


@dataclass(eq=False)
class Fault:
    """Something that is wrong with AWS or the way to it.

    Attributes:
        kind: refused, silent, dripping, broken (5xx), throttled, denied, source_expired, bad_config, mfa, sign_in, odd.
        roles: whom it meets; empty is everybody.
        ends_at: true time.
    """

    kind: str
    ends_at: float
    roles: frozenset[str] = frozenset()

    def meets(self, role: str) -> bool:
        return not self.roles or role in self.roles


KINDS = {
    "refused": FailureKind.NETWORK,
    "silent": FailureKind.NETWORK,
    "dripping": FailureKind.NETWORK,
    "broken": FailureKind.NETWORK,
    "throttled": FailureKind.THROTTLED,
    "denied": FailureKind.DENIED,
    "source_expired": FailureKind.SOURCE_EXPIRED,
    "bad_config": FailureKind.BAD_CONFIG,
    "mfa": FailureKind.MFA,
    "sign_in": FailureKind.SIGN_IN,
    "clock": FailureKind.CLOCK,
}


@dataclass
class Aws:
    """STS: issues sessions by true time, unless a fault is in the way; the CredentialSource port.

    Attributes:
        call: the fault that the call now being answered met when it arrived, and when that was (true time).
        issued: role and moment of every session.
    """

    time: Time
    faults: list[Fault] = field(default_factory=list)
    call: tuple[str | None, float] = (None, 0.0)
    issued: list[tuple[str, float]] = field(default_factory=list)
    on_date: Callable[[datetime], None] = lambda date: None

    def fault_of(self, role: str) -> str | None:
        """The kind of the fault that a call for a role meets now."""
        for fault in self.faults:
            if fault.meets(role):
                return fault.kind
        return "clock" if abs(self.time.offset) > SIGNATURE_WINDOW else None

    def issue(self, role: Role) -> Credentials:
        kind, arrived = self.call
        if kind == "odd":
            raise RuntimeError("nobody expected this")
        if kind not in ("refused", "silent", "dripping"):
            self.on_date(moment(int(arrived)))
        if kind is not None:
            raise IssueError(KINDS[kind], f"It is {kind}.", "Do what must be done.")
        self.issued.append((role.name, arrived))
        number = len(self.issued)
        return Credentials(
            access_key_id=f"ASIASIM{number:013d}",
            secret_access_key=f"simulated-secret-{number}",
            session_token=f"simulated-token-{number}",
            expires_at=moment(int(arrived) + (role.duration or timedelta(hours=1)).total_seconds()),
        )


class Desktop:
    """Remembers its notices; the Notifier port."""

    def __init__(self) -> None:
        self.on_notice: Callable[[Notify], None] = lambda notice: None

    def send(self, notice: Notify) -> None:
        self.on_notice(notice)

    def take_back(self, keys: Iterable[str]) -> None:
        """A notice stays recorded."""
