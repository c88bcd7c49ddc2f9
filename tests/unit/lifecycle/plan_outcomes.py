"""What tests ask of a plan: which calls it makes, what it writes, and what it tells."""

from __future__ import annotations

from datetime import timedelta

from tests.support.builders import NOW, a_session, a_state, credentials
from traycreds.core.errors import FailureKind
from traycreds.core.events import (
    Issue,
    Notify,
    Write,
)
from traycreds.lifecycle.plan import plan

SECOND = timedelta(seconds=1)


DENIED = FailureKind.DENIED


def issued(outcome):
    return [action.role.name for action in outcome.actions if isinstance(action, Issue)]


def asked_at(now, *sessions, **changes):
    return issued(plan(now, a_state(*sessions, **changes)))


def written(outcome):
    """The one batch of a plan, or None."""
    batches = [action.batch for action in outcome.actions if isinstance(action, Write)]
    assert len(batches) <= 1
    return batches[0] if batches else None


def batch_of(*sessions, **changes):
    return written(plan(NOW, a_state(*sessions, **changes)))


def announced(outcome):
    return [action for action in outcome.actions if isinstance(action, Notify)]


def titles(outcome):
    return [notice.title for notice in announced(outcome)]


def in_hand(name="dev", **changes):
    return a_session(name, unwritten=credentials(), issued_at=NOW, **changes)
