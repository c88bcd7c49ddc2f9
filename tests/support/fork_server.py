"""Processes that begin with everything imported: a server that has done so forks for each of them.

A command costs the machine milliseconds in place of half a second, and is a process all the same: with an environment,
streams, signals and an end of its own. What begins in the interpreter (PYTHON*, the locale, the command line in the list
of processes) it does not have; who tests that starts Python. Where a system has no fork, `here` is False.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import IO, Any

from tests.support import memory
from tests.support.wait_until import PATIENCE

here = sys.platform == "linux"
"""Whether this system has what it takes."""

if here:
    import fcntl
    import termios

_starting = threading.Lock()
_ROOT = Path(__file__).parents[2]
_LIMIT = 150_000
"""Bytes of a request, of which the environment is the most."""
_STARTUP = ("PYTHON", "LC_", "LANG")
_LATER = ("PYTHONPATH", "PYTHON_KEYRING_BACKEND", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
"""Of these, what is read later, or changes nothing that a test sees; a child takes PYTHONPATH into its own path."""
_AT_IMPORT = "BOTO_DISABLE_CRT"
"""What botocore reads when it is imported; each of its values has a server of its own."""
_PRELOADED = {
    "traycreds": ("traycreds", "filelock", "platformdirs", "_strptime", "encodings.idna", "encodings.utf_8_sig"),
    "awscli": ("awscli.clidriver", "awscli.customizations.configure.configure", "awscli.handlers"),
}


def fits(environment: Mapping[str, str]) -> bool:
    """Whether a process with this environment can be forked: the interpreter reads nothing else of it when it begins."""

    def at_the_start(of: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in of.items() if name.startswith(_STARTUP) and name not in _LATER}

    return here and at_the_start(environment) == at_the_start(_surroundings())


class ForkedProcess:
    """What `subprocess.Popen` is for a started one, in text mode; a stream that is no pipe is None."""

    def __init__(
        self,
        args: Sequence[str],
        status: socket.socket,
        stdout: IO[str] | None = None,
        stderr: IO[str] | None = None,
    ) -> None:
        self.args = list(args)
        self.stdin, self.stdout, self.stderr = None, stdout, stderr
        self.returncode: int | None = None
        self._status = status
        self._lock = threading.Lock()
        self.pid = int(status.recv(32))

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        with self._lock:
            if self.returncode is None:
                self._status.settimeout(timeout)
                try:
                    code, peak = map(int, self._status.recv(32).split())
                except (TimeoutError, BlockingIOError):
                    raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
                self.returncode = code
                self._status.close()
                # The program that `exec` becomes is not traycreds.
                if self.args[0] != "awscli" and "exec" not in self.args:
                    memory.note(self.args, peak)
            return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str | None, str | None]:
        """Read to the end of both streams and wait."""
        end = None if timeout is None else time.monotonic() + timeout
        read: dict[IO[str], str] = {}

        def drain(stream: IO[str]) -> None:
            read[stream] = stream.read()

        streams = [stream for stream in (self.stdout, self.stderr) if stream is not None and not stream.closed]
        threads = [threading.Thread(target=drain, args=(stream,), daemon=True) for stream in streams]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
            if thread.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.wait(None if end is None else max(0.0, end - time.monotonic()))
        for stream in streams:
            stream.close()
        return tuple(None if stream is None else read.get(stream, "") for stream in (self.stdout, self.stderr))

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], *, merged: bool = True
) -> ForkedProcess:
    """Run a module as `python -m` does, with nothing to read; its streams are pipes, stderr in stdout if `merged`."""
    pipes = [os.pipe()] if merged else [os.pipe(), os.pipe()]
    status = _fork(module, arguments, environment, Path.cwd(), [pipes[0][1], pipes[-1][1]])
    for _, end in pipes:
        os.close(end)
    streams = [os.fdopen(end, encoding=sys.stdout.encoding or "utf-8", errors="strict") for end, _ in pipes]
    return ForkedProcess([module, *arguments], status, streams[0], None if merged else streams[1])


def start_in_terminal(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], *, terminal: int, folder: Path | None
) -> ForkedProcess:
    """Run a module as `python -m` does in a session of its own, whose terminal is the one that is open as `terminal`."""
    status = _fork(module, arguments, environment, folder or Path.cwd(), [terminal])
    return ForkedProcess([module, *arguments], status)


def run(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], *, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run a module to its end.

    Raises:
        subprocess.TimeoutExpired: it did not end in time; it is killed.
    """
    process = start(module, arguments, environment, merged=False)
    try:
        out, err = process.communicate(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return subprocess.CompletedProcess(process.args, process.wait(), out, err)


def run_anywhere(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], *, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run a module to its end: forked where that is possible, else by a Python of its own.

    Raises:
        subprocess.TimeoutExpired: it did not end in time; it is killed.
    """
    if fits(environment):
        return run(module, arguments, environment, timeout=timeout)
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=timeout)


def _fork(
    module: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, streams: Sequence[int]
) -> socket.socket:
    """Have a server fork a process with these streams, stdout and stderr or one terminal; the socket that reports it."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    mask = os.umask(0)
    os.umask(mask)
    request = json.dumps([module, list(arguments), dict(environment), str(folder), mask]).encode()
    family = module if module in _PRELOADED else "traycreds"
    with far:
        # Of several that ask at once, one starts the server.
        with _starting:
            server = _server(family, environment.get(_AT_IMPORT))
        _request(server, request, [far.fileno(), *streams])
    return near


def _surroundings() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "LANG", "COVERAGE_PROCESS_START") if name in os.environ}


