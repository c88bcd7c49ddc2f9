"""An app that says nothing, says nonsense, or takes its time, seen by a command."""

from __future__ import annotations

import json
import threading
import time
from contextlib import closing, contextmanager
from types import SimpleNamespace

import pytest

from tests.support.wait_until import PATIENCE
from traycreds.control import client, transport
from traycreds.control.client import AppError, SilentError
from traycreds.control.protocol import Request
from traycreds.control.server import CommandReply, ControlServer
from traycreds.core.errors import NotRunningError
from traycreds.usecases import running_app

REFRESH = Request(id="1", do="refresh")


@pytest.fixture
def runtime(folder, monkeypatch):
    """The folder in which commands look for the app."""
    monkeypatch.setattr(client, "silent_apps", [])
    # In this module alone: all others continue to find their own files.
    monkeypatch.setattr(running_app, "paths", SimpleNamespace(runtime_dir=lambda _: folder))
    return folder


@contextmanager
def replying(folder, *lines):
    """Something that listens and answers the first request with these lines, then is silent until the end."""
    listener = transport.listen(folder)
    over = threading.Event()

    def answer():
        connection = listener.accept()
        with closing(connection):
            connection.receive(seconds=5)
            for line in lines:
                connection.send(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n", seconds=5)
            over.wait(20)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join(5)
    listener.close()


def test_a_silent_app_is_given_up_in_three_seconds_however_long_the_outcome_may_take(folder):
    assert client.ANSWER_SECONDS == 3
    begun = time.monotonic()
    with replying(folder), pytest.raises(SilentError) as caught:
        client.ask(folder, REFRESH, seconds=3600)
    assert 2 < time.monotonic() - begun < PATIENCE
    assert caught.value.exit_code == 5
    assert (caught.value.sentence, bool(caught.value.hint)) == ("The running app is not responding to refresh.", True)


def test_an_app_that_falls_silent_at_work_is_given_up_too(folder, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.5)
    beat = {"v": 1, "id": "1", "beat": True}
    with replying(folder, beat, beat), pytest.raises(SilentError):
        client.ask(folder, REFRESH, seconds=3600)


def test_an_app_at_work_is_waited_for(folder, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr("traycreds.control.server.BEAT_SECONDS", 0.1)

    def slow(request, gone):
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            assert not gone()
            time.sleep(0.01)
        return CommandReply(content={"ok": True, "did": request.do})

    with ControlServer(folder, slow):
        assert client.ask(folder, REFRESH, seconds=3600)["did"] == "refresh"


def test_a_beat_forever_is_no_reason_to_wait_forever(folder, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr("traycreds.control.server.BEAT_SECONDS", 0.05)
    over = threading.Event()

    def stuck(request, gone):
        over.wait(20)
        return CommandReply(content={"ok": True})

    with ControlServer(folder, stuck), pytest.raises(SilentError):
        client.ask(folder, REFRESH, seconds=1)
    over.set()


def test_what_no_command_of_this_version_asks_for_is_not_sent(folder):
    with ControlServer(folder, lambda request, gone: CommandReply(content={"ok": True, "beats": request.beats})):
        assert client.ask(folder, REFRESH)["beats"] is False


def test_a_silent_app_is_not_waited_for_twice(runtime, monkeypatch):
    with replying(runtime):
        with pytest.raises(SilentError):
            running_app.status()
        monkeypatch.setattr(running_app, "send_command", pytest.fail)
        running_app.note_use("dev")


@pytest.mark.parametrize(
    "reply",
    [
        {"v": 1, "ok": True},
        {"v": 1, "ok": True, "snapshot": None},
        {"v": 1, "ok": True, "snapshot": {"as_of": "2026-01-01T00:00:00+00:00", "roles": []}, "roles": "dev"},
        {"v": 1, "ok": True, "snapshot": {"as_of": "2026-01-01T00:00:00+00:00", "roles": []}, "roles": [7]},
        {"v": 1, "ok": False, "error": {"sentence": 7}},
        {"v": 1, "ok": False, "error": {}},
        {"v": 1, "ok": 1},
    ],
    ids=str,
)
def test_an_invalid_reply_is_reported(runtime, reply):
    with replying(runtime, reply), pytest.raises(NotRunningError) as caught:
        running_app.send_command("use", roles=("dev",))
    assert caught.value.sentence == "The running app is a different version."


@pytest.mark.parametrize("code", [99999, -1, 0, 255, True, "2", None, 2.0])
def test_a_refusal_reaches_the_terminal_without_control_characters_and_with_a_known_exit_code(runtime, code):
    words = "\x1b]0;owned\x07 \x9b31m Refused." + "x" * 10_000
    reply = {"v": 1, "ok": False, "error": {"sentence": words, "hint": words, "exit": code}}
    with replying(runtime, reply), pytest.raises(AppError) as caught:
        running_app.refresh(("dev",))
    assert caught.value.exit_code == 1
    for text in (caught.value.sentence, caught.value.hint):
        assert text.isprintable()
        assert len(text) < 5000
