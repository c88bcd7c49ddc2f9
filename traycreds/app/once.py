"""Refreshes now, writes, and ends: the engine's own road, without tray and without a running app."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from traycreds.adapters import choices, codeprocess
from traycreds.adapters.clock import SystemClock
from traycreds.adapters.mfa import MfaSessions
from traycreds.adapters.mfacodes import Verdict
from traycreds.adapters.places import Places
from traycreds.adapters.prompt import Question
from traycreds.adapters.serverclock import DatedSource, ServerClock
from traycreds.adapters.sts import StsSource
from traycreds.adapters.vault import Vault
from traycreds.app import outcome, regions, rolenames, setup
from traycreds.app.outcome import Result
from traycreds.app.setup import Options
from traycreds.core.messages import ConfigChanged, Notify, RefreshAsked
from traycreds.core.model import DEFAULT_PROFILE, RoleName
from traycreds.core.regions import wish
from traycreds.core.shown import Snapshot
from traycreds.engine.engine import Engine

_SLACK = 60.0
"""Seconds beyond the deadline of the calls: several rounds of calls, a lock held by another process, a slow disk."""


Ask: TypeAlias = Callable[[Question], "str | None"]
"""Asks the user for an MFA code; None is "not now"."""

_HINT = "Run traycreds once in a terminal, which asks for the code."
_TRIES = 2


def refresh(options: Options, names: tuple[str, ...], *, ask: Ask | None = None) -> Result:
    """Refresh the named roles, or all that are kept, or all when none is kept; returns when the last is settled.

    Args:
        options: what stands before the command.
        names: of roles.
        ask: where there is somebody to ask for MFA codes.

    Raises:
        ConfigError: the configuration is wrong, or holds no role.
        UsageError: a name is no role.
    """
    where = setup.find_places(options)
    configured = setup.read_config(where)
    wanted = _chosen(configured, names)
    clock = ServerClock(SystemClock())
    mfa = MfaSessions(Vault(), settings=configured.settings, hint=_HINT)
    engine = Engine(
        clock=clock,
        skew=clock.skew,
        source=DatedSource(StsSource(mfa=mfa, on_date=clock.seen), clock),
        store=setup.open_store(where, clock),
        notifier=_Silent(),
        state=setup.first_state(_resting(configured), choices.load(where.state_dir).regions_alone()),
    )
    waiting = _Waiting()
    engine.subscribe(waiting.see)

    def settle(roles: tuple[RoleName, ...]) -> None:
        waiting.expect(roles)
        engine.post(RefreshAsked(roles))
        if not engine.running:
            engine.start()
        rounds = -(-len(roles) // configured.settings.max_in_flight)
        turns = codeprocess.PERIOD * len(roles)  # where each takes a code of its own
        waiting.settled.wait(configured.settings.call_deadline.total_seconds() * rounds + turns + _SLACK)

    settle(wanted)
    if ask is not None:
        _ask_for_codes(engine, mfa, ask, settle)
    engine.stop()
    _write_regions(where, engine.snapshot, wanted)
    return outcome.result(engine.snapshot, wanted)


def _write_regions(where: Places, snapshot: Snapshot, names: tuple[RoleName, ...]) -> None:
    """Those of the roles that were refreshed; what other roles have is the app's to see to."""
    ours = {view.profile for view in snapshot.roles if view.name in names}
    ours |= {DEFAULT_PROFILE} if snapshot.chosen in names else set()
    regions.write(where, {profile: region for profile, region in wish(snapshot, {}).items() if profile in ours})


def _ask_for_codes(engine: Engine, mfa: MfaSessions, ask: Ask, settle: Callable[[tuple[RoleName, ...]], None]) -> None:
    """Get the codes that roles wait for, one device after the other; a bad one is asked for once more."""
    faults: Counter[str] = Counter()
    again: dict[str, str] = {}
    while True:
        needed = [view for view in engine.snapshot.roles if view.mfa_device and faults[view.mfa_device] < _TRIES]
        if not needed or needed[0].mfa_device is None:
            return
        device = needed[0].mfa_device
        names = tuple(view.name for view in needed if view.mfa_device == device)
        code = ask(Question(device=device, roles=names, again=again.get(device, "")))
        if code is None:
            faults[device] = _TRIES
            continue
        answer = mfa.offer(device, code)
        settle(names)
        verdict = answer.result() if answer.done() else Verdict.LOST
        faults[device] += verdict not in {Verdict.ACCEPTED, Verdict.SPENT}
        again[device] = verdict.why_again


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

    def __init__(self) -> None:
        self._open: set[RoleName] = set()
        self._begun: set[RoleName] = set()
        self._lock = threading.Lock()
        self.settled = threading.Event()

    def expect(self, names: tuple[RoleName, ...]) -> None:
        """Wait for these from now on; before they are asked for."""
        with self._lock:
            self._open, self._begun = set(names), set()
            self.settled.clear()

    def see(self, snapshot: Snapshot) -> None:
        """Look at what the engine published."""
        busy = {view.name for view in snapshot.roles if view.busy}
        with self._lock:
            self._begun |= busy & self._open
            self._open -= self._begun - busy
            if not self._open or snapshot.trouble is not None:
                self.settled.set()