@functools.cache
def _server(family: str, at_import: str | None) -> socket.socket:
    """The way to the server of a family of modules, started when it is first needed; it ends when we do."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with far:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, family, str(far.fileno())],
            pass_fds=[far.fileno()],
            # The first test may have changed to any folder.
            cwd=_ROOT,
            env=_surroundings() | ({} if at_import is None else {_AT_IMPORT: at_import}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.stdout.close()

    def end() -> None:
        near.close()
        process.wait(PATIENCE)

    atexit.register(end)
    return near


def _request(server: socket.socket, request: bytes, fds: Sequence[int]) -> None:
    assert len(request) < _LIMIT
    server.sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])


# The server's side


def _import_all(family: str) -> None:
    for name in _PRELOADED[family]:
        module = importlib.import_module(name)
        if name == "traycreds":
            for found in pkgutil.walk_packages(module.__path__, "traycreds.", onerror=lambda _: None):
                if not found.name.endswith("__main__"):
                    # The module belongs to another system.
                    with contextlib.suppress(ImportError, AssertionError):
                        importlib.import_module(found.name)
            # The first parse makes argparse compile and look up what it needs.
            importlib.import_module("traycreds.cli.parser").parse(["status"])
            _make_a_client()


def _make_a_client() -> None:
    """Make a client of AWS as the app does, for what only that imports, and the megabytes of JSON that botocore parses."""
    from traycreds.aws.botocore_session import create_anonymous_client

    # The client must not read the user's own files.
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    os.environ.update(files)
    create_anonymous_client("sts", "us-east-1", connect_timeout=1, read_timeout=1)
    for name in files:
        del os.environ[name]


def _next_child(server: socket.socket) -> Any:
    """Serve; returns only in a child, with what it is to run."""
    wakeup_reader, wakeup_writer = socket.socketpair()
    wakeup_writer.setblocking(False)
    wakeup_reader.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakeup_writer.fileno())
    reported: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as waiting:
        waiting.register(server, selectors.EVENT_READ)
        waiting.register(wakeup_reader, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _ in waiting.select()]
            if wakeup_reader in ready:
                with contextlib.suppress(BlockingIOError):
                    wakeup_reader.recv(4096)
            with contextlib.suppress(ChildProcessError):
                while (ended := os.wait4(-1, os.WNOHANG))[0]:
                    code, peak = os.waitstatus_to_exitcode(ended[1]), ended[2].ru_maxrss * 1024
                    with reported.pop(ended[0]) as status, contextlib.suppress(OSError):
                        status.send(f"{code} {peak}".encode())
            if server not in ready:
                continue
            request, fds, _, _ = socket.recv_fds(server, _LIMIT, 3)
            if not request:
                sys.exit(0)
            status, streams = socket.socket(fileno=fds[0]), fds[1:]
            child = os.fork()
            if child == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                if len(streams) == 1:
                    _take_as_terminal(streams[0])
                os.dup2(streams[0], 1)
                os.dup2(streams[-1], 2)
                for one in (status, server, wakeup_reader, wakeup_writer, *reported.values()):
                    one.close()
                for end in set(streams):
                    os.close(end)
                return json.loads(request)
            reported[child] = status
            for end in set(streams):
                os.close(end)
            status.send(str(child).encode())


def _take_as_terminal(terminal: int) -> None:
    """Make it the terminal in which Ctrl-C is heard and which /dev/tty means, and read and write it as one."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    os.dup2(terminal, 0)
    sys.stdout.reconfigure(line_buffering=True)


def _run(module: str) -> None:
    """Run it and end as an interpreter does, but for taking apart all that was imported, which costs most of the time."""
    code = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        if not isinstance(error.code, (int, NoneType)):
            raise
        code = error.code or 0
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code & 0xFF)


def main() -> None:
    """Import, say so, and serve until the process that started us is gone."""
    family, fd = sys.argv[1], int(sys.argv[2])
    before = set(os.environ)
    _import_all(family)
    added = {name: value for name, value in os.environ.items() if name not in before}
    print("ready", flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    gc.freeze()
    module, arguments, environment, folder, mask = _next_child(socket.socket(fileno=fd))
    os.environ.clear()
    os.environ.update({**added, **environment})
    time.tzset()
    os.chdir(folder)
    os.umask(mask)
    sys.path[1:1] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv[1:] = arguments
    _run(module)


if __name__ == "__main__":
    main()
