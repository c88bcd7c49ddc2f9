"""Hundreds and thousands of roles: what a plan and a menu cost, how a burst comes on file, how often AWS is asked."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from tests.integration.leaks.memory import refreshed
from tests.simulation.steady_scenario import calls_per_role_hour
from tests.support.builders import NOW, a_role, a_session, a_state
from tests.support.many_roles import Burst, burst
from tests.support.sandbox import Sandbox
from tools.bench.row import Figure
from traycreds.core.engine_state import State
from traycreds.core.model import RoleName
from traycreds.lifecycle import plan, presentation
from traycreds.sim.simulator import Simulator
from traycreds.ui.menu import model

SESSIONS = 10_000
"""Refreshes over which the growth of memory is measured."""
MIB = 1 << 20

LEAPP = 3.0
"""Calls for each role-hour: Leapp's `sessionDuration` of 1,200 s, whatever the session lasts
(Noovolari/leapp 663d619, packages/core/src/models/constants.ts and session.ts)."""
LOGSMITH = 6.0
"""The same of logsmith 11.0.2: its login is repeated every 600 s for every profile
(otto-de/logsmith 95a6429, app/gui/gui.py)."""


def state_of(roles: int) -> State:
    """So many kept roles of a hundred accounts, all on file and fresh, one of them the default profile."""
    sessions = (
        a_session(
            f"role-{number:04}",
            role=a_role(f"role-{number:04}", arn=f"arn:aws:iam::{number % 100:012}:role/role-{number:04}"),
            expires_in=timedelta(minutes=40, seconds=number % 600),
        )
        for number in range(roles)
    )
    return plan.plan(NOW, a_state(*sessions, chosen=RoleName("role-0003"))).state


def plan_seconds(roles: int) -> float:
    """What a plan takes while nothing is due."""
    state = state_of(roles)
    assert plan.plan(NOW, state).actions == ()
    return best_of(lambda: plan.plan(NOW, state))


def menu_seconds(roles: int) -> float:
    """What the model of the whole menu takes."""
    snapshot = presentation.snapshot(NOW, state_of(roles))
    return best_of(lambda: model.build(snapshot))


def best_of(what: Callable[[], object], times: int = 200) -> float:
    """Seconds that it takes when nothing else is in its way."""

    def once() -> float:
        begun = time.perf_counter()
        what()
        return time.perf_counter() - begun

    return min(once() for _ in range(times))


def due_at_once(roles: int, latency: float) -> Burst:
    """A real process and as many calls: so many roles without a session at its start."""
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator:
        return burst(Sandbox(Path(folder), simulator), roles=roles, latency=latency)


def growth(sessions: int) -> float:
    """By how many MiB the memory of a running app grows from a tenth of these refreshes to their end."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        found = refreshed(home, sessions=sessions, every=sessions // 10)
    return (found[-1]["private"] - found[0]["private"]) / MIB


def rows() -> Iterator[Figure]:
    """Measure."""
    for roles, goal, under in ((200, "under 100 µs", 100e-6), (2_000, "under 1 ms", 1e-3)):
        took = plan_seconds(roles)
        yield Figure(f"plan while nothing is due, {roles:,} roles", f"{took * 1e6:.0f} µs", goal, met=took < under)
    took = menu_seconds(1_000)
    yield Figure("model of the menu, 1,000 roles", f"{took * 1e3:.1f} ms", "under 5 ms", met=took < 5e-3)
    came = min((due_at_once(200, latency=0.1) for _ in range(3)), key=lambda each: each.seconds)
    yield Figure(
        "200 roles due at once on file, AWS 0.1 s away, 8 calls in flight",
        f"{came.seconds:.1f} s, {came.seconds / came.ideal:.1f} times the ideal",
        "within 3 times the ideal",
        met=came.seconds <= 3 * came.ideal,
    )
    yield Figure(
        "replaces of the file meanwhile", f"{len(came.writes)}, each with all that was ready", "one for each batch"
    )
    others = f"{LEAPP:.0f} (Leapp), {LOGSMITH:.0f} (logsmith 11.0.2), by their sources"
    for lasting, hours, least in (("one hour", 1, 1.0), ("twelve hours", 12, 1 / 12)):
        calls = calls_per_role_hour(timedelta(hours=hours), hours=96)
        yield Figure(
            f"calls to STS for each role-hour, sessions of {lasting}",
            f"{calls:.2f}, {calls / least:.2f} times the least possible",
            "at most 1.5 times",
            others if hours == 1 else "",
            met=calls <= 1.5 * least,
        )
    more = growth(SESSIONS)
    yield Figure(
        f"memory (private) after {SESSIONS:,} refreshes beside that after {SESSIONS // 10:,}",
        f"{more:+.1f} MiB",
        "under 1 MiB more",
        met=more < 1,
    )
