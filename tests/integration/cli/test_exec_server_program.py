"""`exec --server`: the program is as if the user had started it, and the endpoint ends with it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.cli.conftest import ignored_signals
from tests.integration.cli.served_programs import SHOW, port_of, served, start
from tests.support.terminal import Terminal
from tests.support.wait_until import PATIENCE, until
from tests.windows.mark import not_on_windows

# The program as the user sees it


def test_arguments_streams_and_exit_code_pass_through(dev):
    code = "import sys; print(sys.argv[1:], sys.stdin.read()); print('err', file=sys.stderr); sys.exit(42)"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "traycreds",
            "exec",
            "dev",
            "--server",
            "--",
            sys.executable,
            "-c",
            code,
            "--",
            "a b",
            "",
        ],
        env=dev.environment(),
        input="typed",
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stdout, done.stderr) == (42, "['--', 'a b', ''] typed\n", "err\n")


@not_on_windows
def test_open_files_and_ignored_signals_pass_through(dev, tmp_path):
    command = f'"{sys.executable}" -m traycreds exec dev --server -- sh -c "echo there >&7; cat /proc/self/status"'
    done = subprocess.run(
        ["sh", "-c", f"trap '' HUP; {command} 7>{tmp_path / 'seven'}"],
        env=dev.environment(),
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (tmp_path / "seven").read_text() == "there\n"
    assert ignored_signals(done.stdout) == {signal.SIGHUP}


@not_on_windows
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGUSR1", "SIGQUIT"])
def test_signals_reach_the_program_and_its_end_is_ours(dev, name):
    number = getattr(signal, name)
    process, _ = start(dev, "import time; print('there', flush=True); time.sleep(30)")
    process.send_signal(number)
    rest = process.communicate(timeout=PATIENCE)[0]
    # Python raises `KeyboardInterrupt` and then dies of the signal.
    if name == "SIGINT":
        assert "KeyboardInterrupt" in rest
    else:
        assert rest == ""
    assert process.returncode == -number


@not_on_windows
def test_a_program_that_takes_its_time_at_sigterm_is_waited_for(dev):
    code = (
        "import signal, time\n"
        "heard = []\n"
        "signal.signal(signal.SIGTERM, lambda *_: heard.append(1))\n"
        "print('there', flush=True)\n"
        "while not heard: time.sleep(0.05)\n"
        "time.sleep(0.5)\n"
        "print('tidy', flush=True)\n"
        "exit(7)\n"
    )
    process, _ = start(dev, code)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=PATIENCE)[0] == "tidy\n"
    assert process.returncode == 7


@not_on_windows
def test_the_program_is_what_the_user_started_and_has_no_child_that_it_does_not_know(dev):
    """So whatever a shell does to the process, it does to the program."""
    code = "import os, time\ntry: os.waitpid(-1, 0)\nexcept ChildProcessError: print(os.getpid(), flush=True)\ntime.sleep(30)"
    process, message = start(dev, code)
    assert int(message) == process.pid
    process.kill()
    process.communicate(timeout=PATIENCE)


@not_on_windows
def test_it_is_stopped_and_goes_on_as_job_control_has_it(dev):
    code = "print('there', flush=True)\nfor i in range(10**9): print(i, flush=True)"
    process = subprocess.Popen(
        [sys.executable, "-m", "traycreds", "exec", "--server", "dev", "--", sys.executable, "-c", code],
        env=dev.environment(),
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=os.setpgrp,  # noqa: PLW1509 - as a shell does: a group whose shell is gone is not stopped by this signal
    )
    assert process.stdout.readline().strip() == "there"
    process.send_signal(signal.SIGTSTP)
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    process.send_signal(signal.SIGCONT)
    assert process.stdout.readline()
    process.kill()
    process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize("more", [(), ("--server",)], ids=["plain", "server"])
def test_ctrl_c_in_a_terminal_reaches_the_program_once(dev, more):
    """The terminal tells both of us; passed on, it would be a second one."""
    code = (
        "import signal, time\n"
        "count = []\n"
        "signal.signal(signal.SIGINT, lambda *_: count.append(1))\n"
        "print('there', flush=True)\n"
        "while not count: time.sleep(0.05)\n"
        "time.sleep(1)\n"
        "print('heard', len(count), flush=True)\n"
        "exit(9)\n"
    )
    arguments = ["exec", "dev", *more, "--", sys.executable, "-c", code]
    terminal = Terminal([sys.executable, "-m", "traycreds", *arguments], dev.environment())
    shown, reported = "", False
    try:
        deadline = time.monotonic() + 30
        while (piece := terminal.read(0.1)) is not None and time.monotonic() < deadline:
            shown += piece
            if "there" in shown and not reported:
                reported = True
                terminal.interrupt()
        assert terminal.wait(PATIENCE) == 9
    finally:
        terminal.close()
    assert "heard 1" in shown


def test_nothing_is_left_behind(dev, tmp_path):
    done = served(dev, sys.executable, "-c", SHOW, TMPDIR=str(tmp_path), TEMP=str(tmp_path))
    seen = json.loads(done.stdout)
    assert Path(seen["AWS_SHARED_CREDENTIALS_FILE"]).is_relative_to(tmp_path)
    until(lambda: not list(tmp_path.glob("traycreds-*")), "its files are gone")
    until(lambda: not listens(port_of(seen)), "it no longer listens")


def listens(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_the_endpoint_goes_however_the_program_goes(dev, tmp_path):
    code = "import json, os, time; print(json.dumps(dict(os.environ)), flush=True); time.sleep(30)"
    process, message = start(dev, code, TMPDIR=str(tmp_path), TEMP=str(tmp_path))
    assert listens(port_of(json.loads(message)))
    process.kill()
    assert process.wait(PATIENCE) == (1 if sys.platform == "win32" else -9)
    process.stdout.close()
    until(lambda: not listens(port_of(json.loads(message))), "the endpoint has gone")
    until(lambda: not list(tmp_path.glob("traycreds-*")), "its files are gone")


def test_what_is_no_program(dev, tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("no program")
    done = served(dev, "no-such-program")
    assert (done.returncode, done.stderr) == (
        127,
        "There is no command no-such-program.\nCheck its spelling and PATH.\n",
    )
    assert served(dev, str(plain)).returncode == 126
    assert dev.command("exec", "--server", "dev").returncode == 2


def test_nothing_runs_without_a_session(sandbox, tmp_path):
    sandbox.add_role("dev", trusted=False)
    code = "import sys; open(sys.argv[1], 'w')"
    assert served(sandbox, sys.executable, "-c", code, str(tmp_path / "ran")).returncode == 3
    assert not (tmp_path / "ran").exists()
