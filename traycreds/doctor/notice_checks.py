"""Checks whether notices can be seen: finds what the system tells of it, and sends one that the user wants to see."""

from __future__ import annotations

from collections.abc import Iterator

from traycreds.control.client import ABSENT
from traycreds.core.errors import NotRunningError
from traycreds.core.value_class import value_class
from traycreds.desktop.notifications import advice
from traycreds.desktop.notifications.notifier import TEST_NOTICE, DesktopNotifier, Sent
from traycreds.doctor.finding import NOTICES, Finding
from traycreds.usecases import running_app


@value_class
class SentBy:
    """What became of a test notice.

    Attributes:
        app: the running app sent it, not this process.
        sent: how.
    """

    app: bool
    sent: Sent


def notice_findings() -> Iterator[Finding]:
    """That the user, or an administrator, has the system show no notice of ours."""
    found = advice.here()
    if found is not None and found.off:
        yield Finding(file=NOTICES, line=None, what=found.what, remedy=found.remedy)


def send_test() -> SentBy:
    """Send a test notice, by the running app, whose notices they are, else by this process.

    Lasts as long as the notice is seen, where it goes with this process.

    Raises:
        TraycredsError: an app runs, and does not answer or refuses.
    """
    try:
        way, hint = running_app.send_notice()
    except NotRunningError as error:
        if error.sentence != ABSENT:
            raise
    else:
        return SentBy(True, Sent(way, hint))
    notifier = DesktopNotifier()
    sent = notifier.sent(TEST_NOTICE)
    notifier.linger()
    return SentBy(False, sent)
