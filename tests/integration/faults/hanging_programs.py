"""Ports to other programs of this machine: those that the user names, the desktop's, and traycreds itself."""

from __future__ import annotations

import contextlib
import functools
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

import jeepney
import keyring
from keyring.backend import KeyringBackend

from tests.integration.control.app import STATUS, echo
from tests.integration.control.test_silent_app import replying
from tests.integration.faults.hanging_port import DEADLINE, SOON, Fixtures, Gate, GivenUp, Port, in_turn
from tests.integration.notifications.service import NotificationService
from tests.integration.sso import visitor
from tests.support.builders import a_role
from tests.support.process_list import runs
from tests.support.wait_until import until
from traycreds.aws.federation import tokens
from traycreds.aws.federation.tokens import FederationTokens
from traycreds.aws.mfa import code_program
from traycreds.aws.sts import StsSource
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.control import client, transport
from traycreds.control.server import ControlServer
from traycreds.core.events import Notify
from traycreds.dbus.connection import BusConnection
from traycreds.desktop import clipboard
from traycreds.desktop.notifications.freedesktop import FreedesktopService
from traycreds.desktop.notifications.notifier import DesktopNotifier
from traycreds.files import locks
from traycreds.process import group, user_hook
from traycreds.process.programs import login_path
from traycreds.process.programs.login_path import LoginPath
from traycreds.state.keyring_store import KeyringStore
from traycreds.ui.dialog_program import DialogProgram

_CREDENTIALS = """{"Version": 1, "AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s", "SessionToken": "t",
"Expiration": "2199-01-01T00:00:00Z"}"""
_HOLDS_LOCK = """
import sys, time
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(77777)
"""


class _Program:
    """A program that hangs the first time, with a child of its own, and works from then on."""

    def __init__(self, fixtures: Fixtures, prints: str) -> None:
        # The app does not run in the foreground of a terminal.
        fixtures.monkeypatch.setattr(group, "in_foreground", lambda: False)
        self.folder = fixtures.get("tmp_path")
        self.path = self.folder / "program.sh"
        self.path.write_text(
            f"[ -e {self.folder}/pids ] || {{ sleep 77777 & echo $$ $! > {self.folder}/pids; wait; }}\n{prints}\n"
        )
        self.command = ("sh", str(self.path))

    def ended(self) -> None:
        """The program and its child are gone."""
        for pid in (self.folder / "pids").read_text().split():
            until(lambda pid=pid: not runs(int(pid)), f"process {pid} has ended")


def credential_process(fixtures: Fixtures) -> Port:
    program = _Program(fixtures, f"echo '{_CREDENTIALS}'")
    fixtures.monkeypatch.setattr("traycreds.aws.source.PROGRAM_SECONDS", DEADLINE)
    folder = fixtures.get("home") / ".aws"
    folder.mkdir()
    (folder / "config").write_text(f"[profile proc]\ncredential_process = {' '.join(program.command)}\n")
    source, role = StsSource(), a_role("dev", arn=None, source_profile=None, from_profile="proc")
    return Port(call=lambda: source.issue(role), freed=program.ended)


def mfa_process(fixtures: Fixtures) -> Port:
    program = _Program(fixtures, "echo 123456")
    return Port(call=lambda: code_program.run(" ".join(program.command), DEADLINE), freed=program.ended)


def token_process(fixtures: Fixtures, setting: str) -> Port:
    program = _Program(fixtures, "echo QUJDRA==")
    fixtures.monkeypatch.setattr(tokens, "SECONDS", DEADLINE)
    fixtures.monkeypatch.setattr(tokens, "FAILURE_SHARED", -1.0)
    shared = FederationTokens()
    role = a_role("dev", source_profile=None, **{setting: " ".join(program.command)})
    return Port(call=lambda: shared.token(role, setting), freed=program.ended)


def _alone(fixtures: Fixtures, path: Path, prints: str = ":") -> Callable[[], None]:
    """Make a program without children that hangs the first time; returns what asserts that it is gone."""
    pid = fixtures.get("tmp_path") / "pid"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"#!/bin/sh\n[ -e {pid} ] || {{ echo $$ > {pid}~; mv {pid}~ {pid}; exec sleep 77777; }}\n{prints}\n"
    )
    path.chmod(0o755)
    return lambda: until(lambda: not runs(int(pid.read_text())), "the program has ended")


