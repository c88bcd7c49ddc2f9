"""The Windows app, built here and tried by Windows' Python: Wine runs both, and each run's output is the failure."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

import pytest
from lib.wine import Drive
from PIL import Image

from tests.desktop.desktop import start_x
from tests.desktop.test_tray_on_panel import GREEN
from tests.desktop.x11 import needs_screen
from tests.packaging.conftest import script
from tests.support.wait_until import until
from tests.windows import wine
from tests.windows.mark import needs_wine

pytestmark = [pytest.mark.slow, pytest.mark.wine, needs_wine, pytest.mark.timeout(1200)]

SECONDS = 900
"""Far more than all of them take."""
OPTIONS = ("-q", "-p", "no:cacheprovider", "--no-header", "-r", "fE", "-m", "slow")


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    """The folder of the build: TRAYCREDS_WINDOWS_DIST where that variable is set, else made now."""
    given = os.environ.get("TRAYCREDS_WINDOWS_DIST")
    if given:
        return Path(given)
    folder = tmp_path_factory.mktemp("windows")
    script("build_windows.py", "--wine", wine.USUAL.program, "--out", folder)
    return folder


@pytest.mark.parametrize("file", ["test_windows_app.py", "test_app_commands.py"])
def test_it_does_all_that_is_asked_of_it_on_windows(out, file):
    environment = {"TRAYCREDS_DIST": wine.windows_path(out)}
    done = wine.run(["-m", "pytest", *OPTIONS, f"tests/packaging/{file}"], seconds=SECONDS, environment=environment)
    reported = done.stdout.decode(errors="replace").replace("\r\n", "\n")
    assert done.returncode == 0, reported[-20_000:]
    assert " passed" in reported


def pixels(display, colour, file):
    """How many pixels of a screen have about a colour."""
    subprocess.run(["import", "-display", display, "-window", "root", file], check=True, timeout=20)
    wanted = bytes.fromhex(colour[1:])
    with Image.open(file) as picture:
        data = picture.convert("RGB").tobytes()
    return sum(all(abs(data[at + band] - wanted[band]) <= 12 for band in range(3)) for at in range(0, len(data), 3))


@needs_screen
def test_the_app_of_the_desktop_shows_its_icon(out, tmp_path, monkeypatch):
    """On a new C: drive, without traycreds on it: the demo, so slow that nothing goes wrong yet."""
    with contextlib.ExitStack() as ends:
        display = start_x(ends)
        monkeypatch.setenv("DISPLAY", display)
        drive = ends.enter_context(Drive(tmp_path / "drive"))
        quiet = subprocess.DEVNULL
        program = ["wine", out / "traycreds" / "traycredsw.exe", "demo", "--speed", "1"]
        running = subprocess.Popen(program, env=drive.environ, stdin=quiet, stdout=quiet, stderr=quiet)
        ends.callback(running.wait)
        ends.callback(running.kill)
        green = until(lambda: pixels(display, GREEN, tmp_path / "screen.png"), "a green icon", timeout=60)
        assert 60 < green < 400, "about the area of a shield of 16 or 22 pixels"
        assert running.poll() is None
