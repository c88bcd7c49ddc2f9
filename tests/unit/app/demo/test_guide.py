"""What the guide prints next, from snapshots and the demo's clock alone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from traycreds.app.demo.guide import AFTER_STEPS, FAILURES, HOW_TO_END, STEPS, GuideState, Surface, advance
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
CODE, NEXT_CODE = "123456", "654321"
KEPT = ("dev", "staging", "prod")
BY_HAND = [Surface.TRAY, Surface.KEYS]
BY_ITSELF = [Surface.TABLE, Surface.OUTPUT]


def snapshot(default="dev", *, failing=(), off=(), waiting=False):
    views = [
        RoleView(
            name=RoleName(name),
            profile=ProfileName(f"{name}-session"),
            status=Status.OFF if name in off else Status.FRESH,
            kept=name in KEPT,
            is_default=name == default,
            error="It fails." if name in failing else None,
            mfa_device="phone" if waiting and name == "admin" else None,
        )
        for name in (*KEPT, "admin", "audit")
    ]
    return Snapshot(as_of=NOW, roles=tuple(views))


class Guided:
    """A guide, with what it printed."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.state = GuideState()
        self.texts: list[str] = []

    def show(self, shown: Snapshot, minute: float = 0, code: str = CODE) -> list[str]:
        """Show it a snapshot at a minute of the demo's clock; return what it prints."""
        self.state, texts = advance(self.state, shown, NOW + timedelta(minutes=minute), self.surface, code)
        self.texts += texts
        return texts


@pytest.mark.parametrize("surface", BY_HAND)
def test_each_step_comes_once_the_one_before_is_done(surface):
    guided = Guided(surface)
    off = {"off": ("admin", "audit")}
    assert guided.show(snapshot(off=("dev", *off["off"]))) == [], "not everything is fresh yet"
    assert "staging" in guided.show(snapshot(**off))[0]
    assert guided.show(snapshot(**off), 1) == [], "nothing was done"
    assert "prod" in guided.show(snapshot("staging", **off), 2)[0]
    assert CODE in guided.show(snapshot("prod", **off), 3)[0]
    assert guided.show(snapshot("prod", **off, waiting=True), 3) == []
    assert "Allow" in guided.show(snapshot("admin", off=("audit",)), 4)[0]
    assert guided.show(snapshot("admin", off=("audit",)), 5) == []
    assert guided.show(snapshot("audit"), 6) == [AFTER_STEPS]
    assert guided.show(snapshot("audit"), 500) == []
    assert [text[:2] for text in guided.texts[:4]] == ["1.", "2.", "3.", "4."]


@pytest.mark.parametrize("surface", list(Surface))
def test_a_step_that_is_not_done_is_printed_once_and_the_next_comes_after_a_while(surface):
    guided = Guided(surface)
    for minute in range(200):
        guided.show(snapshot(off=("admin", "audit")), minute)
    steps = 2 if surface is Surface.OUTPUT else 4
    assert len(guided.texts) == steps + 1
    assert guided.texts[-1] == AFTER_STEPS


@pytest.mark.parametrize("surface", BY_ITSELF)
def test_what_the_demo_does_itself_comes_slowly_enough_to_be_read(surface):
    guided = Guided(surface)
    guided.show(snapshot())
    assert guided.show(snapshot("staging"), 1) == []
    assert "prod" in guided.show(snapshot("staging"), 20)[0]


def test_no_code_or_sign_in_is_asked_for_where_nobody_can_be_asked():
    guided = Guided(Surface.OUTPUT)
    for minute in range(200):
        guided.show(snapshot(off=("admin", "audit")), minute)
    assert not any(word in text for word in ("admin", CODE, "audit", "Allow") for text in guided.texts)


def test_a_step_that_was_done_before_it_came_is_left_out():
    guided = Guided(Surface.TRAY)
    guided.show(snapshot(off=("admin",)))
    assert CODE in guided.show(snapshot("prod", off=("admin",)), 1)[0]


def test_a_code_that_is_too_old_is_replaced_a_few_times():
    guided = Guided(Surface.KEYS)
    waits = snapshot("prod", off=("admin",), waiting=True)
    guided.show(snapshot(off=("admin",)))
    guided.show(snapshot("prod", off=("admin",)), 1)
    assert guided.show(waits, 2) == [], "the step has that code"
    assert guided.show(waits, 3, NEXT_CODE) == [f"The MFA code is now {NEXT_CODE}."]
    codes = [each for number in range(9) for each in guided.show(waits, 4, f"00000{number}")]
    assert 0 < len(codes) < 9
    guided.show(snapshot("admin"), 5)
    assert any(CODE in text for text in guided.show(waits, 6)), "it waits again"


@pytest.mark.parametrize("surface", list(Surface))
@pytest.mark.parametrize("number", range(len(FAILURES)))
def test_a_failure_and_its_end_are_printed_once_each_as_they_come(surface, number):
    name, failure = ("staging", "prod")[number], FAILURES[number]
    guided = Guided(surface)
    for _ in range(2):
        guided.show(snapshot("admin"))
        guided.show(snapshot("admin", failing=(name,)))
        guided.show(snapshot("admin", failing=(name,)))
    guided.show(snapshot("admin"))
    assert guided.texts.count(failure.say) == guided.texts.count(failure.say_end) == 1
    assert guided.texts.index(failure.say) < guided.texts.index(failure.say_end)


@pytest.mark.parametrize("surface", list(Surface))
def test_the_last_sentence_says_how_to_end_it_and_all_is_few_lines(surface):
    guided = Guided(surface)
    for minute in range(300):
        failing = ("staging",) if minute in range(15, 45) else ("prod",) if minute in range(45, 85) else ()
        guided.show(snapshot(off=("admin", "audit"), failing=failing), minute)
    assert guided.texts[-1].endswith(HOW_TO_END[surface])
    assert len(guided.texts) == len(set(guided.texts)) <= 10


def test_the_steps_are_the_same_in_the_tray_and_in_the_terminal():
    for step in STEPS:
        for surface in (Surface.TRAY, Surface.KEYS, Surface.TABLE):
            assert step.role in step.say[surface]


def test_no_code_is_in_the_repr_of_the_state():
    assert CODE not in repr(GuideState(code=CODE))
