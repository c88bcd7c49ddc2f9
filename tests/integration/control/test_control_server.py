"""The control socket under attack: strangers, floods, silence, garbage, leftovers; the next honest command still works."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress

import pytest

from traycreds.adapters import controlclient, controlplace
from traycreds.adapters.controlclient import AppError
from traycreds.adapters.controlplace import connect
from traycreds.adapters.controlserver import Answer, ControlServer
from traycreds.adapters.controlwire import Request
from traycreds.core.errors import NotRunningError, UsageError

STATUS = Request(id="1", do="status")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "run"


@pytest.fixture(params=[False, True], ids=["unix", "tcp"])
def tcp(request):
    return request.param


def echo(request, gone):
    return Answer(content={"ok": True, "did": request.do, "roles": request.roles})


@pytest.fixture
def server(folder, tcp):
    with ControlServer(folder, echo, limit=8, read_seconds=0.5, tcp=tcp) as running:
        yield running


@pytest.fixture
def ask(folder, tcp):
    return lambda request=STATUS, **more: controlclient.ask(folder, request, tcp=tcp, **more)


@pytest.fixture
def raw(folder, tcp):
    """A connection that is past the greeting, for anything to be sent over it."""
    with ExitStack() as stack:

        def opened():
            connection = connect(folder, seconds=2, tcp=tcp)
            assert connection is not None
            return stack.enter_context(connection)

        yield opened


def said(connection) -> dict:
    connection.settimeout(5)
    with connection.makefile() as lines:
        return json.loads(lines.readline())


@pytest.mark.usefixtures("server")
def test_a_command_is_answered(ask):
    reply = ask(Request(id="abc", do="use", roles=("dev",)))
    assert (reply["v"], reply["id"], reply["did"], reply["roles"]) == (1, "abc", "use", ["dev"])


def test_no_app(ask):
    with pytest.raises(NotRunningError) as error:
        ask()
    assert error.value.exit_code == 5
    assert error.value.hint == "Start it with `traycreds`, then try again."


@pytest.mark.usefixtures("server")
def test_only_the_user_can_reach_it(folder):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_others_could_enter_is_closed_to_them(folder):
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    with ControlServer(folder, echo):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.logs_warnings
def test_a_folder_that_is_a_link_elsewhere_is_not_used(folder, tmp_path, caplog):
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with ControlServer(folder, echo):
        assert not list((tmp_path / "elsewhere").iterdir())
    assert "no commands are taken" in caplog.text


def test_nothing_is_left_behind(folder, tcp):
    with ControlServer(folder, echo, tcp=tcp):
        pass
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the way around the limit is Linux's")
def test_a_path_longer_than_a_socket_address_works(tmp_path):
    deep = tmp_path / ("d" * 120) / "run"
    with ControlServer(deep, echo):
        assert controlclient.ask(deep, STATUS)["did"] == "status"


def test_the_second_app_leaves_the_first_alone(folder, server, ask, tcp):
    with ControlServer(folder, lambda request, gone: Answer(content={"ok": True, "did": "second"}), tcp=tcp):
        assert ask()["did"] == "status"
    assert ask()["did"] == "status"


LEFT_BEHIND = """
import os, pathlib, signal, sys
from traycreds.adapters import controlplace
controlplace.listen(pathlib.Path(sys.argv[1]), tcp=sys.argv[2] == "True")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_app_left_is_no_app_and_is_replaced(folder, tcp, ask):
    subprocess.run([sys.executable, "-c", LEFT_BEHIND, str(folder), str(tcp)], check=False, timeout=20)
    assert len(list(folder.iterdir())) == 1
    with pytest.raises(NotRunningError):
        ask()
    with ControlServer(folder, echo, tcp=tcp):
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
    connection.sendall(line)
    reply = said(connection)
    assert reply["ok"] is False
    assert reply["error"]["sentence"].endswith(".")
    assert reply["error"]["exit"] == 2
    assert ask()["did"] == "status"


@pytest.mark.usefixtures("server")
def test_a_line_without_end_is_cut_off(raw, ask):
    connection = raw()
    connection.settimeout(5)
    with suppress(OSError):
        for _ in range(2000):
            connection.sendall(b"x" * 4096)
    assert ask()["did"] == "status"


@pytest.mark.usefixtures("server")
def test_peers_that_say_nothing_are_dropped_and_give_their_places_back(raw, ask):
    silent = [raw() for _ in range(7)]
    assert ask()["did"] == "status"
    begun = time.monotonic()
    for connection in silent:
        assert said(connection)["ok"] is False
    assert time.monotonic() - begun < 3
    assert all(ask()["did"] == "status" for _ in range(20))


@pytest.mark.usefixtures("server")
def test_peers_that_drip_are_dropped_too(raw, ask):
    connection = raw()
    connection.settimeout(5)
    begun = time.monotonic()
    with suppress(OSError):
        while time.monotonic() - begun < 3:
            connection.sendall(b" ")
            time.sleep(0.05)
    assert time.monotonic() - begun < 2
    assert ask()["did"] == "status"


