"""The watches that only some configurations need: of included files, of the age of access keys. Else loads neither."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from traycreds.config import loader
from traycreds.core.events import Notify
from traycreds.core.model import Settings
from traycreds.state.paths import Paths

if TYPE_CHECKING:
    from traycreds.app.access_keys.age_watch import AgeWatch
    from traycreds.app.followers.team_watch import TeamWatch


class OptionalWatches:
    """Those of one run, each from when it is first needed."""

    def __init__(self, paths: Paths, notify: Callable[[Notify], None], now: Callable[[], datetime]) -> None:
        """Watch nothing yet."""
        self._paths, self._notify, self._now = paths, notify, now
        self._team: TeamWatch | None = None
        self._key_ages: AgeWatch | None = None

    def check_team_files(self) -> None:
        """Check the included files after a change, if there ever was one."""
        if self._team is None and loader.includes(self._paths):
            from traycreds.app.followers.team_watch import TeamWatch

            self._team = TeamWatch(self._paths, self._notify)
        if self._team is not None:
            self._team.check()

    def poll_key_ages(self, settings: Settings) -> None:
        """Watch the age of access keys, if the user consents."""
        if settings.list_access_keys:
            from traycreds.app.access_keys.age_watch import AgeWatch

            self._key_ages = self._key_ages or AgeWatch(self._paths, self._notify, self._now)
            self._key_ages.poll()
