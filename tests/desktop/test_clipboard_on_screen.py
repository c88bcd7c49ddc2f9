"""The clipboard of a real display: what is put there can be pasted, by every way that X11 has."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desktop.screen import start_x
from tests.waiting import until
from traycreds.adapters import clipboard

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(
        not all(map(shutil.which, ("Xvfb", "xclip", "xsel"))), reason="needs: sudo apt-get install -y xvfb xclip xsel"
    ),
]
TEXT = "export AWS_SECRET_ACCESS_KEY='wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEYaa'\nü\n"


@pytest.fixture
def display():
    with contextlib.ExitStack() as processes:
        yield start_x(processes)


def paste(display) -> str:
    return subprocess.run(
        ["xclip", "-o", "-selection", "clipboard"],
        env={**os.environ, "DISPLAY": display},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    ).stdout


@pytest.mark.parametrize("way", ["xclip", "xsel", "keeper"])
def test_what_is_copied_can_be_pasted(display, monkeypatch, way):
    commands = {
        "xclip": (shutil.which("xclip"), "-selection", "clipboard"),
        "xsel": (shutil.which("xsel"), "--clipboard", "--input"),
        "keeper": (sys.executable, "-c", clipboard._KEEPER),
    }
    monkeypatch.setattr(clipboard, "way", lambda _: commands[way])
    environ = {**os.environ, "DISPLAY": display}
    clipboard.put("before", environ)
    clipboard.put(TEXT, environ)
    until(lambda: paste(display) == TEXT, "the text can be pasted")  # xsel takes the selection after it has forked


def test_the_keeper_ends_when_another_program_fills_the_clipboard(display, monkeypatch):
    environ = {**os.environ, "DISPLAY": display}
    monkeypatch.setattr(clipboard, "way", lambda _: (sys.executable, "-c", clipboard._KEEPER))
    clipboard.put(TEXT, environ)
    [keeper] = _keepers(display)
    assert TEXT.encode() not in keeper.read_bytes(), "no secret on a command line"
    subprocess.run(
        ["xclip", "-selection", "clipboard"],
        input=b"other",
        env=environ,
        check=True,
        timeout=10,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: not _keepers(display), "the keeper ends")


def _keepers(display) -> list[Path]:
    """The command lines of what keeps the clipboard of a display."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            here = f"DISPLAY={display}\0".encode() in (place / "environ").read_bytes() + b"\0"
            if here and b"clipboard_append" in (place / "cmdline").read_bytes():
                found.append(place / "cmdline")
    return found
