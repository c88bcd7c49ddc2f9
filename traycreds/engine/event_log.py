"""Writes to the log what events say; at INFO, and never a secret."""

from __future__ import annotations

import logging

from traycreds.core.events import ClockSeen, Event, Issued, IssueFailed, Resumed, WriteFailed, Written
from traycreds.core.text import rfc_3339

log = logging.getLogger(__name__)


def log_event(event: Event) -> None:
    """Write one line for an event that a reader of the log looks for; nothing for the others."""
    match event:
        case Issued():
            log.info("%s: new session until %s", event.role.name, rfc_3339(event.credentials.expires_at))
        case IssueFailed():
            log.info("%s: %s: %s", event.role.name, event.kind.value, event.sentence)
        case Written():
            log.info("credentials file: %d written, %d refused", len(event.batch.sets), len(event.report.refused))
        case WriteFailed():
            log.info("credentials file: %s", event.sentence)
        case ClockSeen():
            log.info("AWS's clock is %+.0f s from this machine's", event.skew.total_seconds())
        case Resumed():
            log.info("the machine slept or its clock was set")
        case _:
            pass