def login_shell(fixtures: Fixtures) -> Port:
    """It is asked once in the life of a process; the second call stands for the next one."""
    program = fixtures.get("tmp_path") / "shell"
    freed = _alone(fixtures, program, 'PATH=/of/the/shell; eval "$4"')
    fixtures.monkeypatch.setenv("SHELL", str(program))
    fixtures.monkeypatch.setattr(login_path, "SECONDS", DEADLINE)

    def call():
        path = LoginPath().of_an_app()
        if path is None:
            raise GivenUp
        return path == "/of/the/shell"

    return Port(
        call=call, heal=functools.partial(fixtures.monkeypatch.setattr, login_path, "SECONDS", SOON), freed=freed
    )


def dialog(fixtures: Fixtures) -> Port:
    """As of zenity or kdialog."""
    program = fixtures.get("tmp_path") / "dialog"
    freed = _alone(fixtures, program, "echo 123456")
    lasts = iter((DEADLINE, SOON))

    def call():
        code, text = DialogProgram(seconds=next(lasts)).run([str(program)], b"")
        if code:
            raise GivenUp
        return text == "123456"

    return Port(call=call, freed=freed)


def clipboard_program(fixtures: Fixtures) -> Port:
    folder = fixtures.get("tmp_path") / "bin"
    freed = _alone(fixtures, folder / "wl-copy", "exec cat > /dev/null")
    environ = {"WAYLAND_DISPLAY": "wayland-0", "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    fixtures.monkeypatch.setattr(clipboard, "SECONDS", DEADLINE)

    def call():
        clipboard.put("text", environ)
        return True

    return Port(
        call=call, heal=functools.partial(fixtures.monkeypatch.setattr, clipboard, "SECONDS", SOON), freed=freed
    )


def hook(fixtures: Fixtures) -> Port:
    program = _Program(fixtures, ":")

    def call():
        user_hook.run(program.command, {}, seconds=DEADLINE)
        return True

    return Port(call=call, freed=program.ended)


def keyring_service(fixtures: Fixtures) -> Port:
    """One call of it never comes back, and those after it go past it."""
    gate = Gate(fixtures)

    class Backend(KeyringBackend):
        priority = 5

        def get_password(self, service, username):
            gate.hang_once()
            return "0 e3b0c44298fc1c14"

        def set_password(self, service, username, password):
            raise NotImplementedError

    backend = Backend()
    fixtures.monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    store = KeyringStore(patience=DEADLINE, give_up=DEADLINE)

    def load():
        if store.load("mfa") is None:
            raise GivenUp
        return True

    def load_once_it_is_given_up():
        until(lambda: not store._hung.pending, "it is given up")
        return load()

    return Port(call=in_turn(load, load_once_it_is_given_up), left=1)


class _Relay:
    """Leads to a bus; of the first connection it passes on what comes before a mark, and no byte after it."""

    def __init__(self, fixtures: Fixtures, address: str, mark: bytes) -> None:
        self._target = address.partition("path=")[2].partition(",")[0]
        self._mark = mark
        self._listener = socket.socket(socket.AF_UNIX)
        path = fixtures.get("tmp_path") / "relay"
        self._listener.bind(str(path))
        self._listener.listen()
        self.address = f"unix:path={path}"
        self.gone = threading.Event()
        fixtures.until_the_end(self._listener.close)
        self._connections: list[socket.socket] = []
        fixtures.until_the_end(lambda: [each.close() for each in self._connections])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        mute = True
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._target)
            self._connections += (near, far)
            for ends in ((near, far, mute), (far, near, False)):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()
            mute = False

    def _pass_on(self, source: socket.socket, sink: socket.socket, mute: bool) -> None:
        try:
            while data := source.recv(65536):
                if mute and self._mark in data:
                    while source.recv(65536):
                        pass
                    break
                sink.sendall(data)
        except OSError:
            pass
        if mute:
            self.gone.set()
        sink.close()


