"""Hundreds and thousands of roles: what a plan and a menu cost, how a burst comes on file, how often AWS is asked."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from tests.desktop.session_bus import PrivateBus
from tests.integration.leaks import day
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
    """A real process with a tray, and as many calls: so many roles without a session at its start."""
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator, PrivateBus() as bus:
        return burst(Sandbox(Path(folder), simulator), roles=roles, latency=latency, bus=bus)


def a_day() -> list[day.Hour]:
    """24 hours of a clock that is steered, with 10,000 refreshes."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        return list(day.hours(home))


def day_rows(found: Sequence[day.Hour]) -> Iterator[Figure]:
    """What the app holds at the end of the day beside what it held in the morning."""
    early, late = found[day.FULL_BY - 1], found[-1]
    over = f"after {late.hour} hours and {late.refreshes:,} refreshes beside that after {early.hour} hours"
    more = round(late.mib - early.mib, 1)
    yield Figure(
        f"memory (private) {over}", f"{more:+.1f} MiB", f"under {day.MOST_MIB:.0f} MiB more", met=more < day.MOST_MIB
    )
    for what, before, after, most in (
        ("threads", early.threads, late.threads, day.MOST_THREADS),
        ("open files", early.files, late.files, day.MOST_FILES),
    ):
        yield Figure(f"{what} {over}", f"{before} and {after}", f"at most {most} more", met=after - before <= most)
    log = max(each.log for each in found)
    yield Figure("log files on that day", f"{log:,} bytes", f"at most {day.MOST_LOG:,} bytes", met=log <= day.MOST_LOG)


def rows() -> Iterator[Figure]:
    """Measure."""
    for roles, goal, under in ((200, "under 100 µs", 100e-6), (2_000, "under 1 ms", 1e-3)):
        took = plan_seconds(roles)
        yield Figure(f"plan while nothing is due, {roles:,} roles", f"{took * 1e6:.0f} µs", goal, met=took < under)
    took = menu_seconds(1_000)
    yield Figure("model of the menu, 1,000 roles", f"{took * 1e3:.1f} ms", "under 5 ms", met=took < 5e-3)
    came = min((due_at_once(1_000, latency=0.1) for _ in range(3)), key=lambda each: each.seconds)
    times = round(came.seconds / came.ideal, 1)
    yield Figure(
        "1,000 roles due at once on file, AWS 0.1 s away, 8 calls in flight",
        f"{came.seconds:.1f} s, {times:.1f} times the ideal",
        "within 2 times the ideal",
        met=times <= 2,
    )
    yield Figure(
        "replaces of the file meanwhile", f"{len(came.writes)}, each with all that was ready", "one for each batch"
    )
    assert came.longest_wait is not None
    waited = round(came.longest_wait * 1e3)
    yield Figure("longest that the icon took to answer meanwhile", f"{waited} ms", "at most 50 ms", met=waited <= 50)
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
    yield from day_rows(a_day())
