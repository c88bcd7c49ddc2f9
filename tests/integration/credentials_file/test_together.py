"""Several processes at one file at once, and processes killed at random moments."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.credentials_file import actors
from tests.support import fork_server
from tests.support.wait_until import PATIENCE
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.awsfiles.ini import IniText
from traycreds.core.model import Batch

ROOT = Path(__file__).parents[3]
PROFILES = 200
FEW = 60
"""Beside programs that write as well, where each write costs a read of the whole file by all of them."""


def untraced():
    """The environment without what makes coverage follow into other processes: it would slow them fivefold."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


@pytest.fixture
def start():
    """Start an actor; whatever still runs at the end is killed."""
    started = []

    def begin(*arguments):
        command = [sys.executable, "-m", "tests.integration.credentials_file.actors", *map(str, arguments)]
        process = subprocess.Popen(
            command, cwd=ROOT, env=untraced(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def outcome(process):
    """What an actor printed; its traceback fails the test."""
    printed, errors = process.communicate(timeout=PATIENCE + 35)
    assert process.returncode == 0, errors
    return printed


def filled(on_disk, *, count=PROFILES, foreign="[scratch]\nregion = eu-0\n"):
    on_disk.put(foreign)
    on_disk.store().write(Batch(sets=tuple(actors.a_write(f"p{number}", 1) for number in range(count))))
    os.utime(on_disk.path, (1e9, 1e9))


def test_eight_processes_lose_no_update(on_disk, start):
    on_disk.put("# mine\n[mine]\nk = v\n")
    writers = [start("add", on_disk.path, on_disk.lock_dir, f"w{number}", 20) for number in range(8)]
    for writer in writers:
        outcome(writer)
    own = IniText(on_disk.text()).own()
    expected = {f"w{writer}-{number}": f"ASIA{number + 1:06d}" for writer in range(8) for number in range(20)}
    assert {name: values["aws_access_key_id"] for name, values in own.items() if name != "mine"} == expected
    assert on_disk.text().startswith("# mine\n[mine]\nk = v\n")
    assert on_disk.siblings() == ["credentials"]


def test_a_tight_reader_sees_only_whole_files_while_we_write(on_disk, start, tmp_path):
    filled(on_disk)
    watcher = start("watch", on_disk.path, PROFILES, tmp_path / "stop")
    writer = start("renew", on_disk.path, on_disk.lock_dir, PROFILES, 50)
    outcome(writer)
    (tmp_path / "stop").touch()
    seen = json.loads(outcome(watcher))
    assert seen["faults"] == []
    assert seen["reads"] > 50
    if sys.platform == "win32":
        assert seen["longest"] < 0.5, "more than the moment of a rename"
    else:
        assert seen["refused"] == 0


def test_beside_aws_configure_set_no_profile_is_lost_or_missed(on_disk, start, tmp_path):
    """awscli truncates in place and takes no lock, so raw reads may be torn; ours wait, and nothing is lost."""
    filled(on_disk, count=FEW)
    rival = start("aws_configure", on_disk.path, tmp_path / "stop")
    writer = start("renew", on_disk.path, on_disk.lock_dir, FEW, 60)
    reader = CredentialsFile(on_disk.path, lock_dir=on_disk.lock_dir)
    reads = 0
    while writer.poll() is None:
        view = reader.read()
        assert len(view.owned) == FEW, view.foreign
        assert view.foreign == ("scratch",)
        reads += 1
    outcome(writer)
    (tmp_path / "stop").touch()
    assert int(outcome(rival)) > 3
    assert reads > 3
    assert actors.fault(on_disk.text(), FEW) is None
    assert "region = eu-" in on_disk.text()


def test_beside_the_real_aws_command_no_profile_is_lost(on_disk, start):
    filled(on_disk, count=FEW)
    writer = start("renew", on_disk.path, on_disk.lock_dir, FEW, 60)
    regions = []
    command = ["configure", "set", "--profile", "scratch", "aws_access_key_id"]
    environment = untraced() | {"AWS_SHARED_CREDENTIALS_FILE": str(on_disk.path)}
    while writer.poll() is None:
        # Keys, not the region: `aws configure set` puts only keys into the credentials file.
        done = fork_server.run_anywhere("awscli", [*command, f"eu-{len(regions)}"], environment, timeout=50)
        if sys.platform == "win32" and "Permission denied" in done.stderr:
            continue  # the moment of a rename, see `actors.watch`
        assert done.returncode == 0, done.stderr
        regions.append(done)
    outcome(writer)
    assert regions
    assert actors.fault(on_disk.text(), FEW) is None
    assert "[scratch]\nregion = eu-0\naws_access_key_id = eu-" in on_disk.text().replace("\r\n", "\n")


def kill_while_writing(on_disk, start, first, pause):
    """Kill a process that writes, `pause` seconds after its first write is on file."""
    if sys.platform == "win32":  # TerminateProcess
        child = start("write_on", on_disk.path, on_disk.lock_dir, 50, first)
        assert child.stdout.readline() == "!\n", child.stderr.read()
        time.sleep(pause)
        child.kill()
        assert child.wait(PATIENCE) == 1, "the writer ended by itself"
        return
    ready, ready_writer = os.pipe()
    child = os.fork()  # a Python that begins anew would take a hundred times as long
    if child == 0:
        sys.settrace(None)  # coverage would only slow it
        try:
            os.close(ready)
            os.dup2(ready_writer, 1)
            sys.stdout = os.fdopen(1, "w")
            actors.write_on(on_disk.path, on_disk.lock_dir, 50, first)
        finally:
            os._exit(1)
    os.close(ready_writer)
    assert os.read(ready, 1) == b"!"
    os.close(ready)
    time.sleep(pause)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the writer ended by itself"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kills", [30, pytest.param(300, marks=pytest.mark.thorough)])
def test_a_kill_at_a_random_moment_damages_nothing_and_leaves_nothing(on_disk, start, kills):
    filled(on_disk, count=50)
    kills = 15 if sys.platform == "win32" else kills
    moments = random.Random(4)
    litter = 0
    store = CredentialsFile(on_disk.path, lock_dir=on_disk.lock_dir)
    began = time.perf_counter()
    store.write(Batch(sets=tuple(actors.a_write(f"p{number}", 2) for number in range(50))))
    one_write = time.perf_counter() - began
    for turn in range(1, kills + 1):
        kill_while_writing(on_disk, start, turn * 1000, moments.uniform(0, 3 * one_write))
        litter += len(on_disk.siblings()) - 1
        text = on_disk.text()
        assert text.startswith("[scratch]\nregion = eu-0\n")
        assert actors.fault(text, 50) is None
        assert len({own["aws_access_key_id"] for own in IniText(text).own().values() if "traycreds_role" in own}) == 1
        os.utime(on_disk.path, (1e9, 1e9))  # so that the next start need not wait and see
        assert len(on_disk.store().read().owned) == 50
        assert on_disk.siblings() == ["credentials"]
    assert litter > kills // 60, "too few were killed in the middle of a write to prove anything"
