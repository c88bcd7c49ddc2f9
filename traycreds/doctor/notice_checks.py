"""Checks whether notices can be seen: asks the system, and sends one on request."""

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
    """How a test notice was sent; `app`: by the running app."""

    app: bool
    sent: Sent


def notice_findings() -> Iterator[Finding]:
    """That the user, or an administrator, turned our notices off."""
    found = advice.here()
    if found is not None and found.off:
        yield Finding(file=NOTICES, line=None, what=found.what, remedy=found.remedy)


def send_test() -> SentBy:
    """Send a test notice, from the running app if any; waits while it is visible if this process shows it.

    Raises TraycredsError: the app refuses or does not answer.
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
