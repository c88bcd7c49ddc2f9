"""What a command says of an app that it cannot use is carried out, and the app answers."""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing, contextmanager
from types import SimpleNamespace

import pytest

from tests.integration.control.app import STATUS, echo
from tests.integration.control.test_silent_app import replying
from tests.support.builders import NOW
from traycreds.control import client, snapshot_json, transport
from traycreds.control.protocol import REPLY_LIMIT, Channel, Request
from traycreds.control.server import CommandReply, ControlServer
from traycreds.core.errors import NotRunningError
from traycreds.core.snapshot import Snapshot
from traycreds.usecases import running_app

OTHER = "Quit it in its menu and start it again."
AGAIN = "Quit it in its menu, or end its process, and start it again."


def test_an_app_that_does_not_run_is_started(folder):
    with pytest.raises(NotRunningError) as caught:
        client.ask(folder, STATUS)
    assert caught.value.hint == "Start it with `traycreds`, then try again."
    with ControlServer(folder, echo):
        assert client.ask(folder, STATUS)["ok"]


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        (({"v": 2, "id": "1", "ok": True},), OTHER),
        ((b"no JSON\n",), AGAIN),
        ((), AGAIN),
    ],
    ids=["another version", "nonsense", "silence"],
)
def test_an_app_that_does_not_answer_well_is_started_again(folder, monkeypatch, lines, hint):
    with replying(folder, *lines), monkeypatch.context() as brief:
        if not lines:
            brief.setattr(client, "ANSWER_SECONDS", 0.2)
        with pytest.raises(NotRunningError) as caught:
            client.ask(folder, STATUS)
        assert caught.value.hint == hint
    with ControlServer(folder, echo):
        assert client.ask(folder, STATUS)["ok"]


def test_an_app_whose_roles_are_configured_in_another_way_is_started_again(folder, monkeypatch):
    monkeypatch.setattr(running_app, "paths", SimpleNamespace(runtime_dir=lambda _: folder))
    good = snapshot_json.encode(Snapshot(as_of=NOW))
    for snapshot, remedy in (({"of": "another version"}, OTHER), (good, None)):

        def answer(request, gone, snapshot=snapshot):
            return CommandReply(content={"ok": True, "snapshot": snapshot, "roles": []})

        with ControlServer(folder, answer):
            if remedy is None:
                assert running_app.status().as_of == NOW
            else:
                with pytest.raises(NotRunningError) as caught:
                    running_app.status()
                assert caught.value.hint == remedy


def test_a_command_that_the_app_does_not_know_is_known_once_it_has_the_same_version(folder, monkeypatch):
    with ControlServer(folder, echo), closing(transport.connect(folder, seconds=2)) as connection:
        channel = Channel(connection, limit=REPLY_LIMIT, seconds=5)
        channel.send({"v": 1, "id": "1", "do": "newer"})
        error = channel.receive()["error"]
        assert error["hint"] == "Quit the app and start it again, if its version differs from the command's."
    monkeypatch.setattr("traycreds.control.protocol.COMMANDS", frozenset({"newer"}))
    monkeypatch.setattr("traycreds.control.protocol.NAMELESS", frozenset({"newer"}))
    with ControlServer(folder, echo):
        assert client.ask(folder, Request(id="1", do="newer"))["did"] == "newer"


@contextmanager
def hanging_at_its_end(folder):
    """An app that agrees to quit and does not end; gives what ends it."""
    listener = transport.listen(folder)
    over = threading.Event()

    def answer():
        with closing(listener.accept()) as connection:
            connection.receive(seconds=5)
            connection.send(b'{"v": 1, "id": "1", "ok": true}\n', seconds=5)
            over.wait(20)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    with ExitStack() as stack:
        ended = ExitStack()
        ended.callback(listener.close)
        ended.callback(thread.join, 5)
        ended.callback(over.set)
        stack.callback(ended.close)
        yield ended.close


def test_an_app_that_does_not_end_is_ended(folder, monkeypatch):
    monkeypatch.setattr(client, "END_SECONDS", 0.05)
    with hanging_at_its_end(folder) as end:
        with pytest.raises(client.AppError) as caught:
            client.ask(folder, Request(id="1", do="quit"))
        assert caught.value.hint == "If it does not quit, end its process."
        end()
        with pytest.raises(NotRunningError) as gone:
            client.ask(folder, STATUS)
        assert gone.value.sentence == client.ABSENT
    with ControlServer(folder, echo):
        assert client.ask(folder, STATUS)["ok"]