@contextlib.contextmanager
def deaf_bus(path: Path) -> Iterator[str]:
    """The address of a bus that greets who comes, and then reads nothing."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        over = threading.Event()

        def serve() -> None:
            near, _ = listener.accept()
            with near:
                data = b""
                while not data.endswith(b"\r\n"):
                    data += near.recv(1)
                near.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
                while not data.endswith(b"BEGIN\r\n"):
                    data += near.recv(1)
                parser, messages = jeepney.Parser(), []
                while not messages:
                    messages = parser.feed(near.recv(65536))
                (hello,) = messages
                near.sendall(jeepney.new_method_return(hello, "s", (":1.1",)).serialise(1))
                over.wait(60)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"unix:path={path}"
        over.set()
        thread.join(SOON)


def bus(fixtures: Fixtures, mark: bytes) -> Port:
    relay = _Relay(fixtures, fixtures.get("bus"), mark)

    def call():
        BusConnection(relay.address, seconds=DEADLINE).close()
        return True

    return Port(call=call, freed=lambda: until(relay.gone.is_set, "the connection has ended"), left=3)


def notification_service(fixtures: Fixtures) -> Port:
    address = fixtures.get("bus")
    service = fixtures.enter(NotificationService(address, hung=True))
    desktop = DesktopNotifier([FreedesktopService({"DBUS_SESSION_BUS_ADDRESS": address}, limit=DEADLINE)])
    fixtures.until_the_end(desktop.close)

    def send():
        before = desktop.failures
        desktop.send(Notify(key="a", title="A title", body="A body"))
        if desktop.failures > before:
            raise GivenUp
        return service.seen()

    return Port(call=send, heal=functools.partial(setattr, service, "hung", False), left=1)


def browser(fixtures: Fixtures) -> Port:
    """One that never shows the page, and whose program never comes back."""
    sso_home, gate, opened = fixtures.get("sso_home"), Gate(fixtures), webbrowser.open

    def open_page(url):
        return not gate.hang_once() and opened(url)

    fixtures.monkeypatch.setattr(webbrowser, "open", open_page)
    waits = (functools.partial(sso_home.login, seconds=seconds) for seconds in (DEADLINE, SOON))
    return Port(call=in_turn(*waits), left=1)


def browser_program(fixtures: Fixtures) -> Port:
    """One of the user's choice, which never ends and opens no page; it is left alone."""
    sso_home = fixtures.get("sso_home")
    folder = fixtures.get("tmp_path")
    visit = shlex.join((sys.executable, str(Path(visitor.__file__)), "allow"))
    program = folder / "browser.sh"
    program.write_text(
        f"[ -e {folder}/pid ] || {{ echo $$ > {folder}/pid~; mv {folder}/pid~ {folder}/pid; exec sleep 77777; }}\n"
        f'exec {visit} "$1"\n'
    )
    config = sso_home.sandbox.config
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'[settings]\nsign_in_browser = ["sh", "{program}"]\n')
    fixtures.monkeypatch.setenv("DISPLAY", ":nobody")

    def left_alone():
        pid = int((folder / "pid").read_text())
        assert runs(pid)
        os.kill(pid, signal.SIGKILL)

    waits = (functools.partial(sso_home.login, seconds=seconds) for seconds in (DEADLINE, SOON))
    return Port(call=in_turn(*waits), freed=left_alone)


def file_lock(fixtures: Fixtures) -> Port:
    """Another of our processes holds it and hangs; its end frees it."""
    folder = fixtures.get("tmp_path")
    path, lock_dir = folder / "credentials", folder / "state" / "locks"
    path.write_text("[mine]\nk = v\n")
    found: list[str] = []
    with locks.locked(path, lock_dir):
        found += [each.name for each in lock_dir.iterdir()]
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLDS_LOCK, str(lock_dir / found[0])], stdout=subprocess.PIPE, text=True
    )
    fixtures.until_the_end(lambda: (holder.kill(), holder.communicate()))
    assert holder.stdout.readline() == "held\n"
    fixtures.monkeypatch.setattr(locks, "locked", functools.partial(locks.locked, patience=DEADLINE))
    store = CredentialsFile(path, lock_dir=lock_dir)

    def write():
        store.revise(lambda text: type(text)(f"{text.text}# ours\n"))
        return "# ours" in path.read_text()

    return Port(call=write, heal=lambda: (holder.kill(), holder.wait(SOON)))


def app(fixtures: Fixtures) -> Port:
    """An app that listens and says nothing."""
    folder = fixtures.get("folder")
    fixtures.monkeypatch.setattr(client, "ANSWER_SECONDS", DEADLINE)
    silent = fixtures.enter(contextlib.ExitStack())
    silent.enter_context(replying(folder))
    server = ControlServer(folder, echo)

    def heal():
        silent.close()
        fixtures.enter(server)

    return Port(call=lambda: client.ask(folder, STATUS, seconds=3600), heal=heal, left=1)


def command(fixtures: Fixtures) -> Port:
    """A command that connects and says nothing, where one connection is all that is taken at a time."""
    folder = fixtures.get("folder")
    fixtures.enter(ControlServer(folder, echo, limit=1, read_seconds=DEADLINE))
    peer = transport.connect(folder, seconds=SOON)
    fixtures.until_the_end(peer.close)

    def hang():
        while peer.receive(seconds=SOON):
            pass
        raise GivenUp

    def freed():
        until(lambda: "control-peer" not in {thread.name for thread in threading.enumerate()}, "its place is free")

    return Port(call=in_turn(hang, lambda: client.ask(folder, STATUS)), freed=freed)
