"""Choices reach the disk as they change, and nobody waits for the disk."""

from __future__ import annotations

import threading
import time

from tests.support.wait_until import PATIENCE
from traycreds.app.followers.choices import ChoicesSaver
from traycreds.core.engine_state import Choices
from traycreds.state import choices


def test_a_change_is_kept_and_the_last_one_even_at_the_end(tmp_path):
    saver = ChoicesSaver(tmp_path)
    for chosen in ("dev", "prod", None, "dev"):
        saver.save(Choices(chosen=chosen))
    assert saver.wait_until_saved(10)
    assert choices.load(tmp_path) == Choices(chosen="dev")


def test_a_disk_that_hangs_holds_up_neither_the_engine_nor_the_end(tmp_path, monkeypatch):
    hang = threading.Event()
    monkeypatch.setattr(choices, "save", lambda *_: hang.wait(60))
    saver = ChoicesSaver(tmp_path)
    begun = time.monotonic()
    for chosen in ("dev", "prod"):
        saver.save(Choices(chosen=chosen))
    assert not saver.wait_until_saved(0.1)
    assert time.monotonic() - begun < PATIENCE
    hang.set()


def test_ending_before_anything_was_chosen_is_nothing(tmp_path):
    assert ChoicesSaver(tmp_path).wait_until_saved(0)
    assert not (tmp_path / choices.NAME).exists()
