"""What happens in a chaos run with a tray, beside all else: clicks, and a desktop that restarts or hangs."""

from __future__ import annotations

import random
import time
from datetime import timedelta

from tests.chaos.cpu_wait import Stopwatch
from tests.chaos.desktop import Desktop, lines_to_click
from tests.chaos.happenings import Happenings
from tests.chaos.home import ROLES
from tests.chaos.invariants import ANSWER_SECONDS, BreachError
from tests.chaos.schedule import WEIGHTS, spread
from traycreds.control.protocol import Request

TRAY_WEIGHTS = WEIGHTS | {
    "click": 10,
    "click_notice": 2,
    "pause": 1,
    "host_restarts": 3,
    "host_hangs": 1,
    "service_restarts": 3,
    "service_hangs": 2,
}
"""How often each kind of happening comes where there is a tray."""
REGISTERED_SECONDS = 10.0
"""Real seconds in which the icon is at a host that has come."""
CHECK_EVERY = 1.0
"""Real seconds between two checks of the menu, for which the app waits for nothing."""


class TrayHappenings(Happenings):
    """What happens, to a home with a desktop.

    Attributes:
        desktop: where the icon is.
        host_since: since when the host can show it; None while it cannot.
    """

    def __init__(self, *given, desktop: Desktop) -> None:
        super().__init__(*given)
        self.desktop = desktop
        self.host_since: Stopwatch | None = Stopwatch(self.app.process.pid)

    def click(self, chances: random.Random) -> None:
        if self.host_since is None or not self.desktop.registered:
            return
        layout, _ = self.desktop.menu(self.app.process.pid)
        lines = lines_to_click(layout)
        line = chances.choice(lines)
        self.note(f"the user clicks {line.label!r}")
        self.desktop.click(line)

    def click_notice(self, chances: random.Random) -> None:
        if clicked := self.desktop.click_notice(chances):
            self.note(f"the user clicks a button of a notice, {clicked!r}")

    def pause(self, chances: random.Random) -> None:
        if "pause" in self._faulty:
            return
        self._faulty.add("pause")
        self.requests.append(Request(id="chaos", do="pause", wait=False))

        def end() -> None:
            self._faulty.discard("pause")
            self.requests.append(Request(id="chaos", do="resume", wait=False))

        self._while(spread(chances, 5, 1500), ROLES, "refreshing is paused", end, grace=timedelta(seconds=120))

    def _host_goes(self, what: str) -> bool:
        """Whether the host was there, so that it can go."""
        if "host" in self._faulty:
            return False
        self._faulty.add("host")
        self.host_since = None
        self.note(what)
        return True

    def _host_is_well(self) -> None:
        self._faulty.discard("host")
        self.host_since = Stopwatch(self.app.process.pid)
        self.note("the tray host is there")

    def host_restarts(self, chances: random.Random) -> None:
        if not self._host_goes("the tray host ends"):
            return
        self.desktop.stop_host()

        def end() -> None:
            self.desktop.start_host()
            self._host_is_well()

        self._later(spread(chances, 0.1, 600), end)

    def host_hangs(self, chances: random.Random) -> None:
        if not self._host_goes("the tray host hangs, and ends"):
            return
        self.desktop.host.silent = True

        def end() -> None:
            self.desktop.stop_host()
            self.desktop.start_host()
            self._host_is_well()

        self._later(spread(chances, 5, 600), end)

    def service_restarts(self, chances: random.Random) -> None:
        if "service" in self._faulty:
            return
        self._faulty.add("service")
        self.note("the notification service ends")
        self.desktop.stop_service()
        self._later(spread(chances, 0.1, 600), self._service_comes)

    def service_hangs(self, chances: random.Random) -> None:
        if "service" in self._faulty:
            return
        self._faulty.add("service")
        self.note("the notification service hangs, and ends")
        self.desktop.service.silent = True
        self._later(spread(chances, 5, 900), self._service_comes)

    def _service_comes(self) -> None:
        self.desktop.stop_service()
        self.desktop.start_service()
        self._faulty.discard("service")
        self.note("the notification service is there")


class TrayInvariants:
    """What holds of icon, menu and notices."""

    def __init__(self, happenings: TrayHappenings) -> None:
        self._happenings = happenings
        self._checked_at = 0.0
        self.menus = 0
        self.slowest = 0.0

    @property
    def summary(self) -> str:
        """In a few words, what was checked and clicked."""
        clicks = sum(" the user clicks " in line for line in self._happenings.log)
        return f"{self.menus} menus (slowest {self.slowest:.2f} s), {clicks} clicks"

    def check(self) -> None:
        """The icon is where a host is, and its menu is answered at once."""
        since, now = self._happenings.host_since, time.monotonic()
        if since is None or now < self._checked_at + CHECK_EVERY:
            return
        self._checked_at = now
        if not self._happenings.desktop.registered:
            if since.is_over(REGISTERED_SECONDS):
                raise BreachError(f"no icon {since.seconds:.1f} s after a tray host came")
            return
        self.first_level()

    def first_level(self) -> list[str]:
        """The lines of the first level of the menu."""
        desktop = self._happenings.desktop
        try:
            layout, spent = desktop.menu(self._happenings.app.process.pid)
        except TimeoutError:
            raise BreachError("the menu is not answered") from None
        self.menus += 1
        self.slowest = max(self.slowest, spent)
        if spent > ANSWER_SECONDS:
            raise BreachError(f"the menu took {spent:.1f} s")
        shown = "\n".join(desktop.shown)
        if any(secret in shown for secret in self._happenings.home.secrets()):
            raise BreachError("a secret is in the menu or in a notice")
        return [line.label for line in layout.children if not line.separator]

    def is_whole(self) -> bool:
        """Whether the menu shows each role with a session, as at the end of a run."""
        if not self._happenings.desktop.registered:
            return False
        labels = self.first_level()
        return all(any(label.startswith(f"{role} ") and " left" in label for label in labels) for role in ROLES)
