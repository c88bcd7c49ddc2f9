"""A desktop in memory: what was sent, and what would be seen now."""

from __future__ import annotations

from collections.abc import Iterable

from traycreds.core.events import Notify


class RecordingNotifier:
    """Fits `core.ports.Notifier`.

    Attributes:
        sent: every notice that was shown, in order.
        visible: what is seen now, by key: a later notice replaced an earlier one.
        broken: nothing is shown, as when there is no desktop.
        failures: how many notices were not shown.
    """

    def __init__(self) -> None:
        self.sent: list[Notify] = []
        self.visible: dict[str, Notify] = {}
        self.broken = False
        self.failures = 0

    def send(self, notice: Notify) -> None:
        if self.broken:
            self.failures += 1
            return
        self.sent.append(notice)
        self.visible[notice.key] = notice

    def take_back(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.visible.pop(key, None)
