"""Refreshes now, writes, and ends: the engine's own road, without tray and without a running app."""

from __future__ import annotations

import threading
from dataclasses import replace

from traycreds.adapters.clock import SystemClock
from traycreds.adapters.sts import StsSource
from traycreds.app import outcome, rolenames, setup
from traycreds.app.outcome import Result
from traycreds.app.setup import Options
from traycreds.core.messages import ConfigChanged, Notify, RefreshAsked
from traycreds.core.model import RoleName, Snapshot, Status
from traycreds.engine.engine import Engine

_SLACK = 60.0
"""Seconds beyond the deadline of the calls: several rounds of calls, a lock held by another process, a slow disk."""


def refresh(options: Options, names: tuple[str, ...]) -> Result:
    """Refresh the named roles, or all that are kept, or all when none is kept; returns when the last is settled.

    Raises:
        ConfigError: the configuration is wrong, or holds no role.
        UsageError: a name is no role.
    """
    where = setup.find_places(options)
    configured = setup.read_config(where)
    wanted = _chosen(configured, names)
    clock = SystemClock()
    engine = Engine(
        clock=clock,
        source=StsSource(),
        store=setup.open_store(where, clock),
        notifier=_Silent(),
        state=setup.first_state(_resting(configured)),
    )
    waiting = _Waiting(frozenset(wanted))
    engine.subscribe(waiting.see)
    engine.post(RefreshAsked(wanted))
    engine.start()
    rounds = -(-len(wanted) // configured.settings.max_in_flight)
    waiting.settled.wait(configured.settings.call_deadline.total_seconds() * rounds + _SLACK)
    engine.stop()
    return outcome.result(engine.snapshot, wanted)


def _chosen(configured: ConfigChanged, names: tuple[str, ...]) -> tuple[RoleName, ...]:
    named = rolenames.known(names, (role.name for role in configured.roles))
    kept = tuple(role.name for role in configured.roles if role.keep)
    return named or kept or tuple(role.name for role in configured.roles)


def _resting(configured: ConfigChanged) -> ConfigChanged:
    """The same roles with none kept: nothing is refreshed but what was asked for."""
    return replace(configured, roles=tuple(replace(role, keep=False) for role in configured.roles))


class _Silent:
    """A notifier for a command whose user reads its output."""

    def send(self, notice: Notify) -> None:
        """Say nothing."""


class _Waiting:
    """Waits until each role that was asked for has begun and ended its refresh."""

    def __init__(self, names: frozenset[RoleName]) -> None:
        self._open = set(names)
        self._begun: set[RoleName] = set()
        self.settled = threading.Event()

    def see(self, snapshot: Snapshot) -> None:
        """Look at what the engine published."""
        busy = {view.name for view in snapshot.roles if view.status is Status.REFRESHING}
        self._begun |= busy & self._open
        self._open -= self._begun - busy
        if not self._open or snapshot.trouble is not None:
            self.settled.set()
