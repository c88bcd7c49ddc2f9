"""The desk opens the room behind it once, hands on what came early, and ends in order."""

from __future__ import annotations

import os
import threading
from typing import ClassVar

import pytest

from tests.waiting import until
from traycreds.adapters import places
from traycreds.adapters.clock import SystemClock
from traycreds.adapters.controlserver import Answer
from traycreds.adapters.controlwire import Request
from traycreds.app import backroom
from traycreds.app.desk import Desk, Face
from traycreds.cli import PLAIN_RUN
from traycreds.cli.parser import parse
from traycreds.core.commands import UiCommand
from traycreds.core.errors import TraycredsError
from traycreds.core.messages import RoleChosen
from traycreds.core.model import RoleName

CONFIG = """\
[roles.dev]
role_arn = "arn:aws:iam::123456789012:role/Dev"
source_profile = "base"
"""
KEYS = "[base]\naws_access_key_id = AKIAEXAMPLEEXAMPLE00\naws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYaa\n"

REAL = backroom.Backroom


class Room:
    """Stands for what works behind the icon; `gate` holds its building up."""

    made: ClassVar[list[Room]] = []
    gate = threading.Event()

    def __init__(self, *_: object, **parts: object) -> None:
        assert self.gate.wait(5)
        self.parts = parts
        self.calls: list[object] = []
        self.made.append(self)

    def start(self) -> None:
        self.calls.append("start")

    def stop(self) -> None:
        self.calls.append("stop")

    def take(self, command: object) -> None:
        self.calls.append(command)

    def obey(self, request: Request, _gone: object) -> Answer:
        return Answer(content={"did": request.do})


@pytest.fixture
def room(monkeypatch):
    monkeypatch.setattr(Room, "made", [])
    monkeypatch.setattr(Room, "gate", threading.Event())
    monkeypatch.setattr(backroom, "Backroom", Room)
    return Room


@pytest.fixture
def desk(home, room):
    where = places.locate(os.environ)
    for path, text in ((where.config_file, CONFIG), (where.credentials_file, KEYS)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Desk(where, SystemClock(), Face(tray=False, say=nobody, show=nobody, notice=nobody))


def nobody(_: object) -> None:
    """Looks at what is shown."""


def test_what_comes_early_is_done_at_the_start_and_in_order(desk, room):
    first, second = RoleChosen(RoleName("dev")), UiCommand.ABOUT
    desk.take(first)
    desk.take(second)
    opening = threading.Thread(target=desk._start)
    opening.start()
    third = UiCommand.OPEN_LOG
    desk.take(third)
    room.gate.set()
    opening.join(5)
    desk.take(UiCommand.OPEN_CONFIG)
    assert room.made[0].calls == ["start", first, second, third, UiCommand.OPEN_CONFIG]


def test_a_command_of_the_terminal_waits_for_who_can_obey(desk, room):
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(desk._obey(Request(id="1", do="status"), lambda: False)))
    asking.start()
    opening = threading.Thread(target=desk._start)
    opening.start()
    assert not answers
    room.gate.set()
    opening.join(5)
    asking.join(5)
    assert answers[0].content == {"did": "status"}


def test_an_app_that_never_gets_there_says_so(desk, monkeypatch):
    monkeypatch.setattr("traycreds.app.desk._START_SECONDS", 0.01)
    with pytest.raises(TraycredsError, match="starting or ending"):
        desk._obey(Request(id="1", do="status"), lambda: False)


def test_it_is_built_once_and_stopped_at_the_end(desk, room):
    room.gate.set()
    ending = threading.Thread(target=lambda: (until(lambda: room.made, "it is built"), desk.end()))
    ending.start()
    assert desk.run() == 0
    ending.join(5)
    desk._start()
    (only,) = room.made
    assert only.calls == ["start", "stop"]
    assert [view.name for view in desk._snapshot.roles] == ["dev"]


def test_what_ends_before_it_starts_is_never_built(desk, room):
    room.gate.set()
    desk.take(UiCommand.QUIT)
    assert desk.run() == 0
    assert not room.made


def test_a_fault_in_building_ends_the_run_and_is_told_by_it(desk, monkeypatch):
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(backroom, "Backroom", fails)
    with pytest.raises(RuntimeError, match="no such thing"):
        desk.run()


def test_a_change_while_it_starts_is_seen(desk, monkeypatch):
    """The stamps of the files are older than what was read of them."""
    monkeypatch.setattr(backroom, "Backroom", REAL)
    desk._where.config_file.write_text(CONFIG + CONFIG.replace("dev", "ops"))
    room = desk._built()
    posted: list[object] = []
    monkeypatch.setattr(room._engine, "post", posted.append)
    room._watch.look()
    (configured,) = posted
    assert [role.name for role in configured.roles] == ["dev", "ops"]


@pytest.mark.parametrize("arguments", [[], ["run"]])
def test_the_plain_run_is_what_the_parser_would_make_of_it(arguments):
    assert vars(PLAIN_RUN) == vars(parse(arguments))
