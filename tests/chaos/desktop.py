"""The desktop of a chaos run with a tray: a bus, a tray host and a notification service that come, go and hang, and clicks.

A model of them on a private bus, without a display: what the app does with a host it does over the bus.
"""

from __future__ import annotations

import random
from typing import Any

from jeepney import DBusErrorResponse

from tests.chaos.cpu_wait import Stopwatch
from tests.desktop.session_bus import MenuClient, Notifications, PrivateBus, Shown, Watcher
from tests.support.wait_until import until

CLICKED = ("Refresh all", "Refresh now", "Do not switch", "Do not use as default")
"""What a user clicks beside roles and regions."""


class Silent:
    """Mixed into a peer on the bus: as long as it is `silent`, it takes calls and answers none."""

    silent = False

    def _handle(self, message: Any) -> None:
        if not self.silent:
            super()._handle(message)


class Host(Silent, Watcher):
    """A tray host that may hang."""


class NoticeService(Silent, Notifications):
    """A notification service that may hang."""


class Desktop:
    """What a user has beside the app; every public method is for one thread.

    Attributes:
        host: the tray host; None while there is none.
        service: the notification service; None while there is none.
        shown: all titles and texts of notices, and all lines of menus so far.
    """

    def __init__(self) -> None:
        self.bus = PrivateBus()
        self.host: Host | None = None
        self.service: NoticeService | None = None
        self.shown: set[str] = set()
        self._client: MenuClient | None = None
        self.start_host()
        self.start_service()

    def close(self) -> None:
        self.stop_host()
        self.stop_service()
        self.bus.close()

    def start_host(self) -> None:
        if self.host is None:
            self.host = Host(self.bus)

    def stop_host(self) -> None:
        self._hang_up()
        if self.host is not None:
            self.host.close()
            self.host = None

    def start_service(self) -> None:
        if self.service is None:
            self.service = NoticeService(self.bus)

    def stop_service(self) -> None:
        self._note_notices()
        if self.service is not None:
            self.service.close()
            self.service = None

    @property
    def registered(self) -> bool:
        """Whether the app's item is at the host."""
        return self.host is not None and bool(self.host.items)

    def menu(self, pid: int) -> tuple[Shown, float]:
        """The whole menu as the host shows it, and the seconds that the app took for it."""
        watch = Stopwatch(pid)
        layout = self._at_host().get_layout()
        spent = watch.own_seconds
        self.shown.update(line.label for line in lines_of(layout))
        self._note_notices()
        return layout, spent

    def click(self, line: Shown) -> None:
        """Click a line of the menu; one that went meanwhile is gone."""
        try:
            self._at_host().menu("Event", "isvu", (line.id, "clicked", ("i", 0), 0))
        except DBusErrorResponse:
            self._hang_up()

    def click_notice(self, chances: random.Random) -> str | None:
        """Click a button of a notice that is shown, which does nothing that needs a person or a browser."""
        if self.service is None or self.service.silent:
            return None
        notices = [notice for notice in list(self.service.notices) if notice.id not in self.service.closed]
        actions = [
            (notice, key, label)
            for notice in notices
            for key, label in zip(notice.actions[::2], notice.actions[1::2], strict=True)
            if label.startswith(("Refresh", "Try", "Keep"))
        ]
        if not actions:
            return None
        notice, key, label = chances.choice(actions)
        self.service.invoke(notice.id, key)
        return f"{notice.title}: {label}"

    def _at_host(self) -> MenuClient:
        """The host's side of the item."""
        assert self.host is not None
        if self._client is None:
            name = until(lambda: self.host and self.host.items, "the tray registers")[-1]
            self._client = MenuClient(self.bus, name)
        return self._client

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _note_notices(self) -> None:
        if self.service is not None:
            for notice in list(self.service.notices):
                self.shown.update((notice.title, notice.body))


def lines_of(line: Shown) -> list[Shown]:
    """All lines of a menu, at any depth, that are no separator."""
    found = [] if line.separator else [line]
    return [*found, *(below for child in line.children for below in lines_of(child))]


def lines_to_click(layout: Shown) -> list[Shown]:
    """Those that neither end the app, nor ask for a person or a browser, nor end that a role is renewed."""
    found = [line for line in layout.children if line.mark == "radio"]
    for line in layout.children:
        if line.label.startswith("Region"):
            found += [child for child in line.children if child.mark == "radio"]
    found += [line for line in lines_of(layout) if line.label.startswith(CLICKED)]
    return [line for line in found if line.enabled]
