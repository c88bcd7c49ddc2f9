"""A tray without a desktop: shows the same menu, is clicked by label."""

from __future__ import annotations

import threading
from collections.abc import Callable

from traycreds.core.events import Event
from traycreds.core.snapshot import Snapshot
from traycreds.core.ui_commands import UiCommand
from traycreds.ui.menu import labels, model
from traycreds.ui.menu.item import Entry


class FakeTray:
    """Works like `traycreds.ui.tray.tray.Tray`; `snapshots` is all that was shown."""

    def __init__(
        self,
        *,
        post: Callable[[Event], None],
        command: Callable[[UiCommand], None],
        on_no_host: Callable[[str], None],
        hosted: bool = True,
        reason: str | None = None,
    ) -> None:
        self.snapshots: list[Snapshot] = []
        self._post = post
        self._command = command
        self._on_no_host = on_no_host
        self._hosted = hosted
        self._reason = reason
        self._stopped = threading.Event()
        self._shown = threading.Condition()

    def show(self, snapshot: Snapshot) -> None:
        with self._shown:
            self.snapshots.append(snapshot)
            self._shown.notify_all()

    def run(self, on_ready: Callable[[], None]) -> str | None:
        if self._reason is not None:
            return self._reason
        thread = threading.Thread(target=on_ready)
        thread.start()
        if not self._hosted:
            self._on_no_host("This desktop does not show tray icons now.")
        self._stopped.wait()
        thread.join()
        return None

    def stop(self) -> None:
        self._stopped.set()

    def wait_for(self, condition: Callable[[Snapshot], bool], timeout: float = 10) -> Snapshot:
        """Wait until the snapshot shown fulfils a condition."""
        with self._shown:
            assert self._shown.wait_for(lambda: self.snapshots and condition(self.snapshots[-1]), timeout)
            return self.snapshots[-1]

    def labels(self) -> list[str]:
        return [item.label for item in self._items() if isinstance(item, Entry)]

    def tooltip(self) -> str:
        return labels.tooltip(self.snapshots[-1])

    def click(self, *path: str) -> None:
        """Click the entry whose label starts with the last word, below those before it."""
        items = self._items()
        for word in path:
            found = [item for item in items if isinstance(item, Entry) and item.label.startswith(word)]
            assert found, f"no {word!r} in {self.labels()}"
            items = found[0].children
        command = found[0].command
        assert command is not None, f"{found[0].label!r} cannot be clicked"
        if isinstance(command, UiCommand):
            self._command(command)
        else:
            self._post(command)

    def _items(self):
        return model.build(self.snapshots[-1]).items
