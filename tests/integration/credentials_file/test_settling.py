"""When a read is believed, and what happens to a write that someone undoes."""

from __future__ import annotations

import os
import time

import pytest

from tests.support.builders import NOW, SECRET
from traycreds.awsfiles import credentials_file
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch
from traycreds.files import atomic_write

TWO = "[a]\nk = v\n[b]\nk = v\n"


def names(view):
    return {each.profile for each in view.owned} | set(view.foreign)


def test_a_whole_file_is_believed_at_once(on_disk):
    on_disk.put(TWO)
    assert names(on_disk.store().read()) == {"a", "b"}
    assert on_disk.naps == []


@pytest.mark.parametrize(
    "torn", ["", "[a]\nk = v\n", "[a]\nk = v\n[b]\nk"], ids=["truncated", "short", "cut in a line"]
)
def test_a_file_that_is_being_written_is_waited_for(on_disk, a_write, torn):
    store = on_disk.store()
    on_disk.put(TWO)
    store.read()
    on_disk.put(torn)
    on_disk.during_naps = [lambda: None, lambda: on_disk.put(TWO + "[c]\nk = v\n")]
    store.write(Batch(sets=(a_write("dev"),)))
    assert on_disk.text().startswith(TWO + "[c]\nk = v\n\n[dev]\n")
    assert len(on_disk.naps) == 2


def test_a_profile_that_stays_away_for_600_ms_is_believed_gone(on_disk):
    store = on_disk.store()
    on_disk.put(TWO)
    store.read()
    on_disk.put("[a]\nk = v\n")
    assert names(store.read()) == {"a"}
    assert sum(on_disk.naps) == pytest.approx(0.6)
    store.read()
    assert sum(on_disk.naps) == pytest.approx(0.6), "known from now on"


def test_a_file_touched_a_moment_ago_and_never_seen_before_is_watched_first(on_disk, a_write):
    """Another program may have truncated it and be about to write the rest."""
    on_disk.put("")
    os.utime(on_disk.path)
    on_disk.during_naps = [lambda: None, lambda: (on_disk.put(TWO), os.utime(on_disk.path))]
    on_disk.store().write(Batch(sets=(a_write("dev"),)))
    assert on_disk.text().startswith(TWO)


def test_what_never_parses_is_refused_with_line_and_cause(on_disk, a_write):
    on_disk.put("[a]\nk = v\n[a]\n")
    store = on_disk.store()
    for call in (store.read, lambda: store.write(Batch(sets=(a_write(),)))):
        with pytest.raises(CredentialsFileError) as caught:
            call()
        assert caught.value.sentence == (
            f"{on_disk.path} cannot be read by AWS tools: the profile [a] appears a second time (line 3)."
        )
    assert on_disk.text() == "[a]\nk = v\n[a]\n"
    assert not store.changed(), "one look is enough until it changes"


def test_bytes_that_are_no_text_are_refused_with_their_line(on_disk):
    on_disk.put(b"[a]\r\nk = v\r\n# Andr\x81\n")
    with pytest.raises(CredentialsFileError, match=r"a byte that is not .* \(line 3\)"):
        on_disk.store().read()


def test_a_file_that_never_rests_is_given_up(on_disk, a_write):
    store = on_disk.store()
    on_disk.put(TWO)
    store.read()
    on_disk.put("[a]\n")
    on_disk.during_naps = [lambda n=n: on_disk.put(f"[a]\nk = {n}\n") for n in range(300)]
    with pytest.raises(CredentialsFileError, match="keeps changing"):
        store.write(Batch(sets=(a_write(),)))
    assert "dev" not in on_disk.text()


