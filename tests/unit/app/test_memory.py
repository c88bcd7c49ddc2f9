"""Choices reach the disk as they change, and nobody waits for the disk."""

from __future__ import annotations

import threading
import time

from tests.builders import NOW, a_session, a_state
from traycreds.adapters import choices
from traycreds.adapters.choices import Choices
from traycreds.app.memory import Memory
from traycreds.core import views


def shown(chosen):
    return views.snapshot(NOW, a_state(a_session("dev"), a_session("prod"), chosen=chosen))


def test_a_change_is_kept_and_the_last_one_even_at_the_end(tmp_path):
    memory = Memory(tmp_path, Choices())
    memory.start()
    for chosen in ("dev", "prod", None, "dev"):
        memory.see(shown(chosen))
    memory.stop(seconds=10)
    assert choices.load(tmp_path) == choices.of(shown("dev"))


def test_what_is_kept_already_is_not_written_again(tmp_path):
    memory = Memory(tmp_path, choices.of(shown("dev")))
    memory.start()
    memory.see(shown("dev"))
    memory.stop(seconds=10)
    assert not (tmp_path / choices.NAME).exists()


def test_a_disk_that_hangs_holds_up_neither_the_engine_nor_the_end(tmp_path, monkeypatch):
    hang = threading.Event()
    monkeypatch.setattr(choices, "save", lambda *_: hang.wait(10))
    memory = Memory(tmp_path, Choices())
    memory.start()
    begun = time.monotonic()
    for chosen in ("dev", "prod"):
        memory.see(shown(chosen))
    memory.stop(seconds=0.1)
    assert time.monotonic() - begun < 5
    hang.set()


def test_stopping_before_the_start_is_nothing(tmp_path):
    Memory(tmp_path, Choices()).stop()
