"""When a read is believed, and what happens to a write that somebody undoes."""

from __future__ import annotations

import os
import time

import pytest

from tests.builders import NOW, SECRET
from traycreds.adapters import credfile, files
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch

TWO = "[a]\nk = v\n[b]\nk = v\n"


def names(view):
    return {each.profile for each in view.owned} | set(view.foreign)


def test_a_whole_file_is_believed_at_once(place):
    place.put(TWO)
    assert names(place.store().read()) == {"a", "b"}
    assert place.naps == []


@pytest.mark.parametrize(
    "torn", ["", "[a]\nk = v\n", "[a]\nk = v\n[b]\nk"], ids=["truncated", "short", "cut in a line"]
)
def test_a_file_that_is_being_written_is_waited_for(place, a_write, torn):
    store = place.store()
    place.put(TWO)
    store.read()
    place.put(torn)
    place.during_naps = [lambda: None, lambda: place.put(TWO + "[c]\nk = v\n")]
    store.write(Batch(sets=(a_write("dev"),)))
    assert place.text().startswith(TWO + "[c]\nk = v\n\n[dev]\n")
    assert len(place.naps) == 2


def test_a_profile_that_stays_away_for_600_ms_is_believed_gone(place):
    store = place.store()
    place.put(TWO)
    store.read()
    place.put("[a]\nk = v\n")
    assert names(store.read()) == {"a"}
    assert sum(place.naps) == pytest.approx(0.6)
    store.read()
    assert sum(place.naps) == pytest.approx(0.6), "known from now on"


def test_a_file_touched_a_moment_ago_and_never_seen_before_is_watched_first(place, a_write):
    """Another program may have truncated it and be about to write the rest."""
    place.put("")
    os.utime(place.path)
    place.during_naps = [lambda: None, lambda: (place.put(TWO), os.utime(place.path))]
    place.store().write(Batch(sets=(a_write("dev"),)))
    assert place.text().startswith(TWO)


def test_what_never_parses_is_refused_with_line_and_cause(place, a_write):
    place.put("[a]\nk = v\n[a]\n")
    store = place.store()
    for call in (store.read, lambda: store.write(Batch(sets=(a_write(),)))):
        with pytest.raises(CredentialsFileError) as caught:
            call()
        assert caught.value.sentence == (
            f"{place.path} cannot be read by AWS tools: the profile [a] appears a second time (line 3)."
        )
    assert place.text() == "[a]\nk = v\n[a]\n"
    assert not store.changed(), "one look is enough until it changes"


def test_bytes_that_are_no_text_are_refused_with_their_line(place):
    place.put(b"[a]\r\nk = v\r\n# Andr\x81\n")
    with pytest.raises(CredentialsFileError, match=r"a byte that is not .* \(line 3\)"):
        place.store().read()


def test_a_file_that_never_rests_is_given_up(place, a_write):
    store = place.store()
    place.put(TWO)
    store.read()
    place.put("[a]\n")
    place.during_naps = [lambda n=n: place.put(f"[a]\nk = {n}\n") for n in range(300)]
    with pytest.raises(CredentialsFileError, match="never comes to rest"):
        store.write(Batch(sets=(a_write(),)))
    assert "dev" not in place.text()


def test_a_write_starts_again_when_somebody_else_was_faster(place, a_write, monkeypatch):
    place.put(TWO)
    real, rivals = files.replace, iter(["[c]\nk = v\n", "[d]\nk = v\n"])

    def overtaken(path, data, *, expected):
        if rival := next(rivals, None):
            place.put(place.text() + rival)
        return real(path, data, expected=expected)

    monkeypatch.setattr(files, "replace", overtaken)
    report = place.store().write(Batch(sets=(a_write(),)))
    assert names(report.view) == {"a", "b", "c", "d", "dev"}
    assert place.siblings() == ["credentials"]


def test_a_write_that_is_always_overtaken_is_given_up(place, a_write, monkeypatch):
    place.put(TWO)

    def overtaken(path, data, *, expected):
        raise files.ChangedMeanwhileError

    monkeypatch.setattr(files, "replace", overtaken)
    monkeypatch.setattr(credfile, "_RACE_LIMIT", 0.05)
    with pytest.raises(CredentialsFileError, match="all the time"):
        place.store().write(Batch(sets=(a_write(),)))


def test_a_foreign_undo_is_put_back_by_the_second_look(place, a_write):
    place.put(TWO)
    store = place.store()
    store.write(Batch(sets=(a_write("dev"),), copy_default_from="dev"))
    ours = place.text()
    place.put(TWO.replace("k = v\n[b]", "k = w\n[b]"))  # it read before us, and wrote its own change after us
    assert store.changed()
    assert names(store.read()) == {"a", "b", "dev", "default"}
    assert place.text() == ours.replace("k = v\n[b]", "k = w\n[b]")
    assert not store.changed()


def test_an_undone_removal_is_removed_again(place, a_write):
    store = place.store()
    store.write(Batch(sets=(a_write("dev"), a_write("b"))))
    before = place.text()
    store.write(Batch(removes=("dev",)))
    place.put(before)
    assert names(store.read()) == {"b"}


def test_an_undo_is_put_back_three_times_and_then_said(place, a_write):
    place.put(TWO)
    store = place.store()
    store.write(Batch(sets=(a_write("dev"),)))
    for _ in range(3):
        place.put(TWO)
        assert "dev" in names(store.read())
    place.put(TWO)
    with pytest.raises(CredentialsFileError) as caught:
        store.read()
    assert "has undone profile dev" in caught.value.sentence
    assert SECRET not in str(caught.value)
    assert place.text() == TWO
    assert names(store.read()) == {"a", "b"}, "said once"


def test_the_next_write_puts_an_undo_back_as_well(place, a_write):
    place.put(TWO)
    store = place.store()
    store.write(Batch(sets=(a_write("dev"),)))
    place.put(TWO)
    assert names(store.write(Batch(sets=(a_write("other"),))).view) == {"a", "b", "dev", "other"}


def test_what_the_user_dropped_meanwhile_is_not_put_back(place, a_write):
    place.put(TWO)
    store = place.store()
    store.write(Batch(sets=(a_write("dev"),)))
    place.put(TWO)
    store.write(Batch(removes=("dev",)))
    assert names(store.read()) == {"a", "b"}


def test_what_another_process_of_ours_wrote_is_no_undo(place, a_write):
    first, second = place.store(), place.store()
    first.write(Batch(sets=(a_write("default", "a", n=1),)))
    second.write(Batch(sets=(a_write("default", "b", n=2),)))
    assert [each.role for each in first.read().owned] == ["b"]
    assert "ASIAEXAMPLE000000002" in place.text()


def test_an_edit_long_after_the_write_is_no_accident(place, a_write, monkeypatch):
    place.put(TWO)
    store = place.store()
    store.write(Batch(sets=(a_write("dev"),)))
    later = time.monotonic() + 60
    monkeypatch.setattr(credfile.time, "monotonic", lambda: later)
    place.put(TWO)
    assert names(store.read()) == {"a", "b"}


def test_the_store_as_built_by_the_app_uses_real_time(place, a_write):
    store = credfile.CredentialsFile(place.path, lock_dir=place.lock_dir)
    report = store.write(Batch(sets=(a_write(expires_at=NOW),)))
    assert report.view.owned[0].expires_at == NOW
    assert store.read() == report.view
