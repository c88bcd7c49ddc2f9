"""`autostart` as a user types it, on Linux: the entry that a desktop would find, and a program behind it that runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from traycreds.desktop import desktop_entry

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="see test_autostart_on_windows; macOS has unit tests")


def entry(sandbox):
    return sandbox.home / ".config" / "autostart" / "traycreds.desktop"


def test_a_proxy_with_a_password_is_named_and_not_written(sandbox):
    done = sandbox.command("autostart", "on", HTTPS_PROXY="http://jane:hunter2@proxy", NO_PROXY="localhost")
    assert done.stdout.endswith("Left out because they contain a user name or password: HTTPS_PROXY.\n")
    assert "hunter2" not in done.stdout + entry(sandbox).read_text(encoding="utf-8")
    assert "NO_PROXY=localhost" in entry(sandbox).read_text(encoding="utf-8")


def test_on_status_off(sandbox):
    assert sandbox.command("autostart", "status").stdout == "off\n"
    for _ in range(2):
        done = sandbox.command("autostart", "on")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("traycreds starts when you log in: /")
        assert done.stdout.splitlines()[1:] == [
            f"The entry is {entry(sandbox)}",
            "It keeps these environment variables: PATH, AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE.",
        ]
    done = sandbox.command("autostart", "status")
    assert (done.returncode, done.stdout.startswith("on: /")) == (0, True)
    assert sandbox.command("autostart", "off").stdout == "traycreds no longer starts when you log in.\n"
    assert not entry(sandbox).exists()
    assert sandbox.command("autostart", "off").returncode == 0
    assert sandbox.command("autostart", "status").stdout == "off\n"


def test_what_is_started_is_this_program_with_its_configuration(sandbox):
    config = sandbox.home / 'my "own" $configuration.toml'
    sandbox.command("--config", str(config), "autostart", "on")
    command = desktop_entry.arguments(desktop_entry.read(entry(sandbox).read_text())["Exec"])
    assert command[-2:] == ("--config", str(config))
    assert Path(command[0]).is_absolute()
    version = subprocess.run([*command[:-2], "--version"], check=True, capture_output=True, text=True)
    assert version.stdout.startswith("traycreds ")


def test_status_shows_a_program_that_is_gone(sandbox):
    sandbox.command("autostart", "on")
    path = entry(sandbox)
    path.write_text(path.read_text().replace("Exec=/", "Exec=/gone/"))
    done = sandbox.command("autostart", "status")
    assert done.returncode == 2
    assert "/gone/" in done.stderr
    assert "Run `traycreds autostart on` again." in done.stderr
    assert sandbox.command("autostart", "on").returncode == 0
    assert sandbox.command("autostart", "status").returncode == 0


def test_status_shows_that_the_desktop_passes_it_over(sandbox):
    sandbox.command("autostart", "on")
    with entry(sandbox).open("a") as file:
        file.write("Hidden=true\n")
    done = sandbox.command("autostart", "status")
    assert (done.returncode, done.stdout.startswith("off: turned off in the desktop settings")) == (0, True)


def test_a_folder_that_cannot_be_written_to(sandbox):
    (sandbox.home / ".config").write_text("no folder")
    done = sandbox.command("autostart", "on")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "cannot be used" in done.stderr


@pytest.mark.parametrize("arguments", [(), ("maybe",)])
def test_anything_else_is_usage(sandbox, arguments):
    assert sandbox.command("autostart", *arguments).returncode == 2
