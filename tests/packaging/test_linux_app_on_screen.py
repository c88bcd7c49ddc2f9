"""The frozen app on a desktop: its icon in a panel, its dialog in a window, its secrets in a keyring."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys

import pytest

from tests.desktop.desktop import start_x
from tests.desktop.session_bus import MenuClient, Notifications, PrivateBus, Watcher, needs_bus
from tests.desktop.test_tray_on_panel import GREEN, MENU_HEIGHT, changed_height
from tests.desktop.x11 import Screen, needs_screen
from tests.support.sandbox_mfa import Mfa
from tests.support.wait_until import PATIENCE, until
from traycreds.aws.mfa import dialog

pytestmark = [
    pytest.mark.slow,
    # The first of these tests builds the app.
    pytest.mark.timeout(900),
    pytest.mark.desktop,
    pytest.mark.skipif(sys.platform != "linux", reason="builds for Linux"),
]


@contextlib.contextmanager
def running(packed, *arguments, **environ):
    process = packed.start(*arguments, **environ)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@needs_screen
@pytest.mark.parametrize("command", [("run",), ("demo",)])
def test_a_panel_shows_its_icon_and_its_menu(packed, tmp_path, command):
    packed.add_role("dev", extra="keep = true")
    (tmp_path / "screen").mkdir()
    with Screen(tmp_path / "screen") as screen:
        environ = {"DBUS_SESSION_BUS_ADDRESS": screen.bus.address, "DISPLAY": screen.display}
        with running(packed, *command, **environ) as process:
            green = until(lambda: screen.find_colour(GREEN), "a green icon in the panel")
            assert 60 < len(green) < 400, "about the area of a shield of 22 pixels"
            closed = screen.picture()
            screen.click(*green[len(green) // 2])
            until(lambda: changed_height(closed, screen.picture()) > MENU_HEIGHT, "a menu hangs below the panel")
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) in {0, -signal.SIGTERM, 128 + signal.SIGTERM}


@pytest.fixture
def desktop(packed):
    """What the app sees of a desktop with a screen and an unlocked keyring; and its bus."""
    with contextlib.ExitStack() as processes:
        bus = processes.enter_context(PrivateBus())
        environ = {"DISPLAY": start_x(processes), "DBUS_SESSION_BUS_ADDRESS": bus.address}
        keyring = subprocess.Popen(
            ["gnome-keyring-daemon", "--unlock", "--foreground", "--components=secrets"],
            env=packed.environment(XDG_DATA_HOME=str(packed.home / "data"), **environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        processes.callback(keyring.wait, 5)
        processes.callback(keyring.terminate)
        keyring.stdin.write(b"a password")
        keyring.stdin.close()
        yield bus, environ


needs_keyring = pytest.mark.skipif(
    shutil.which("gnome-keyring-daemon") is None, reason="needs a keyring: sudo apt-get install -y gnome-keyring"
)


@needs_bus
@needs_screen
@needs_keyring
def test_its_dialog_takes_a_code_and_the_keyring_keeps_the_session(packed, desktop):
    """Click, dialog, code, session; then another process needs no code, since the session is in the keyring."""
    bus, environ = desktop
    mfa = Mfa(packed)
    mfa.add_role("prod")
    no_zenity = {"PATH": "/nowhere"}
    with Notifications(bus), Watcher(bus) as watcher, running(packed, "run", **no_zenity, **environ) as process:
        with contextlib.closing(MenuClient(bus, watcher.item())) as menu:
            menu.wait_for("prod")
            menu.click("prod")
            answer(environ, mfa.code())
            packed.wait_for_profile("prod-session")
            menu.click("Quit")
        assert process.wait(PATIENCE) == 0
    assert "needs a code from MFA device" in packed.command("once", "prod").stderr, (
        "without the bus there is no keyring"
    )
    done = packed.command("once", "prod", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert mfa.actions() == ["GetSessionToken", "AssumeRole", "AssumeRole"]


def answer(environ, code):
    """Type a code into the dialog's window."""

    def xdotool(*words):
        return subprocess.run(
            ["xdotool", *words], env={**os.environ, **environ}, check=False, capture_output=True, text=True
        ).stdout.split()

    window = until(lambda: xdotool("search", "--onlyvisible", "--name", dialog.TITLE), "the dialog", timeout=20)[0]
    xdotool("windowfocus", "--sync", window)
    xdotool("type", "--delay", "30", code)
    xdotool("key", "Return")


@needs_bus
@needs_keyring
def test_static_keys_move_into_the_keyring_and_are_used_from_there(packed, desktop):
    """Its own program is the credential_process that AWS tools then run."""
    _, environ = desktop
    packed.add_role("dev")
    before = packed.credentials_file.read_bytes()
    done = until(
        lambda: (tried := packed.command("import", "keyring", "base", **environ)).returncode == 0 and tried,
        "the keyring is up",
    )
    assert "are in the keyring now" in done.stdout
    (process,) = packed.profiles()["base"].values()
    assert process == f"{packed.program[0]} keys base"
    assert packed.owner.secret_access_key not in packed.credentials_file.read_text()
    done = packed.command("once", "dev", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert packed.profiles()["dev-session"]["traycreds_role"] == "dev"
    assert packed.command("import", "keyring", "--undo", "base", **environ).returncode == 0
    assert packed.credentials_file.read_bytes().startswith(before)
