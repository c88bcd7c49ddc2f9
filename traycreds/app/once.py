"""Refreshes now, writes, and ends: the engine's own road, without tray and without a running app."""

from __future__ import annotations

import difflib
import threading
from dataclasses import dataclass, replace

from traycreds.adapters.clock import SystemClock
from traycreds.adapters.sts import StsSource
from traycreds.app import setup
from traycreds.app.setup import Options
from traycreds.core.errors import ConfigError, FailureKind, UsageError
from traycreds.core.messages import ConfigChanged, Notify, RefreshAsked
from traycreds.core.model import RoleName, RoleView, Snapshot, Status
from traycreds.engine.engine import Engine

_EXIT_CODES = {FailureKind.BAD_CONFIG: 2, FailureKind.FILE: 4}
_AWS_REFUSED = 3
_SLACK = 60.0
"""Seconds beyond the deadline of the calls: several rounds of calls, a lock held by another process, a slow disk."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the roles that were asked for.

    Attributes:
        views: as they stand afterwards.
        trouble: two sentences about the credentials file as a whole, or None.
    """

    views: tuple[RoleView, ...]
    trouble: tuple[str, str] | None

    @property
    def exit_code(self) -> int:
        """The worst of them: 0 ok, 2 configuration, 3 AWS, 4 credentials file."""
        if self.trouble is not None:
            return _EXIT_CODES[FailureKind.FILE]
        return max((exit_code(view) for view in self.views), default=0)


def exit_code(view: RoleView) -> int:
    """What a command exits with for the last failure of a role; 0 when there is none."""
    return 0 if view.kind is None else _EXIT_CODES.get(view.kind, _AWS_REFUSED)


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
    snapshot = engine.snapshot
    trouble = (snapshot.trouble, snapshot.trouble_hint or "") if snapshot.trouble is not None else None
    return Result(views=tuple(view for view in snapshot.roles if view.name in wanted), trouble=trouble)


def _chosen(configured: ConfigChanged, names: tuple[str, ...]) -> tuple[RoleName, ...]:
    roles = configured.roles
    if not roles:
        raise ConfigError(
            "No role is configured, and ~/.aws/config has no profile with a role.",
            "Add a [roles.NAME] table to the configuration file; the README shows one.",
        )
    known = {str(role.name): role.name for role in roles}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"The roles are: {', '.join(known)}."
            raise UsageError(f"There is no role {name}.", hint)
    if names:
        return tuple(known[name] for name in names)
    return tuple(role.name for role in roles if role.keep) or tuple(known.values())


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
