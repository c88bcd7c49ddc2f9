"""Every number: when to refresh, warn and retry, and who can end a failure. Owns no state and reads no clock.

Sources: AWS's error codes (docs/aws-behaviour.md#sts-errors), and botocore's windows, which are wider than a file needs
(docs/aws-behaviour.md#refresh-windows-in-botocore).
"""

from __future__ import annotations

import enum
import zlib
from datetime import datetime, timedelta

from traycreds.core.engine_state import Failure, Session
from traycreds.core.errors import FailureKind
from traycreds.core.model import ONE_HOUR, Role
from traycreds.core.value_class import replace

MIN_MARGIN = timedelta(minutes=5)
MARGIN_SHARE = 0.25
MARGIN_CAP_SHARE = 0.5
JITTER_SHARE = 0.2
"""How much of the margin the jitter may take: 200 sessions issued in one burst come due over 3 minutes of an hour."""

HANDED_ON = timedelta(minutes=15)
"""What a session must have left: botocore asks a credential process again within the last 15 minutes, others later."""

MIN_INTERVAL = timedelta(seconds=30)
"""Between two automatic calls for one role, no matter what answers, files or clocks say."""

EARLY_CALL_INTERVAL = timedelta(minutes=5)
"""News of this machine (a changed file, a clock that was set) may start one call of a role in this time before its
MIN_INTERVAL is over: what was undone is repeated at once, but not again and again."""

WAKE_CAP = timedelta(minutes=1)
"""The longest the engine waits: what makes sleep, resume and clock steps harmless, and what labels count in."""

LONGEST_WAIT = timedelta(minutes=30)
"""The same if someone else checks the clocks each minute, and updates the labels."""

CHECK_EVERY = timedelta(seconds=30)
"""Between two checks of the credentials file, by any caller."""

JUMP = timedelta(seconds=5)
"""If wall clock and monotonic clock differ by more between two checks, the machine slept or its clock was set."""

QUIET = timedelta(minutes=1)
"""No notices for this long after the machine woke: its network comes back by itself."""

GATHER = timedelta(seconds=5)
"""How long the first news of a failure or recovery waits for that of other roles which are being tried."""

SKEW_GRAIN = timedelta(seconds=2)
"""Smaller changes of the skew are ignored: AWS's Date header counts whole seconds."""
SKEW_SHOWN = timedelta(minutes=2)
"""This machine's clock is off by more than this: status and menu say so."""
SKEW_EXPLAINED = timedelta(minutes=10)
"""Off by more than this, a refusal on account of the clock says by how much; AWS bears 15 minutes."""

SECOND_CHECK = timedelta(seconds=2)
"""After a write: a foreign writer that read before it may have undone it."""

SHOW_UNWANTED = timedelta(minutes=10)
"""How long to show the failure of a role that is not kept: no timer retries it."""

CLICK_LASTS = timedelta(minutes=1)
"""How long after a click a dialog for an MFA code still counts as its answer."""

RECENT = 6
"""How many roles count as recently used: a few fit on a menu's first level, with favourites and trouble."""

_INTERVAL = MIN_INTERVAL / (1 - JITTER_SHARE)
"""The shortest wait of a timer that is MIN_INTERVAL, however it is spread."""

_FIRST_WAIT = {
    # No request has gone out that could burden a server.
    FailureKind.NETWORK: timedelta(seconds=5),
    FailureKind.THROTTLED: _INTERVAL,
    FailureKind.UNEXPECTED: _INTERVAL,
    FailureKind.ANSWER: _INTERVAL,
    # A new role can need a minute, as IAM is eventually consistent.
    FailureKind.DENIED: _INTERVAL,
    FailureKind.CLOCK: _INTERVAL,
    FailureKind.PROGRAM: _INTERVAL,
}
"""Kinds that a timer tries again. All others wait for the user or for a file to change."""

_WAIT_CAP = {
    FailureKind.NETWORK: timedelta(minutes=5),
    FailureKind.THROTTLED: timedelta(minutes=5),
    FailureKind.UNEXPECTED: timedelta(minutes=5),
    FailureKind.ANSWER: timedelta(minutes=5),
    FailureKind.DENIED: timedelta(minutes=10),
    FailureKind.CLOCK: timedelta(minutes=1),
    FailureKind.PROGRAM: timedelta(minutes=10),
}
"""The longest wait of each kind.

A refusal (DENIED) that is taken back, or a program that works again, is noticed within 10 minutes, or at once when the
user asks; a clock that was set, within a minute; what passes by itself, within the half minute of `_URGENT_CAP` or the
first wait of its kind, once the session has ended.
"""

