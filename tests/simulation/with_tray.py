"""A scenario as with our own tray icon: it counts the minutes, the kernel tells about files, and the engine sleeps for long."""

from __future__ import annotations

import functools
from unittest import mock

from tests.simulation import scenario
from tests.simulation.scenario import Scenario
from traycreds.app.minute_checks import MinuteChecks
from traycreds.lifecycle import policy

LATE = 0.05


class ScenarioWithTray(Scenario):
    """No wait is counted while the machine sleeps: neither the engine's nor the tray's."""

    def start(self) -> None:
        engine = functools.partial(scenario.Engine, watched=True, longest_wait=policy.LONGEST_WAIT)
        with mock.patch.object(scenario, "Engine", engine):
            super().start()
        assert self.engine is not None
        self._minutes = MinuteChecks(self.engine, self.clock, stuck=lambda: None)
        self._turn_at = self._minute_at = self.time.awake

    def turn(self) -> None:
        if self.engine is None:
            return
        if self.file.changed() and not self.engine._file.busy:
            self.engine.check_file()
        if self._minute_at <= self.time.awake:
            self._minute_at = self.time.awake + self._minutes.begin()[1] + LATE
        if self._turn_at <= self.time.awake or not self.engine._inbox.empty():
            super().turn()
            self._turn_at = self.time.awake + self.engine._begin_to_wait()

    def _engine_wait(self) -> float:
        return max(0.0, min(self._turn_at, self._minute_at) - self.time.awake)
