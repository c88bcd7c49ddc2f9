from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.windows.mark import linux_only, not_on_windows, windows_only
from traycreds.core.errors import TraycredsError
from traycreds.desktop import clipboard, clipboard_windows

SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYaa"


@pytest.fixture
def programs(tmp_path):
    """A folder of programs that note how they were called; gives a function that adds one."""
    folder = tmp_path / "programs"
    folder.mkdir()

    def add(name, body='cat > "$0.input"; echo "$@" > "$0.arguments"'):
        path = folder / name
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{body}\n")
        path.chmod(0o755)
        return path

    add.folder = folder
    return add


def env(programs, **more):
    return {"PATH": str(programs.folder), **more}


@not_on_windows
def test_wayland_is_asked_first_then_x(programs):
    for name in ("wl-copy", "xclip", "xsel"):
        programs(name)
    both = env(programs, WAYLAND_DISPLAY="wayland-0", DISPLAY=":0")
    assert clipboard.fill_command(both, "linux") == (str(programs.folder / "wl-copy"),)
    assert clipboard.fill_command(env(programs, DISPLAY=":0"), "linux")[0].endswith("xclip")
    (programs.folder / "xclip").unlink()
    assert clipboard.fill_command(env(programs, DISPLAY=":0"), "linux")[0].endswith("xsel")


@linux_only
def test_without_a_display_there_is_no_clipboard(programs):
    programs("wl-copy")
    programs("xclip")
    assert clipboard.fill_command(env(programs), "linux") is None
    with pytest.raises(TraycredsError, match="No clipboard program found"):
        clipboard.put("x", env(programs))


def test_tkinter_is_the_last_resort_and_none_of_a_packed_program(programs, monkeypatch):
    monkeypatch.setattr(clipboard.importlib.util, "find_spec", lambda name: object())
    assert clipboard.fill_command(env(programs, DISPLAY=":0"), "linux")[0] == sys.executable
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert clipboard.fill_command(env(programs, DISPLAY=":0"), "linux") is None


def test_without_tkinter_there_is_none(programs, monkeypatch):
    monkeypatch.setattr(clipboard.importlib.util, "find_spec", lambda name: None)
    assert clipboard.fill_command(env(programs, DISPLAY=":0"), "linux") is None


def test_the_other_platforms_bring_their_own():
    assert clipboard.fill_command({}, "win32") == ()
    assert clipboard.fill_command({}, "darwin") == ("/usr/bin/pbcopy",)


@pytest.mark.skipif(sys.platform != "linux", reason="xclip is Linux's")
def test_the_text_goes_through_standard_input_alone(programs):
    xclip = programs("xclip")
    clipboard.put(f"{SECRET} ü\n", env(programs, DISPLAY=":0"))
    assert (programs.folder / "xclip.input").read_text() == f"{SECRET} ü\n"
    assert (programs.folder / "xclip.arguments").read_text() == "-selection clipboard\n"
    assert xclip.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="xclip is Linux's")
@pytest.mark.parametrize("body", ["exit 1", "kill -9 $$", "exec 0<&-; exit 3"])
def test_a_failing_program_is_reported_without_the_text(programs, body):
    programs("xclip", body)
    with pytest.raises(TraycredsError) as caught:
        clipboard.put(SECRET, env(programs, DISPLAY=":0"))
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.skipif(sys.platform != "linux", reason="the owner of the selection is Linux's")
def test_a_selection_owner_that_cannot_start_is_reported(programs, monkeypatch):
    monkeypatch.setattr(clipboard, "fill_command", lambda _: (sys.executable, "-c", clipboard._SELECTION_OWNER))
    with pytest.raises(TraycredsError, match="Could not copy"):
        clipboard.put(SECRET, {**os.environ, "DISPLAY": ":does-not-exist"})


def windows_clipboard():
    """The text on Windows' clipboard, and the names of its other formats."""
    import ctypes

    user, kernel = ctypes.WinDLL("user32"), ctypes.WinDLL("kernel32")
    user.GetClipboardData.restype = kernel.GlobalLock.restype = ctypes.c_void_p
    assert user.OpenClipboard(None)
    try:
        memory = ctypes.c_void_p(user.GetClipboardData(13))
        text = ctypes.wstring_at(kernel.GlobalLock(memory)) if memory else ""
        kernel.GlobalUnlock(memory)
        names, kind = set(), 0
        while kind := user.EnumClipboardFormats(kind):
            name = ctypes.create_unicode_buffer(100)
            user.GetClipboardFormatNameW(kind, name, 100)
            names.add(name.value)
    finally:
        user.CloseClipboard()
    return text, names


@pytest.fixture
def _clipboard_as_before():
    before, _ = windows_clipboard()
    yield
    clipboard.put(before)


@windows_only
@pytest.mark.usefixtures("_clipboard_as_before")
def test_windows_keeps_the_text_to_this_clipboard():
    for text in (f"{SECRET} ü€😀\nsecond\n", "", "x" * 100_000):
        clipboard.put(text)
        there, names = windows_clipboard()
        assert there == text.replace("\n", "\r\n")
        assert names >= {"CanIncludeInClipboardHistory", "CanUploadToCloudClipboard"}
        assert "ExcludeClipboardContentFromMonitorProcessing" in names


HOLDER = """
import ctypes, sys
user = ctypes.WinDLL("user32")
window = user.CreateWindowExW(0, "STATIC", None, 0, 0, 0, 0, 0, ctypes.c_void_p(-3), None, None, None)
print(user.OpenClipboard(window), flush=True)
sys.stdin.read()
"""


@windows_only
def test_a_clipboard_that_another_program_holds_is_reported(monkeypatch):
    monkeypatch.setattr(clipboard_windows, "PATIENCE", 0.1)
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=pipe, stdout=pipe) as holder:
        assert holder.stdout.readline().strip() == b"1"
        with pytest.raises(TraycredsError, match="Could not copy") as caught:
            clipboard.put(SECRET)
        holder.communicate()
    assert SECRET not in str(caught.value)