def test_a_write_starts_again_when_someone_else_was_faster(on_disk, a_write, monkeypatch):
    on_disk.put(TWO)
    real, rivals = atomic_write.replace, iter(["[c]\nk = v\n", "[d]\nk = v\n"])

    def superseded(path, data, **more):
        if rival := next(rivals, None):
            on_disk.put(on_disk.text() + rival)
        return real(path, data, **more)

    monkeypatch.setattr(atomic_write, "replace", superseded)
    report = on_disk.store().write(Batch(sets=(a_write(),)))
    assert names(report.view) == {"a", "b", "c", "d", "dev"}
    assert on_disk.siblings() == ["credentials"]


def test_a_write_that_other_programs_always_change_is_given_up(on_disk, a_write, monkeypatch):
    on_disk.put(TWO)

    def superseded(path, data, **more):
        raise atomic_write.ChangedMeanwhileError

    monkeypatch.setattr(atomic_write, "replace", superseded)
    monkeypatch.setattr(credentials_file, "RACE_LIMIT", 0.05)
    with pytest.raises(CredentialsFileError, match="keeps writing"):
        on_disk.store().write(Batch(sets=(a_write(),)))


def test_a_foreign_undo_is_restored_by_the_second_check(on_disk, a_write):
    on_disk.put(TWO)
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),), copy_default_from="dev"))
    ours = on_disk.text()
    # The other program read the file before our write and wrote its change after it.
    on_disk.put(TWO.replace("k = v\n[b]", "k = w\n[b]"))
    assert store.changed()
    assert names(store.read()) == {"a", "b", "dev", "default"}
    assert on_disk.text() == ours.replace("k = v\n[b]", "k = w\n[b]")
    assert not store.changed()


def test_an_undone_removal_is_removed_again(on_disk, a_write):
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"), a_write("b"))))
    before = on_disk.text()
    store.write(Batch(removes=("dev",)))
    on_disk.put(before)
    assert names(store.read()) == {"b"}


def test_an_undo_is_restored_three_times_and_then_reported(on_disk, a_write):
    on_disk.put(TWO)
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),)))
    for _ in range(3):
        on_disk.put(TWO)
        assert "dev" in names(store.read())
    on_disk.put(TWO)
    with pytest.raises(CredentialsFileError) as caught:
        store.read()
    assert "has undone profile dev" in caught.value.sentence
    assert SECRET not in str(caught.value)
    assert on_disk.text() == TWO
    assert names(store.read()) == {"a", "b"}, "said once"


def test_the_next_write_puts_an_undo_back_as_well(on_disk, a_write):
    on_disk.put(TWO)
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),)))
    on_disk.put(TWO)
    assert names(store.write(Batch(sets=(a_write("other"),))).view) == {"a", "b", "dev", "other"}


def test_what_the_user_dropped_meanwhile_is_not_put_back(on_disk, a_write):
    on_disk.put(TWO)
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),)))
    on_disk.put(TWO)
    store.write(Batch(removes=("dev",)))
    assert names(store.read()) == {"a", "b"}


def test_what_another_process_of_ours_wrote_is_no_undo(on_disk, a_write):
    first, second = on_disk.store(), on_disk.store()
    first.write(Batch(sets=(a_write("default", "a", n=1),)))
    second.write(Batch(sets=(a_write("default", "b", n=2),)))
    assert [each.role for each in first.read().owned] == ["b"]
    assert "ASIAEXAMPLE000000002" in on_disk.text()


def test_an_edit_long_after_the_write_is_no_accident(on_disk, a_write, monkeypatch):
    on_disk.put(TWO)
    store = on_disk.store()
    store.write(Batch(sets=(a_write("dev"),)))
    later = time.monotonic() + 60
    monkeypatch.setattr(credentials_file.time, "monotonic", lambda: later)
    on_disk.put(TWO)
    assert names(store.read()) == {"a", "b"}


def test_the_store_as_built_by_the_app_uses_real_time(on_disk, a_write):
    store = credentials_file.CredentialsFile(on_disk.path, lock_dir=on_disk.lock_dir)
    report = store.write(Batch(sets=(a_write(expires_at=NOW),)))
    assert report.view.owned[0].expires_at == NOW
    assert store.read() == report.view
