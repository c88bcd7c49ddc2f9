"""What is said of files that are in the way of a write is carried out, and the same write succeeds."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests.support.builders import NOW, a_session
from tests.unit.engine.test_loop_hanging import HeldEngine
from traycreds.core.errors import ConfigError, CredentialsFileError
from traycreds.engine.file_jobs import FILE_SECONDS
from traycreds.files import atomic_write, atomic_write_windows, contents, locks, rewrite, write_end
from traycreds.state import single_flight
from traycreds.state.paths import locks_dir


def test_too_many_backups_of_one_second(tmp_path):
    path = tmp_path / "credentials"
    made = [atomic_write.back_up(path, b"old", NOW) for _ in range(99)]
    with pytest.raises(CredentialsFileError) as caught:
        atomic_write.back_up(path, b"new", NOW)
    assert caught.value.hint == "Delete the ones that you do not need, named credentials.backup-…"
    named = caught.value.hint.rpartition(" ")[2].rstrip("…")
    assert all(each.name.startswith(named) for each in made)
    made[50].unlink()
    assert atomic_write.back_up(path, b"new", NOW) == made[50]


def test_a_file_that_is_far_too_large(tmp_path):
    path = tmp_path / "credentials"
    path.write_bytes(b"#" * (contents.LIMIT + 1))
    with pytest.raises(CredentialsFileError) as caught:
        contents.read(path)
    assert caught.value.hint == "Check its contents."
    path.write_bytes(b"[dev]\n")
    assert contents.read(path).data == b"[dev]\n"


def test_a_file_that_an_editor_holds(tmp_path, monkeypatch):
    """As Windows refuses it."""
    path = tmp_path / "credentials"
    path.write_bytes(b"old")
    with monkeypatch.context() as held:

        def refuse(file, *_):
            raise PermissionError(13, "in use", str(file))

        held.setattr(atomic_write_windows, "is_held", lambda _: True)
        held.setattr(atomic_write.os, "open", refuse)
        with pytest.raises(CredentialsFileError) as caught:
            atomic_write.replace(path, b"new", expected=b"old")
        assert caught.value.hint == "Close the editor or program that has it open; the file is unchanged."
        assert path.read_bytes() == b"old"
    atomic_write.replace(path, b"new", expected=b"old")
    assert path.read_bytes() == b"new"


def test_a_program_that_keeps_writing(tmp_path, monkeypatch):
    path = tmp_path / "config"
    path.write_text("k\n")

    def write(_seconds):
        path.write_text("k\n")

    with monkeypatch.context() as busy:
        busy.setattr(write_end, "time", SimpleNamespace(time=time.time, sleep=write))
        with pytest.raises(ConfigError) as caught:
            rewrite.rewrite(path, tmp_path, lambda old: f"{old}l\n")
        assert caught.value.hint == "Find that program and stop it."
    # The user has stopped that program.
    os.utime(path, ns=(10**18, 10**18))
    assert rewrite.rewrite(path, tmp_path, lambda old: f"{old}l\n")
    assert path.read_text() == "k\nl\n"


def test_a_disk_that_does_not_answer():
    held = HeldEngine(a_session(keep=False), file_known=True)
    held.clock.advance(timedelta(seconds=FILE_SECONDS))
    held.turn()
    assert held.engine.snapshot.trouble_hint == "Check the disk or network folder that it is on."
    # The disk answers.
    while held.begun("file"):
        held.run("file")
    assert held.engine.snapshot.trouble is None


def test_another_process_that_is_at_work_on_the_same_role(tmp_path, monkeypatch):
    locked = locks.locked
    monkeypatch.setattr(locks, "locked", lambda path, folder, **_: locked(path, folder, patience=0.05))
    # The lock belongs to a process that hangs.
    with locks.locked(tmp_path / "sessions" / "dev", locks_dir(tmp_path)):
        with pytest.raises(Exception, match="working on dev") as caught, single_flight.alone_at("dev", tmp_path):
            pass
        assert caught.value.hint == "Stop it if it hangs, then try again."
    with single_flight.alone_at("dev", tmp_path):
        done = True
    assert done
