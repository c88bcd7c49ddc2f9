"""The dialogs where Windows' Python has no toolkit, under Wine: Windows' own for an MFA code, a console to find a role."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import ExitStack

import pytest

from tests.desktop.desktop import start_x
from tests.desktop.x11 import needs_screen
from tests.support.wait_until import until
from tests.windows import wine
from tests.windows.mark import needs_wine
from traycreds.ui.dialog_program import CANCELLED

# The import of `wine` adds the folder of `lib` to the path.
from lib.wine import Drive  # isort: skip

pytestmark = [pytest.mark.desktop, pytest.mark.wine, needs_wine, needs_screen, pytest.mark.timeout(400)]

TITLE = "MFA code - traycreds"
START_SECONDS = 150
"""For Wine and Python, on a machine that runs other tests too."""


@pytest.fixture(scope="module")
def screen(tmp_path_factory):
    """A display, and a drive whose windows come there: those of a drive come where its first program is."""
    with ExitStack() as ends:
        display = start_x(ends)
        folder = tmp_path_factory.mktemp("dialog") / "drive"
        ends.enter_context(Drive(folder, display=display))
        yield display, folder
    shutil.rmtree(folder)


@pytest.fixture
def display(screen, monkeypatch):
    display, folder = screen
    monkeypatch.setenv(wine.DRIVE_VARIABLE, str(folder))
    return display


def xdotool(display, *arguments) -> str:
    done = subprocess.run(
        ["xdotool", *arguments],
        env={**os.environ, "DISPLAY": display},
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [(("type", "123456"), 0, b"123456"), (("key", "Escape"), CANCELLED, b"")],
    ids=["a code", "no code"],
)
def test_the_typed_text_is_printed_and_a_cancel_differs(display, keys, code, message):
    dialog = subprocess.Popen(
        wine.command(["-m", "traycreds", "ask-code"]),
        env=wine.surroundings({"DISPLAY": display}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with dialog:
        try:
            dialog.stdin.write(json.dumps({"title": TITLE, "text": "Code from MFA device phone, for prod:"}).encode())
            dialog.stdin.close()
            window = until(lambda: xdotool(display, "search", "--onlyvisible", "--name", TITLE), "it", START_SECONDS)
            xdotool(display, "windowfocus", "--sync", window)
            xdotool(display, *keys)
            if keys[0] == "type":
                xdotool(display, "key", "Return")
            assert dialog.wait(20) == code
            assert dialog.stdout.read() == message
        finally:
            dialog.kill()


IN_CONSOLE = """
import sys
from traycreds.process import own_program
from traycreds.ui.picker.dialog import PickerDialog
from traycreds.ui.picker.rows import RoleRow

asks = "import sys; open(sys.argv[1], 'w').write('has a terminal' if sys.stdin.isatty() else 'has none')"
window = PickerDialog(own_program.part(own_program.FIND_ROLE), in_console=[sys.executable, "-c", asks, sys.argv[1]])
print(window.ask([RoleRow("dev")]))
"""


def test_a_console_of_its_own_asks_for_a_role(display, tmp_path):
    asked = tmp_path / "asked"
    done = wine.run(
        ["-c", IN_CONSOLE, wine.windows_path(asked)], seconds=START_SECONDS, environment={"DISPLAY": display}
    )
    assert b"None" in done.stdout, done.stdout
    until(lambda: asked.exists() and asked.read_text(), "the console's program runs", START_SECONDS)
    assert asked.read_text() == "has a terminal"
