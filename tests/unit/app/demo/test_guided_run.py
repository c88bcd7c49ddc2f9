"""The guide's sentences get to the terminal, and where nothing can be pressed the demo acts itself."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from traycreds.app.application import Frontend
from traycreds.app.demo.guide import HOW_TO_END, Surface
from traycreds.app.demo.guided_run import Guidance
from traycreds.core.events import RoleChosen
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.state import paths

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
CODE = "123456"
PATHS = paths.locate({})


class Box:
    """Stands for the sandbox."""

    def code(self) -> str:
        return CODE


class ManualClock:
    """Moves when the test moves it."""

    at = NOW

    def now(self) -> datetime:
        return self.at


class Guided:
    """A guide in a terminal that may read keys and may ask for codes."""

    def __init__(self, *, keys: bool = False, asks: bool = False, tray: bool = False) -> None:
        self.lines: list[str] = []
        self.taken: list[object] = []
        self.handlers: list[object] = []
        self.begun = 0
        self.clock = ManualClock()
        frontend = Frontend(
            tray=tray,
            print_line=self.lines.append,
            show=self.lines.append,
            notice=self.lines.append,
            take_keys=lambda *given: self.handlers.append(given),
            reads_keys=lambda: keys,
            asker=lambda: object() if asks else None,
        )
        self.guidance = Guidance(frontend, self.clock, Box())
        if not tray:
            self.guidance.take_keys(self, PATHS)

    def at(self, minute: int, status: Status = Status.FRESH) -> None:
        self.clock.at = NOW + timedelta(minutes=minute)
        view = RoleView(name=RoleName("dev"), profile=ProfileName("dev"), status=status, kept=True, is_default=True)
        self.guidance.advance(Snapshot(as_of=NOW, roles=(view,)), take=self.taken.append, begin=self.begin)

    def begin(self) -> None:
        self.begun += 1


@pytest.mark.parametrize(
    ("surface", "guided"),
    [
        (Surface.KEYS, lambda: Guided(keys=True, asks=True)),
        (Surface.TABLE, lambda: Guided(asks=True)),
        (Surface.OUTPUT, Guided),
    ],
)
def test_without_a_tray_it_says_once_how_to_end_it_and_hands_the_keys_on(surface, guided):
    made = guided()
    made.guidance.take_keys(made, PATHS)
    assert made.lines == [HOW_TO_END[surface]]
    assert made.handlers == [(made, PATHS), (made, PATHS)]


def test_the_demo_chooses_each_role_itself_where_there_are_no_keys():
    guided = Guided(asks=True)
    for minute in range(100):
        guided.at(minute)
    assert guided.taken == [RoleChosen(RoleName(name)) for name in ("staging", "prod", "admin", "audit")]
    assert any(CODE in line for line in guided.lines)


def test_no_role_that_needs_a_person_is_chosen_where_nobody_can_be_asked():
    guided = Guided()
    for minute in range(100):
        guided.at(minute)
    assert guided.taken == [RoleChosen(RoleName(name)) for name in ("staging", "prod")]


@pytest.mark.parametrize("where", [{"keys": True}, {"tray": True}])
def test_the_demo_chooses_nothing_where_the_user_can(where):
    guided = Guided(**where)
    for minute in range(100):
        guided.at(minute)
    assert guided.taken == []


def test_the_faults_begin_once_all_sessions_are_fresh():
    guided = Guided()
    guided.at(0, Status.REFRESHING)
    assert guided.begun == 0
    for minute in range(100):
        guided.at(minute)
    assert guided.begun == 1
