"""Commands to the app under attack: strangers, floods, silence, garbage, leftovers; the next honest one still works.

The same on a Unix socket and, where these run on Windows' Python, on a named pipe.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, suppress

import pytest

from tests.integration.control.app import STATUS, echo
from tests.support.wait_until import PATIENCE, until
from traycreds.control import client, transport
from traycreds.control.client import AppError
from traycreds.control.protocol import REPLY_LIMIT, Channel, Request
from traycreds.control.server import CommandReply, ControlServer
from traycreds.control.transport import connect
from traycreds.core.errors import NotRunningError, UsageError


@pytest.fixture
def server(folder):
    with ControlServer(folder, echo, limit=8, read_seconds=0.5) as running:
        yield running


@pytest.fixture
def ask(folder):
    return lambda request=STATUS, **more: client.ask(folder, request, **more)


@pytest.fixture
def raw(folder):
    """A connection, for anything to be sent over it."""
    with ExitStack() as stack:

        def opened():
            connection = connect(folder, seconds=2)
            assert connection is not None
            stack.callback(connection.close)
            return connection

        yield opened


def is_answered(folder) -> bool:
    with suppress(AppError, NotRunningError):
        return client.ask(folder, STATUS)["ok"]
    return False


def message(connection) -> dict:
    return Channel(connection, limit=REPLY_LIMIT, seconds=5).receive()


@pytest.mark.usefixtures("server")
def test_a_command_is_answered(ask):
    reply = ask(Request(id="abc", do="use", roles=("dev",)))
    assert (reply["v"], reply["id"], reply["did"], reply["roles"]) == (1, "abc", "use", ["dev"])


def test_no_app(ask):
    with pytest.raises(NotRunningError) as error:
        ask()
    assert error.value.exit_code == 5
    assert error.value.hint == "Start it with `traycreds`, then try again."


KILLED = """
import os, pathlib, signal, sys
from traycreds.control import transport
listening = transport.listen(pathlib.Path(sys.argv[1]))
assert listening is not None
os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # on Windows each of them is TerminateProcess
"""


def test_a_killed_app_is_no_app_and_is_replaced(folder, ask):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)], check=False, capture_output=True, timeout=PATIENCE
    )
    assert (done.returncode != 0, done.stderr) == (True, b"")
    with pytest.raises(NotRunningError):
        ask()
    with ControlServer(folder, echo):
        assert ask()["did"] == "status"


def test_the_second_app_leaves_the_first_alone(folder, server, ask):
    with ControlServer(folder, lambda request, gone: CommandReply(content={"ok": True, "did": "second"})):
        assert ask()["did"] == "status"
    assert ask()["did"] == "status"


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\xff\n",
        b"[]\n",
        b"{}\n",
        b"[" * 50_000 + b"\n",
        b'{"v":1,"id":"1","do":"reboot"}\n',
        b'{"v":99,"id":"1","do":"status"}\n',
        b'{"v":1,"id":"1","do":"use"}\n',
        b"x" * 70_000 + b"\n",
    ],
    ids=lambda line: repr(line[:12]) + str(len(line)),
)
def test_garbage_is_answered_with_a_sentence(raw, ask, line):
    connection = raw()
    connection.send(line, seconds=5)
    reply = message(connection)
    assert reply["ok"] is False
    assert reply["error"]["sentence"].endswith(".")
    assert reply["error"]["exit"] == 2
    assert ask()["did"] == "status"


@pytest.mark.usefixtures("server")
def test_a_line_without_end_is_cut_off(raw, ask):
    connection = raw()
    with suppress(OSError):
        for _ in range(2000):
            connection.send(b"x" * 4096, seconds=5)
    assert ask()["did"] == "status"


@pytest.mark.usefixtures("server")
def test_peers_that_say_nothing_are_dropped_and_give_their_places_back(raw, ask):
    silent = [raw() for _ in range(7)]
    assert ask()["did"] == "status"
    for connection in silent:
        assert message(connection)["ok"] is False
    assert all(ask()["did"] == "status" for _ in range(20))


@pytest.mark.usefixtures("server")
def test_slow_peers_are_dropped_too(raw, ask):
    connection = raw()

    def drip():
        while True:
            connection.send(b" ", seconds=5)
            time.sleep(0.05)

    with pytest.raises(OSError):
        drip()
    assert ask()["did"] == "status"


def test_connections_beyond_the_limit_are_asked_to_try_again(folder):
    hold, held = threading.Event(), threading.Semaphore(0)

    def slow(request, gone):
        held.release()
        hold.wait(10)
        return CommandReply(content={"ok": True})

    with ControlServer(folder, slow, limit=4):
        threads = [threading.Thread(target=client.ask, args=(folder, STATUS)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert held.acquire(timeout=5)
        with pytest.raises(AppError) as error:
            client.ask(folder, STATUS)
        assert error.value.exit_code == 5
        assert "too many" in error.value.sentence
        hold.set()
        for thread in threads:
            thread.join(5)
        until(lambda: is_answered(folder), "there is room again")


@pytest.mark.usefixtures("server")
def test_a_flood_of_connections_is_survived(folder, ask):
    before = threading.active_count()

    def hammer():
        for _ in range(50):
            with suppress(OSError):
                connection = connect(folder, seconds=2)
                if connection is not None:
                    connection.close()

    threads = [threading.Thread(target=hammer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    until(lambda: is_answered(folder), "there is room again")
    assert ask()["did"] == "status"
    assert threading.active_count() < before + 30


def test_a_peer_that_gives_up_is_noticed(folder):
    noticed = threading.Event()

    def patient(request, gone):
        while not gone():
            time.sleep(0.01)
        noticed.set()
        return CommandReply(content={"ok": True})

    with ControlServer(folder, patient):
        with pytest.raises(NotRunningError):
            client.ask(folder, STATUS, seconds=0.1)
        assert noticed.wait(20)


def test_a_refusal_crosses_with_its_exit_code(folder):
    def refuse(request, gone):
        raise UsageError("There is no role x.", "Did you mean y?")

    with ControlServer(folder, refuse), pytest.raises(AppError) as error:
        client.ask(folder, STATUS)
    assert (error.value.sentence, error.value.hint, error.value.exit_code) == (
        "There is no role x.",
        "Did you mean y?",
        2,
    )


@pytest.mark.logs_warnings
def test_an_unexpected_error_names_the_peer_only_the_log(folder):
    def broken(request, gone):
        raise ValueError("aws_secret_access_key = hush")

    with ControlServer(folder, broken):
        with pytest.raises(AppError) as error:
            client.ask(folder, STATUS)
        assert error.value.exit_code == 1
        assert "hush" not in str(error.value)
        with pytest.raises(AppError):
            client.ask(folder, STATUS)


@pytest.mark.parametrize("reply", [b"", b"hello\n", b'{"v":2,"ok":true}\n', b'{"v":1}\n', b"[]\n"])
def test_an_app_of_another_kind_is_recognized(folder, reply):
    listener = transport.listen(folder)
    assert listener is not None

    def answer():
        connection = listener.accept()
        assert connection is not None
        with closing(connection):
            connection.receive(seconds=5)
            connection.send(reply, seconds=5)

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(NotRunningError) as error:
        client.ask(folder, STATUS)
    assert error.value.hint
    thread.join(5)
    listener.close()
