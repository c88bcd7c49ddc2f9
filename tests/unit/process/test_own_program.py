"""Where this program is found, installed and frozen."""

import sys
from pathlib import Path

import pytest

from traycreds.process.own_program import FIND_ROLE, part, pick_in_console, program

EXE = ".exe" if sys.platform == "win32" else ""


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A folder with an interpreter, and no script anywhere else."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path / "nowhere"))
    return tmp_path


@pytest.mark.parametrize("script", ["traycreds", "traycredsw"])
def test_the_script_beside_python_is_the_program(bare, script):
    (bare / f"{script}{EXE}").touch()
    assert program(script) == (str(bare / f"{script}{EXE}"),)


def test_without_a_script_python_runs_the_package(bare):
    assert program() == (str(bare / "python"), "-m", "traycreds")


def test_on_windows_a_python_without_a_terminal_opens_no_window_at_login(bare, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert program("traycredsw") == (str(bare / "python"), "-m", "traycreds")
    for name in ("python.exe", "pythonw.exe"):
        (bare / name).touch()
    for runs in ("python.exe", "pythonw.exe"):
        monkeypatch.setattr(sys, "executable", str(bare / runs))
        assert program("traycredsw") == (str(bare / "pythonw.exe"), "-m", "traycreds")
        assert program() == (str(bare / "python.exe"), "-m", "traycreds")


def test_a_frozen_program_is_its_own_executable_and_on_windows_the_one_without_a_terminal_where_asked(
    bare, monkeypatch
):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program("traycredsw") == (str(bare / "python"),)
    monkeypatch.setattr(sys, "platform", "win32")
    (bare / "traycredsw.exe").touch()
    assert program("traycredsw") == (str(bare / "traycredsw.exe"),)
    assert program() == (str(bare / "python"),)


def test_a_program_of_an_appimage_is_the_image_which_stays_where_its_mount_goes(bare, monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setenv("APPIMAGE", "/home/alice/traycreds.AppImage")
    monkeypatch.setenv("APPDIR", str(bare))
    assert program() == ("/home/alice/traycreds.AppImage",)
    assert part(FIND_ROLE) == [str(bare / "python"), "find-role"], "it ends before the mount does"


def test_the_appimage_of_another_program_is_not_ours(bare, monkeypatch):
    monkeypatch.setenv("APPIMAGE", "/home/alice/terminal.AppImage")
    monkeypatch.setenv("APPDIR", "/tmp/.mount_terminal")
    assert program() == (str(bare / "python"), "-m", "traycreds")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program() == (str(bare / "python"),)


def test_the_program_of_this_environment_is_there():
    first = program()[0]
    assert Path(first).is_file()


def test_a_part_is_this_python_or_the_frozen_program(bare, monkeypatch):
    assert part(FIND_ROLE) == [str(bare / "python"), "-m", "traycreds", "find-role"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert part(FIND_ROLE) == [str(bare / "python"), "find-role"]


def test_a_console_is_given_the_same_configuration(bare):
    words = pick_in_console(("--config", "x.toml"))
    assert words == (str(bare / "python"), "-m", "traycreds", "--config", "x.toml", "pick", "--own-console")
