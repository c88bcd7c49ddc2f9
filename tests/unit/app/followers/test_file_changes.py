"""Changes of files as Linux tells them; a wait without one ends by `wake` at the latest."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from traycreds.app.followers import file_changes
from traycreds.app.followers.file_changes import FileChanges, of_this_system

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
LONG = 20.0
"""Seconds that no wait of a test takes."""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(file_changes, "BURST", 0)


@pytest.fixture
def changes(tmp_path):
    files = [tmp_path / "aws" / "credentials", tmp_path / "aws" / "sso" / "cache" / "token.json"]
    (tmp_path / "aws").mkdir()
    found = FileChanges(lambda: files)
    found.files = files
    yield found
    found.close()


def ends_by(changes, change):
    """Whether a wait ends because of a change; it begins before that, or after it."""
    changes.wait(0)
    change()
    begun = time.monotonic()
    changes.wait(LONG)
    return time.monotonic() - begun < LONG / 2


def is_silent(changes):
    begun = time.monotonic()
    threading.Timer(0.1, changes.wake).start()
    changes.wait(LONG)
    return 0.09 < time.monotonic() - begun < LONG / 2


def test_each_way_to_change_a_file_is_reported(changes, tmp_path):
    file = changes.files[0]
    changes.follow()
    assert ends_by(changes, lambda: file.write_text("a"))
    assert ends_by(changes, lambda: file.write_text("b"))
    (file.parent / "new").write_text("c")
    assert ends_by(changes, lambda: (file.parent / "new").replace(file))
    assert ends_by(changes, file.touch)
    assert ends_by(changes, file.unlink)
    changes.wait(0)
    (tmp_path / "elsewhere").write_text("d")
    assert is_silent(changes)


def test_a_file_behind_a_link_is_watched_where_it_is(changes, tmp_path):
    behind = tmp_path / "dotfiles" / "credentials"
    behind.parent.mkdir()
    behind.write_text("a")
    changes.files[0].symlink_to(behind)
    changes.follow()
    assert ends_by(changes, lambda: behind.write_text("b"))


def test_a_folder_that_is_not_there_yet_is_found_when_it_comes(changes):
    assert changes.follow(), "nothing was watched before"
    assert not changes.follow()
    cache = changes.files[1].parent
    assert ends_by(changes, lambda: cache.mkdir(parents=True))
    assert changes.follow(), "what came meanwhile was not told"
    assert not changes.follow()
    assert ends_by(changes, lambda: (cache / "token.json").write_text("{}"))


def test_what_does_not_matter_any_more_is_watched_no_longer(changes, tmp_path):
    changes.follow()
    (tmp_path / "other").mkdir()
    changes.files[:] = [tmp_path / "other" / "config.toml"]
    assert changes.follow()
    changes.wait(0)
    (tmp_path / "aws" / "credentials").write_text("a")
    assert is_silent(changes)


def test_a_folder_that_is_replaced_by_another_is_reported(changes, tmp_path):
    """As programs for dotfiles do it."""
    changes.follow()
    assert ends_by(changes, lambda: (tmp_path / "aws").rename(tmp_path / "aws.old"))
    (tmp_path / "aws").mkdir()
    assert changes.follow()
    assert ends_by(changes, lambda: changes.files[0].write_text("a"))


def test_incomplete_watches_are_known(changes, monkeypatch):
    assert not changes.complete, "nothing is followed"
    monkeypatch.setattr(file_changes, "LOCAL", _Any())
    changes.follow()
    assert changes.complete
    # The limit of watches is reached.
    monkeypatch.setattr(changes, "add_watch", lambda *_: -1)
    changes.follow()
    assert not changes.complete


class _Any:
    def __contains__(self, _):
        return True


def test_a_file_system_that_others_may_change_is_known():
    of_kernel = FileChanges(lambda: [Path("/proc/self/status")])
    of_kernel.follow()
    assert not of_kernel.complete
    of_kernel.close()


def test_a_system_that_reports_no_changes_gives_no_file_changes(monkeypatch):
    def no_handle(_):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(file_changes, "FileChanges", no_handle)
    assert of_this_system(lambda: ()) is None
    monkeypatch.undo()
    monkeypatch.setattr(file_changes.sys, "platform", "darwin")
    assert of_this_system(lambda: ()) is None