_URGENT_CAP = timedelta(seconds=30)
"""Cap of the wait, once the session has expired, for a cause that passes by itself: the gap ends soon after it does."""

FIRST_HOLD = timedelta(seconds=10)
"""How long the first of AWS's words to slow down holds up all roles."""

LONGEST_HOLD = timedelta(seconds=30)
"""How long throttling may delay all roles, some perhaps without a session, before the next one tries."""

FIRST_WRITE_WAIT, LONGEST_WRITE_WAIT = timedelta(seconds=10), timedelta(minutes=5)
"""Until a write of the credentials file that failed is retried, at first and at the longest."""

PASSING = frozenset({FailureKind.NETWORK, FailureKind.THROTTLED, FailureKind.ANSWER, FailureKind.UNEXPECTED})
"""Kinds that pass by themselves."""

ENDED_BY_NETWORK = frozenset({FailureKind.NETWORK, FailureKind.ANSWER})
"""Kinds that may end when the network is back: AWS could not be reached, or something else answered in its place."""

TOGETHER = timedelta(minutes=10)
"""How long the news that a role is well again waits for others that a passing cause had hit: by then each was tried."""

CURED_BY_FILE = frozenset(
    {
        FailureKind.SOURCE_EXPIRED,
        FailureKind.PROGRAM,
        FailureKind.BAD_CONFIG,
        FailureKind.FILE,
        FailureKind.SIGN_IN,
    }
)
"""Kinds that a change of the user's files may end."""


_EARLY = CURED_BY_FILE | {FailureKind.NETWORK, FailureKind.CLOCK, FailureKind.MFA}
"""Kinds that news may end, and whose last call burdened nobody, or was for something that is gone."""


class EndedBy(enum.Enum):
    """Who or what ends a failure."""

    TIME = "time"
    FILE = "a change of a file, or a person"
    TIME_OR_PERSON = "time, or a person"
    PERSON = "a person"


def ended_by(kind: FailureKind) -> EndedBy:
    """Who or what ends a failure of this kind."""
    if kind in PASSING:
        return EndedBy.TIME
    if kind in _FIRST_WAIT:
        return EndedBy.TIME_OR_PERSON
    return EndedBy.FILE if kind in CURED_BY_FILE else EndedBy.PERSON


def waits(kind: FailureKind) -> tuple[timedelta, timedelta] | None:
    """The first and the longest wait until a timer retries; None: no timer does."""
    return (_FIRST_WAIT[kind], _WAIT_CAP[kind]) if kind in _FIRST_WAIT else None


def cause(kind: FailureKind) -> FailureKind:
    """The kind that a failure is reported as: passing kinds are one, because they alternate."""
    return FailureKind.NETWORK if kind in PASSING else kind


def share_of(name: str) -> float:
    """A stable number in [0, 1) for a name: jitter without randomness, so that a plan can be repeated."""
    return zlib.crc32(name.encode()) / 2**32


def margin(lifetime: timedelta) -> timedelta:
    """How long before expiry a session is refreshed: a quarter of its life, MIN_MARGIN or more, at most half."""
    return min(max(MIN_MARGIN / (1 - JITTER_SHARE), lifetime * MARGIN_SHARE), lifetime * MARGIN_CAP_SHARE)


def enough(role: Role) -> timedelta:
    """The time a session must have left to be given to a program without a refresh."""
    return min(HANDED_ON, margin(role.duration or ONE_HOUR))


def lifetime(session: Session) -> timedelta:
    """How long the session on file lasts in all: as configured if it was found there, without its begin."""
    if session.issued_at is None or session.expires_at is None:
        return session.role.duration or ONE_HOUR
    return session.expires_at - session.issued_at


def refresh_at(session: Session) -> datetime | None:
    """When the session on file is due for refresh; None without one."""
    if session.expires_at is None:
        return None
    ahead = margin(lifetime(session))
    due = session.expires_at - ahead + ahead * JITTER_SHARE * share_of(session.role.name)
    return due if session.issued_at is None else max(due, session.issued_at + MIN_INTERVAL)


def earliest(session: Session) -> datetime | None:
    """When news may next start a call for a role: MIN_INTERVAL after the last call, or at once if none came early.

    What AWS refused or did not answer well waits for MIN_INTERVAL in any case.
    """
    if session.called_at is None:
        return None
    if session.failure is not None and session.failure.kind not in _EARLY:
        return session.called_at + MIN_INTERVAL
    if session.early_at is None:
        return None
    return min(session.called_at + MIN_INTERVAL, session.early_at + EARLY_CALL_INTERVAL)


