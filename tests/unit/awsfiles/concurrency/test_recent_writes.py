"""What of our last writes another program has undone."""

from __future__ import annotations

import pytest

from traycreds.awsfiles.concurrency import recent_writes
from traycreds.awsfiles.concurrency.recent_writes import RecentWrites
from traycreds.awsfiles.ini import IniText


def text(n=None, marker="traycreds_role = dev\n"):
    return IniText("[a]\nk = v\n" + ("" if n is None else f"[dev]\nn = {n}\n{marker}"))


@pytest.fixture
def recent():
    made = RecentWrites()
    made.remember(text(), text(1), ["dev"])
    made.remember(text(1), text(2), ["dev"])
    return made


@pytest.mark.parametrize(("on_file", "undone"), [(None, True), (1, True), (2, False), (3, False)])
def test_any_older_version_of_the_section_is_an_undo(recent, on_file, undone):
    assert ("dev" in recent.undone(text(on_file))) is undone


def test_what_is_put_back_is_counted_and_worn_out_at_last(recent):
    for restores in (1, 2, 3):
        recent.remember(text(1), text(2), [])
        assert recent.undone(text(1))["dev"].restores == restores
    assert recent.undone(text(1))["dev"].exhausted
    recent.remember(text(1), text(2), ["dev"])
    assert recent.undone(text(1))["dev"].restores == 0, "it was asked for again"


def test_what_another_program_wrote_is_put_back_more_often(recent):
    """Each of the programs that had read the file before we merged it undoes it."""
    recent.remember(text(1, ""), text(2, ""), ["dev"])
    for _ in range(recent_writes._RESTORES_OF_OTHERS):
        assert not recent.undone(text(1, ""))["dev"].exhausted
        recent.remember(text(1, ""), text(2, ""), [])
    assert recent.undone(text(1, ""))["dev"].exhausted


def test_what_was_restored_is_soon_checked_again_for_a_while(recent, monkeypatch):
    assert recent.next_check() is None
    recent.remember(text(1), text(2), [])
    assert recent.next_check() == 2.0
    later = recent_writes.time.monotonic() + 36
    monkeypatch.setattr(recent_writes.time, "monotonic", lambda: later)
    assert recent.next_check() is None


def test_a_section_that_was_wanted_and_not_changed_stands_as_it_is(recent):
    recent.remember(text(1), text(1), ["dev"])
    assert recent.undone(text(1)) == {}


def test_after_a_while_an_undo_is_an_edit(recent, monkeypatch):
    later = recent_writes.time.monotonic() + 36
    monkeypatch.setattr(recent_writes.time, "monotonic", lambda: later)
    assert recent.undone(text(1)) == {}


def test_what_another_program_wrote_is_no_edit_for_longer(recent, monkeypatch):
    recent.remember(text(1, ""), text(2, ""), [])
    begun, seconds = recent_writes.time.monotonic(), [36]
    monkeypatch.setattr(recent_writes.time, "monotonic", lambda: begun + seconds[0])
    assert "dev" in recent.undone(text(1, ""))
    seconds[0] = 181
    assert recent.undone(text(1, "")) == {}


def test_secrets_do_not_show(recent):
    assert "'n'" not in repr(recent.undone(text(1)))
