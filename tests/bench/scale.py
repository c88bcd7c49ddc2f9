"""Hundreds and thousands of roles: what a plan and a menu cost, how a burst comes on file, how often AWS is asked."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tests.builders import NOW, a_role, a_session, a_state
from tests.sandbox import Sandbox
from tests.sandbox_crowd import Burst, burst
from traycreds.core import decide, views
from traycreds.core.model import RoleName, State
from traycreds.sim.simulator import Simulator
from traycreds.ui import menu

LEAPP = 3.0
"""Calls for each role-hour: Leapp's `sessionDuration` of 1,200 s, whatever the session lasts
(Noovolari/leapp 663d619, packages/core/src/models/constants.ts and session.ts)."""
LOGSMITH = 6.0
"""The same of logsmith 11.0.2: its login is repeated every 600 s for every profile
(otto-de/logsmith 95a6429, app/gui/gui.py)."""


def crowd(roles: int) -> State:
    """So many kept roles of a hundred accounts, all on file and fresh, one of them the default profile."""
    sessions = (
        a_session(
            f"role-{number:04}",
            role=a_role(f"role-{number:04}", arn=f"arn:aws:iam::{number % 100:012}:role/role-{number:04}"),
            expires_in=timedelta(minutes=40, seconds=number % 600),
        )
        for number in range(roles)
    )
    return decide.plan(NOW, a_state(*sessions, chosen=RoleName("role-0003"))).state


def plan_seconds(roles: int) -> float:
    """What a plan takes while nothing is due."""
    state = crowd(roles)
    assert decide.plan(NOW, state).actions == ()
    return best_of(lambda: decide.plan(NOW, state))


def menu_seconds(roles: int) -> float:
    """What the model of the whole menu takes."""
    snapshot = views.snapshot(NOW, crowd(roles))
    return best_of(lambda: menu.build(snapshot))


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