def own_retry_at(session: Session) -> datetime | None:
    """When the network is retried, with its own shorter waits; None for other failures. Counts as no call."""
    failure = session.failure
    if failure is None or failure.kind is not FailureKind.NETWORK:
        return None
    return retry_at(failure.kind, session.role.name, failure.attempts, failure.last_at, session.expires_at)


def early_at(session: Session, now: datetime) -> datetime | None:
    """When the last call came early, once one begins now; what follows it closely keeps it from being forgotten."""
    own = own_retry_at(session)
    if session.called_at is None or session.asked or (own is not None and own <= now):
        return session.early_at
    early = now < session.called_at + MIN_INTERVAL
    lately = session.early_at is not None and now < session.early_at + EARLY_CALL_INTERVAL
    return now if early or lately else session.early_at


def at_once(session: Session, failure: Failure, at: datetime) -> Failure:
    """Retry now, and soon again; if that just happened, the waits keep growing."""
    rested_at = earliest(session)
    return replace(failure, retry_at=at, attempts=0 if rested_at is None or rested_at <= at else failure.attempts)


def woken(session: Session, at: datetime) -> Session:
    """The session after the machine slept or its clock was set: no moment of the earlier clock keeps it waiting."""
    if was_too_short(session):
        # It only looked so by a wrong clock.
        session = replace(session, issued_at=None)
    if session.not_before is not None:
        session = replace(session, not_before=None)
    session = redated(session, timedelta(0), at)
    failure = session.failure
    if failure is None or failure.retry_at is None:
        return session
    return replace(session, failure=at_once(session, failure, at))


def redated(session: Session, moved: timedelta, at: datetime) -> Session:
    """The session after its clock was set: no call began or ended later than now."""

    def moment(before: datetime | None) -> datetime | None:
        return None if before is None else at - max(at - before - moved, timedelta(0))

    called_at, before, failure = moment(session.called_at), moment(session.early_at), session.failure
    last_at = moment(failure.last_at) if failure is not None else None
    if failure is not None and last_at is not None and last_at != failure.last_at:
        first_at = min(failure.first_at, last_at)
        session = replace(session, failure=replace(failure, first_at=first_at, last_at=last_at))
    if (called_at, before) == (session.called_at, session.early_at):
        return session
    return replace(session, called_at=called_at, early_at=before)


def was_too_short(session: Session) -> bool:
    """Whether a session seemed (nearly) over when it began: this machine's clock was ahead."""
    if session.expires_at is None or session.issued_at is None:
        return False
    return session.expires_at - session.issued_at < 2 * MIN_INTERVAL


def hold(refusals: int, name: str) -> timedelta:
    """How long all refreshes wait after AWS throttled this many times in a row, last for the named role.

    It doubles up to half a minute, plus up to a fifth, because colleagues share the account's limit.
    """
    wait = min(FIRST_HOLD * float(2 ** min(refusals - 1, 10)), LONGEST_HOLD)
    return wait * (1 - JITTER_SHARE * share_of(f"{name}/{refusals}"))


def write_again_at(name: str, attempts: int, now: datetime) -> datetime:
    """When to write again by timer after the given number of failures in a row: no call of AWS comes with it."""
    return now + _wait(FIRST_WRITE_WAIT, LONGEST_WRITE_WAIT, attempts) * _spread(name, attempts)


def _wait(first: timedelta, longest: timedelta, attempts: int) -> timedelta:
    return min(first * float(2 ** max(0, min(attempts - 1, 10))), longest)


def waits_for_user(failure: Failure) -> bool:
    """Whether only a person can help, even if one more try follows because something changed during the last one."""
    return failure.retry_at is None or failure.kind not in _FIRST_WAIT


def _spread(name: str, attempts: int) -> float:
    return 1 - JITTER_SHARE * share_of(f"{name}/{attempts}")


def retry_at(
    kind: FailureKind, name: str, attempts: int, now: datetime, expires_at: datetime | None
) -> datetime | None:
    """The timed attempt after this many failures in a row; None: only a person can help.

    The wait doubles up to a cap, less up to a fifth. While a valid session is left, the attempt comes half-way to its
    expiry at the latest; with none left, a passing cause is retried every half minute, or after its own first wait.
    """
    if kind not in _FIRST_WAIT:
        return None
    wait = _wait(_FIRST_WAIT[kind], _WAIT_CAP[kind], attempts)
    if kind in PASSING:
        left = expires_at - now if expires_at is not None else timedelta(0)
        wait = min(wait, max(left / 2, _URGENT_CAP, _FIRST_WAIT[kind]))
    return now + wait * _spread(name, attempts)
