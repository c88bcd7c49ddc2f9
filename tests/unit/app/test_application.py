"""The application makes its services once, hands on what came early, and ends in order."""

from __future__ import annotations

import os
import threading
from typing import ClassVar

import pytest

from tests.support.wait_until import until
from traycreds.app import services
from traycreds.app.application import Application, Frontend
from traycreds.cli.parser import parse
from traycreds.control.protocol import Request
from traycreds.control.server import CommandReply
from traycreds.core.errors import TraycredsError
from traycreds.core.events import RoleChosen
from traycreds.core.model import RoleName
from traycreds.core.ui_commands import UiCommand
from traycreds.engine.clock import SystemClock
from traycreds.state import paths

CONFIG = """\
[roles.dev]
role_arn = "arn:aws:iam::123456789012:role/Dev"
source_profile = "base"
"""
KEYS = "[base]\naws_access_key_id = AKIAEXAMPLEEXAMPLE00\naws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYaa\n"

REAL = services.Services


class FakeServices:
    """Stands for what works behind the icon; `gate` holds its building up."""

    made: ClassVar[list[FakeServices]] = []
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

    def handle_request(self, request: Request, _gone: object) -> CommandReply:
        return CommandReply(content={"did": request.do})


@pytest.fixture
def fake_services(monkeypatch):
    monkeypatch.setattr(FakeServices, "made", [])
    monkeypatch.setattr(FakeServices, "gate", threading.Event())
    monkeypatch.setattr(services, "Services", FakeServices)
    return FakeServices


@pytest.fixture
def app(home, fake_services):
    where = paths.locate(os.environ)
    for path, text in ((where.config_file, CONFIG), (where.credentials_file, KEYS)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Application(where, SystemClock(), Frontend(tray=False, print_line=nobody, show=nobody, notice=nobody))


def nobody(_: object) -> None:
    """Looks at what is shown."""


def test_what_comes_early_is_done_at_the_start_and_in_order(app, fake_services):
    first, second = RoleChosen(RoleName("dev")), UiCommand.ABOUT
    app.take(first)
    app.take(second)
    opening = threading.Thread(target=app._start)
    opening.start()
    third = UiCommand.OPEN_LOG
    app.take(third)
    fake_services.gate.set()
    opening.join(5)
    app.take(UiCommand.OPEN_CONFIG)
    assert fake_services.made[0].calls == ["start", first, second, third, UiCommand.OPEN_CONFIG]


def test_a_command_of_the_terminal_waits_for_the_services(app, fake_services):
    answers: list[CommandReply] = []
    asking = threading.Thread(
        target=lambda: answers.append(app._handle_request(Request(id="1", do="status"), lambda: False))
    )
    asking.start()
    opening = threading.Thread(target=app._start)
    opening.start()
    assert not answers
    fake_services.gate.set()
    opening.join(5)
    asking.join(5)
    assert answers[0].content == {"did": "status"}


def test_an_app_that_never_gets_there_says_so(app, monkeypatch):
    monkeypatch.setattr("traycreds.app.application.START_SECONDS", 0.01)
    with pytest.raises(TraycredsError, match="starting up or shutting down"):
        app._handle_request(Request(id="1", do="status"), lambda: False)


def test_it_is_built_once_and_stopped_at_the_end(app, fake_services):
    fake_services.gate.set()
    ending = threading.Thread(target=lambda: (until(lambda: fake_services.made, "it is built"), app.end()))
    ending.start()
    assert app.run() == 0
    ending.join(5)
    app._start()
    (only,) = fake_services.made
    assert only.calls == ["start", "stop"]
    assert [view.name for view in app._snapshot.roles] == ["dev"]


def test_what_ends_before_it_starts_is_never_built(app, fake_services):
    fake_services.gate.set()
    app.take(UiCommand.QUIT)
    assert app.run() == 0
    assert not fake_services.made


@pytest.mark.parametrize("headless", [True, False])
def test_codes_are_asked_for_in_the_terminal_only_where_there_is_no_tray(home, app, fake_services, headless):
    asker = object()
    frontend = Frontend(tray=not headless, print_line=nobody, show=nobody, notice=nobody, asker=lambda: asker)
    app = Application(paths.locate(os.environ), SystemClock(), frontend)
    fake_services.gate.set()
    app._start()
    assert fake_services.made[0].parts["display"].asker is (asker if headless else None)


@pytest.mark.parametrize("tray", [True, False])
def test_each_snapshot_is_watched_with_a_tray_or_without(home, app, fake_services, tray):
    seen: list[object] = []
    frontend = Frontend(tray=tray, print_line=nobody, show=nobody, notice=nobody)
    app = Application(paths.locate(os.environ), SystemClock(), frontend, watch=seen.append)
    fake_services.gate.set()
    app._start()
    fake_services.made[0].parts["display"].show(app._snapshot)
    assert seen == [app._snapshot]


def test_keys_are_taken_before_the_first_snapshot_is_shown(app, fake_services):
    happened: list[str] = []
    frontend = Frontend(
        tray=False,
        print_line=nobody,
        show=lambda _: happened.append("shown"),
        notice=nobody,
        take_keys=lambda *_: happened.append("keys"),
    )
    shown = Application(app._paths, SystemClock(), frontend)
    fake_services.gate.set()
    ending = threading.Thread(target=lambda: (until(lambda: fake_services.made, "it is built"), shown.end()))
    ending.start()
    assert shown.run() == 0
    ending.join(5)
    assert happened == ["keys", "shown"]


def test_an_error_while_building_the_services_ends_the_run_and_is_raised(app, monkeypatch):
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(services, "Services", fails)
    with pytest.raises(RuntimeError, match="no such thing"):
        app.run()


def test_a_change_while_it_starts_is_seen(app, monkeypatch):
    """The stamps of the files are older than what was read of them."""
    monkeypatch.setattr(services, "Services", REAL)
    app._paths.config_file.write_text(CONFIG + CONFIG.replace("dev", "ops"))
    fake_services = app._built()
    posted: list[object] = []
    monkeypatch.setattr(fake_services._engine, "post", posted.append)
    fake_services._watch.check()
    (configured,) = posted
    assert [role.name for role in configured.roles] == ["dev", "ops"]


@pytest.mark.parametrize("arguments", [[], ["run"]])
def test_nothing_and_run_start_the_app(arguments):
    expected = {
        "command": "run.run",
        "config": None,
        "verbose": False,
        "no_tray": False,
        "detach": False,
        "program": [],
    }
    assert vars(parse(arguments)) == expected
