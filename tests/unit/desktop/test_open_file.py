"""The user's own program opens one of our files; Notepad where Windows knows none, as it does for .toml."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.windows.mark import windows_only
from traycreds.desktop import open_file


@pytest.fixture
def shell(monkeypatch):
    """Windows' shell, which knows programs for some kinds of files."""
    asked = []

    def startfile(path, *more):
        asked.append((Path(path).name, *more))
        if Path(path).suffix not in {".log", ".exe"}:
            raise OSError(22, "No application is associated", str(path), 1155)

    monkeypatch.setattr(os, "startfile", startfile)
    return asked


@windows_only
def test_what_windows_has_no_program_for_is_opened_by_notepad(shell, tmp_path):
    path = tmp_path / "my config.toml"
    path.write_text("")
    assert open_file.open_file(path) is None
    assert shell == [("my config.toml",), ("notepad.exe", "open", f'"{path}"')]
    assert Path(os.environ["SYSTEMROOT"], "System32", "notepad.exe").exists()


@windows_only
def test_what_windows_has_a_program_for_is_opened_by_it(shell, tmp_path):
    path = tmp_path / "traycreds.log"
    path.write_text("")
    assert open_file.open_file(path) is None
    assert shell == [("traycreds.log",)]
