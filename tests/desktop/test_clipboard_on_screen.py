"""The clipboard of a real display: what is put there can be pasted, by every way that X11 has."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys

import pytest

from tests.desktop.desktop import start_x
from tests.support.process_list import command_lines
from tests.support.wait_until import until
from traycreds.desktop import clipboard

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
    """The text that is pasted; none where the owner of the selection changes meanwhile, which leaves a request unanswered."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return subprocess.run(
            ["xclip", "-o", "-selection", "clipboard"],
            env={**os.environ, "DISPLAY": display},
            capture_output=True,
            text=True,
            timeout=3,
            check=False,
        ).stdout
    return ""


@pytest.mark.parametrize("way", ["xclip", "xsel", "owner"])
def test_what_is_copied_can_be_pasted(display, monkeypatch, way):
    commands = {
        "xclip": (shutil.which("xclip"), "-selection", "clipboard"),
        "xsel": (shutil.which("xsel"), "--clipboard", "--input"),
        "owner": (sys.executable, "-c", clipboard._SELECTION_OWNER),
    }
    monkeypatch.setattr(clipboard, "fill_command", lambda _: commands[way])
    environ = {**os.environ, "DISPLAY": display}
    clipboard.put("before", environ)
    clipboard.put(TEXT, environ)
    # Wait for xsel, which takes the selection only after it has forked.
    until(lambda: paste(display) == TEXT, "the text can be pasted")


def test_the_owner_of_the_selection_ends_when_another_program_fills_the_clipboard(display, monkeypatch):
    environ = {**os.environ, "DISPLAY": display}
    monkeypatch.setattr(clipboard, "fill_command", lambda _: (sys.executable, "-c", clipboard._SELECTION_OWNER))
    clipboard.put(TEXT, environ)
    [owner] = _owners(display)
    assert TEXT.strip() not in owner, "no secret on a command line"
    subprocess.run(
        ["xclip", "-selection", "clipboard"],
        input=b"other",
        env=environ,
        check=True,
        timeout=10,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: not _owners(display), "the owner ends")


def _owners(display) -> list[str]:
    """The command lines of what keeps the clipboard of a display."""
    return [line for line in command_lines(f"DISPLAY={display}").values() if "clipboard_append" in line]
