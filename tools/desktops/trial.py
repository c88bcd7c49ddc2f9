"""What is tried on one desktop: starts with an icon, what a left click does, and the clicks that each task takes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.desktop.desktop import Desktop
from tests.desktop.menu_on_screen import MenuOnScreen, icon_on
from tests.desktop.session_bus import MenuClient, item_of
from tests.support.wait_until import until
from tools.desktops.home import Home, home
from traycreds.aws.mfa import dialog

TASKS = ("switch", "keep", "console", "sign in", "code")
MOST_CLICKS = 2
"""One on the icon, one on the line."""
_ICON, _MENU, _END = 20.0, 5.0, 10.0
"""Seconds after which no icon, no menu, no end comes."""


@dataclass
class Outcome:
    """What a desktop did.

    Attributes:
        name: of the desktop.
        starts: of the app.
        icons: starts after which an icon came.
        menus: of those, how often a left click opened the menu.
        left_opens: whether this desktop lets a left click open menus.
        errors: what it logged of the app.
        clicks: for each task, how many it took; None where it cannot be done.
        failures: what went wrong besides.
    """

    name: str
    left_opens: bool
    starts: int = 0
    icons: int = 0
    menus: int = 0
    errors: list[str] = field(default_factory=list)
    clicks: dict[str, int | None] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def broken(self) -> list[str]:
        """Where the promise breaks."""
        found = list(self.failures)
        if self.icons < self.starts:
            found.append(f"no icon in {self.starts - self.icons} of {self.starts} starts")
        if self.left_opens and self.menus < self.icons:
            found.append(f"a left click opened no menu in {self.icons - self.menus} of {self.icons} tries")
        found += self.errors
        found += [
            f"{task} took {clicks} clicks"
            for task, clicks in self.clicks.items()
            if clicks is not None and clicks > MOST_CLICKS
        ]
        return [f"{self.name}: {each}" for each in found]


class Trial:
    """What is tried on one desktop.

    Args:
        desktop: it runs.
        folder: for homes and pictures of what failed.
        outcome: takes what is seen.
    """

    def __init__(self, desktop: Desktop, folder: Path, outcome: Outcome) -> None:
        self._desktop = desktop
        self._folder = folder
        self._outcome = outcome
        self._button = 1 if outcome.left_opens else 3

    def start_often(self, starts: int) -> None:
        """Start the app so often; look for its icon, and click it with the left button."""
        outcome, desktop = self._outcome, self._desktop
        with home(self._folder / "home") as place:
            for number in range(starts):
                outcome.starts += 1
                with self._running(place, button=1) as (_, menu):
                    if not _comes(menu.icon, _ICON):
                        desktop.picture(f"no-icon-{number}")
                        continue
                    outcome.icons += 1
                    place.sandbox.wait_for_profile("staging-session")
                    if _opens(menu):
                        outcome.menus += 1
                    elif outcome.left_opens:
                        desktop.picture(f"no-menu-{number}")
                until(lambda: icon_on(desktop) is None, "the icon goes with the app")

    def count_clicks(self) -> None:
        """Do each task with the mouse, as a user would, and count."""
        with home(self._folder / "tasks") as place, self._running(place) as (client, menu):
            sandbox = place.sandbox
            sandbox.wait_for_profile("dev-session")
            sandbox.wait_for_profile("staging-session")
            switched = lambda: sandbox.profiles().get("default", {}).get("traycreds_role") == "prod"  # noqa: E731
            self._do(menu, "switch", "prod", switched)
            client.wait_for("prod (")
            self._do(menu, "keep", "Keep alive", lambda: client.find("Keep alive").checked)
            self._do(menu, "console", "Open console", place.browsed)
        # Each in a home of its own: what a sign-in says goes from the screen beside the menu.
        with home(self._folder / "signed-out") as place:
            place.add_sign_in_role()
            with self._running(place) as (client, menu):
                client.wait_for("Sign in to corp")
                self._do(menu, "sign in", "Sign in to corp", place.browsed)
        with home(self._folder / "waiting") as place:
            place.add_mfa_role()
            with self._running(place) as (client, menu):
                client.wait_for("Enter MFA code")
                self._do(menu, "code", "Enter MFA code", lambda: self._desktop.has_window(dialog.TITLE))

    def _do(self, menu: MenuOnScreen, task: str, line: str, done: Callable[[], object]) -> None:
        """Do a task by a click on a line; what keeps it from being done is said."""
        before = menu.clicks
        try:
            menu.click(line)
            until(done, f"a click on {line} does it")
        except AssertionError as error:
            self._desktop.picture(f"failed-{task}")
            self._outcome.failures.append(f"{task}: {error}")
        else:
            self._outcome.clicks[task] = menu.clicks - before

    @contextlib.contextmanager
    def _running(self, place: Home, button: int | None = None) -> Iterator[tuple[MenuClient, MenuOnScreen]]:
        """An app with its menu, as the bus and as the screen have it."""
        app, bus = place.start(self._desktop), self._desktop.bus
        try:
            with MenuClient(bus, until(lambda: item_of(bus, app.pid), "the item is on the bus")) as client:
                yield client, MenuOnScreen(self._desktop, client, button=button or self._button)
        finally:
            app.terminate()
            app.wait(_END)


def _opens(menu: MenuOnScreen) -> bool:
    try:
        menu.open(_MENU)
    except AssertionError:
        return False
    return True


def _comes(question: Callable[[], object], seconds: float) -> bool:
    try:
        return bool(until(question, timeout=seconds))
    except AssertionError:
        return False
