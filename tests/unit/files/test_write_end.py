"""A file is at rest once nobody has touched it for a while, whichever way the clock was set since."""

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
