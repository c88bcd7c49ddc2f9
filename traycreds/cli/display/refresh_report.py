"""Prints a refresh's results in a terminal, each role as it ends, and how many are done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from traycreds.cli.display.progress import Progress
from traycreds.cli.display.role_results import print_refreshed
from traycreds.core.model import RoleName
from traycreds.core.snapshot import RefreshOutcome, RoleOutcome, RoleView, Snapshot, Status
from traycreds.usecases.result import Result


class RefreshReport:
    """The report of one refresh; `printed` are roles already reported."""

    def __init__(self, *, as_json: bool) -> None:
        """Print nothing yet; for programs, only the progress is printed."""
        self.printed: set[RoleName] = set()
        self.progress = Progress("roles")
        self._as_json = as_json
        self._tried: set[RoleName] = set()
        self._under_way: dict[RoleName, datetime | None] = {}

    def take(self, some: Result, count: int) -> None:
        """Take the results of some of the roles."""
        self._tried.update(view.name for view in some.views)
        if some.outcome.trouble is None:
            self._print(some)
        if len(self._tried) < count:
            self.progress.show(len(self._tried), count)

    def finish(self, result: Result) -> int:
        """Print what is left of the whole result; return the exit code."""
        return print_refreshed(result, as_json=self._as_json, before=self.printed)

    def watch(self, read: Callable[[], Snapshot]) -> Callable[[], None] | None:
        """What asks the state of the roles whenever it is called; None where nobody sees it."""
        return self.progress.polled(lambda: self._compare(read()))

    def _compare(self, snapshot: Snapshot) -> tuple[int, int] | None:
        """Print new results; return how many of how many are done, None when all are."""
        busy = {view.name for view in snapshot.roles if view.status is Status.REFRESHING or view.retrying}
        if snapshot.trouble is None:
            ended = tuple(view for view in snapshot.roles if view.name not in busy and self._has_ended(view))
            became = {view.name: RoleOutcome.FAILED if view.error else RoleOutcome.WRITTEN for view in ended}
            self._print(Result(views=ended, outcome=RefreshOutcome(became)))
            for name in became:
                del self._under_way[name]
        for view in snapshot.roles:
            if view.name in busy:
                self._under_way.setdefault(view.name, view.expires_at)
        return (len(snapshot.roles) - len(busy), len(snapshot.roles)) if busy else None

    def _has_ended(self, view: RoleView) -> bool:
        """Whether the result of a role in progress is certain; the app's answer has the others."""
        if view.name not in self._under_way:
            return False
        return bool(view.error) or view.expires_at not in {None, self._under_way[view.name]}

    def _print(self, some: Result) -> None:
        if some.views and not self._as_json:
            self.progress.clear()
            print_refreshed(some)
            self.printed.update(view.name for view in some.views)