def test_more_than_it_can_hold_are_told_to_come_again(folder):
    hold, held = threading.Event(), threading.Semaphore(0)

    def slow(request, gone):
        held.release()
        hold.wait(10)
        return Answer(content={"ok": True})

    with ControlServer(folder, slow, limit=4):
        threads = [threading.Thread(target=controlclient.ask, args=(folder, STATUS)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert held.acquire(timeout=5)
        with pytest.raises(AppError) as error:
            controlclient.ask(folder, STATUS)
        assert error.value.exit_code == 5
        assert "too many" in error.value.sentence
        hold.set()
        for thread in threads:
            thread.join(5)
        deadline = time.monotonic() + 5
        while True:
            with suppress(AppError):
                assert controlclient.ask(folder, STATUS)["ok"]
                break
            assert time.monotonic() < deadline


@pytest.mark.usefixtures("server")
def test_a_flood_of_connections_is_survived(folder, tcp, ask):
    before = threading.active_count()

    def hammer():
        for _ in range(50):
            with suppress(OSError):
                connection = connect(folder, seconds=2, tcp=tcp)
                if connection is not None:
                    connection.close()

    threads = [threading.Thread(target=hammer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    deadline = time.monotonic() + 10
    while True:
        with suppress(AppError, NotRunningError):
            assert ask()["did"] == "status"
            break
        assert time.monotonic() < deadline
    assert threading.active_count() < before + 30


def test_a_peer_that_gives_up_is_noticed(folder, tcp):
    noticed = threading.Event()

    def patient(request, gone):
        while not gone():
            time.sleep(0.01)
        noticed.set()
        return Answer(content={"ok": True})

    with ControlServer(folder, patient, tcp=tcp):
        with pytest.raises(NotRunningError):
            controlclient.ask(folder, STATUS, seconds=0.1, tcp=tcp)
        assert noticed.wait(5)


def test_a_refusal_crosses_with_its_exit_code(folder):
    def refuse(request, gone):
        raise UsageError("There is no role x.", "Did you mean y?")

    with ControlServer(folder, refuse), pytest.raises(AppError) as error:
        controlclient.ask(folder, STATUS)
    assert (error.value.sentence, error.value.hint, error.value.exit_code) == (
        "There is no role x.",
        "Did you mean y?",
        2,
    )


@pytest.mark.logs_warnings
def test_an_unforeseen_error_tells_the_peer_nothing_but_where_to_look(folder):
    def broken(request, gone):
        raise ValueError("aws_secret_access_key = hush")

    with ControlServer(folder, broken):
        with pytest.raises(AppError) as error:
            controlclient.ask(folder, STATUS)
        assert error.value.exit_code == 1
        assert "hush" not in str(error.value)
        with pytest.raises(AppError):
            controlclient.ask(folder, STATUS)


@pytest.mark.parametrize("reply", [b"", b"hello\n", b'{"v":2,"ok":true}\n', b'{"v":1}\n', b"[]\n"])
def test_an_app_of_another_kind_is_told_apart(folder, reply):
    listener = controlplace.listen(folder, tcp=False)
    assert listener is not None

    def answer():
        connection, _ = listener.socket.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(reply)

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(NotRunningError) as error:
        controlclient.ask(folder, STATUS)
    assert error.value.hint
    thread.join(5)
    listener.close()


STRANGER = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
peer = socket.socket(socket.AF_UNIX)
peer.settimeout(5)
peer.connect("control.sock")
try:
    peer.sendall(b'{"v":1,"id":"1","do":"status"}\\n')
    print(peer.recv(1000))
except OSError as error:
    print(b"")
"""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to become another user")
def test_another_user_is_turned_away_unheard_even_where_modes_let_him_in(folder):
    heard = []

    def listen(request, gone):
        heard.append(request)
        return Answer(content={"ok": True})

    with ControlServer(folder, listen, tcp=False):
        folder.chmod(0o711)
        (folder / "control.sock").chmod(0o666)
        done = subprocess.run(
            [sys.executable, "-c", STRANGER], cwd=folder, check=False, capture_output=True, text=True, timeout=20
        )
        assert (done.stdout.strip(), done.stderr) == ("b''", "")
        assert not heard
        assert controlclient.ask(folder, STATUS)["ok"]
        folder.chmod(0o700)
        done = subprocess.run(
            [sys.executable, "-c", STRANGER], cwd=folder, check=False, capture_output=True, text=True, timeout=20
        )
        assert "PermissionError" in done.stderr, "with the folder as we make it he does not even get there"


def test_over_tcp_who_does_not_know_the_secret_is_not_heard(folder):
    heard = []

    def listen(request, gone):
        heard.append(request)
        return Answer(content={"ok": True})

    with ControlServer(folder, listen, tcp=True):
        told = json.loads((folder / "control.json").read_text())
        with socket.create_connection(("127.0.0.1", told["port"])) as connection:
            assert set(said(connection)) == {"nonce"}
            connection.sendall(b'{"nonce":"00","proof":"11"}\n{"v":1,"id":"1","do":"quit"}\n')
            connection.settimeout(5)
            with suppress(ConnectionResetError):
                assert connection.recv(1000) == b""
        assert not heard


def test_over_tcp_whoever_takes_the_port_over_is_not_believed(folder):
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as impostor:
        secret = "5e" * 32
        (folder / "control.json").write_text(json.dumps({"port": impostor.getsockname()[1], "secret": secret}))
        learned = []

        def lie():
            connection, _ = impostor.accept()
            with connection:
                connection.sendall(b'{"nonce":"00"}\n')
                learned.append(connection.recv(1000))
                connection.sendall(b'{"proof":"00"}\n{"v":1,"id":"1","ok":true}\n')

        thread = threading.Thread(target=lie)
        thread.start()
        with pytest.raises(NotRunningError):
            controlclient.ask(folder, STATUS, tcp=True)
        thread.join(5)
        assert secret.encode() not in learned[0]
