"""A file is at rest once nobody has touched it for a while, even if the clock was set since."""

from __future__ import annotations

import os
import time

import pytest

from traycreds.files import contents, write_end


@pytest.mark.parametrize(
    ("age", "at_rest"), [(0.0, False), (0.5, False), (0.7, True), (3600.0, True), (-0.5, False), (-3600.0, True)]
)
def test_rest_is_a_while_without_a_change(tmp_path, monkeypatch, age, at_rest):
    path = tmp_path / "config"
    path.write_text("")
    now = time.time()
    os.utime(path, ns=(0, round((now - age) * 1e9)))
    monkeypatch.setattr(write_end.time, "time", lambda: now)

    assert write_end.is_at_rest(contents.read(path)) is at_rest


def test_what_does_not_exist_is_at_rest(tmp_path):
    assert write_end.is_at_rest(contents.read(tmp_path / "none"))


def reading(text, *, is_open=False, inode=1):
    return contents.Reading(text.encode(), contents.Stamp(1, inode, len(text), 0), is_open)


def watched(*readings):
    left, naps = list(readings), []
    return write_end.Watch(lambda: left.pop(0), naps.append), naps


def test_a_file_is_read_again_until_the_rule_of_its_reader_takes_it_for_whole():
    watch, naps = watched(reading("a"), reading("ab"), reading("abc"))
    assert watch.wait(lambda seen: None if seen.reading.data == b"abc" else 0.5).data == b"abc"
    assert (naps, watch.waited, watch.changed_at) == ([0.5, 0.5], 1.0, 1.0)


def test_what_is_whole_at_once_is_not_waited_for():
    watch, naps = watched(reading("a"))
    assert watch.wait(lambda _: None) == reading("a")
    assert naps == []


def test_a_rule_may_refuse_to_wait():
    watch, naps = watched(reading("a"))
    with pytest.raises(TimeoutError):
        watch.wait(lambda _: (_ for _ in ()).throw(TimeoutError))
    assert naps == []


def test_how_long_a_file_stays_the_same_is_counted_anew_at_each_change():
    watch, _ = watched(reading("a"), reading("a"), reading("bb"), reading("bb"))
    seen = []
    for _ in range(3):
        watch.again(0.25)
        seen.append((watch.same_for, watch.changed_at))
    assert seen == [(0.25, 0.0), (0.0, 0.5), (0.25, 0.5)]


@pytest.mark.parametrize(("is_open", "inode", "replaced"), [(False, 2, True), (True, 2, False), (False, 1, False)])
def test_another_file_that_nobody_has_open_has_replaced_the_one_before(is_open, inode, replaced):
    watch, _ = watched(reading("a"), reading("b", is_open=is_open, inode=inode))
    watch.again(1)
    assert watch.replaced is replaced
