"""The user's own program opens one of our files, for as long as it likes; Notepad where Windows knows none."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.support.process_list import runs
from tests.support.wait_until import until, written
from tests.windows.mark import linux_only, windows_only
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


@pytest.fixture
def xdg_open(monkeypatch, tmp_path):
    """A program that runs as the test has it, and writes its process id first."""
    folder, pid = tmp_path / "bin", tmp_path / "pid"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def make(script: str) -> Path:
        program = folder / "xdg-open"
        program.write_text(f"#!/bin/sh\necho $$ > {pid}~ && mv {pid}~ {pid}\n{script}\n")
        program.chmod(0o755)
        return pid

    return make


@linux_only
def test_an_editor_that_stays_open_is_left_alone(xdg_open, tmp_path, monkeypatch):
    """As xdg-open does where it finds no desktop environment: it ends with the editor."""
    pid = xdg_open("exec sleep 77777")
    monkeypatch.setattr(open_file, "SECONDS", 0.2)
    opened = open_file.open_file(tmp_path)
    editor = int(written(pid))
    runs_on = runs(editor)
    os.kill(editor, signal.SIGKILL)
    assert opened is None
    assert runs_on
    until(lambda: not Path(f"/proc/{editor}").exists(), "it is no zombie")


@linux_only
def test_a_program_that_fails_has_opened_nothing(xdg_open, tmp_path):
    xdg_open("exit 3")
    assert "No program could open" in open_file.open_file(tmp_path).sentence
