"""Starting at login: each platform's entry, written, read back and removed; the quoting checked by a shell."""

from __future__ import annotations

import os
import plistlib
import subprocess
import types
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.windows.mark import not_on_windows, windows_only
from traycreds.core.errors import TraycredsError
from traycreds.desktop import autostart, desktop_entry
from traycreds.desktop.autostart import RunKey, XdgEntry, of_this_platform
from traycreds.desktop.autostart_macos import LABEL, LaunchAgent
from traycreds.desktop.login_item import LoginItem

arguments = st.text(alphabet=st.sampled_from("ab/ -=\t\n\"'\\><~|&;$*?#()`%{}ü"), max_size=8)
commands = st.lists(arguments, min_size=1, max_size=4).filter(lambda command: command[0] != "")


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "my apps" / "traycredsw"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(params=["xdg", "launchd", "registry"])
def login_entry(request, tmp_path, registry):
    """The place of each platform."""
    if request.param == "registry":
        return RunKey()
    kind = XdgEntry if request.param == "xdg" else LaunchAgent
    return kind(tmp_path / "not there yet" / "folder")


@pytest.fixture
def registry(monkeypatch):
    """The two calls' worth of a Windows registry: keys by path, values by name."""
    keys: dict[str, dict[str, object]] = {}
    fake = types.ModuleType("winreg")
    fake.HKEY_CURRENT_USER, fake.REG_SZ, fake.KEY_SET_VALUE = "HKCU", 1, 2

    class Key:
        def __init__(self, values):
            self.values = values

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    def found(table, name):
        if name not in table:
            raise FileNotFoundError(2, "not found")
        return table[name]

    fake.CreateKey = lambda _, path: Key(keys.setdefault(path, {}))
    fake.OpenKey = lambda _, path, *__: Key(found(keys, path))
    fake.SetValueEx = lambda key, name, _, __, value: key.values.__setitem__(name, value)
    fake.QueryValueEx = lambda key, name: (found(key.values, name), 1)
    fake.DeleteValue = lambda key, name: (found(key.values, name), key.values.pop(name))
    monkeypatch.setattr(autostart, "winreg", fake, raising=False)
    monkeypatch.setattr(autostart.sys, "platform", "win32")
    yield keys
    monkeypatch.undo()


def test_on_and_off_again_and_again(login_entry, program):
    assert login_entry.read() is None
    assert not login_entry.turn_off()
    for command in ((program, "--config", "/a b/c.toml"), (program,), (program,)):
        login_entry.turn_on(command)
        entry = login_entry.read()
        assert (entry.command, entry.enabled, entry.can_start) == (command, True, True)
    assert login_entry.turn_off()
    assert login_entry.read() is None
    assert not login_entry.turn_off()


VARIABLES = {"PATH": "/opt/my apps:/usr/bin", "HTTPS_PROXY": "http://proxy:8080/a=b%20$c"}


@not_on_windows
@pytest.mark.parametrize("kind", [XdgEntry, LaunchAgent])
def test_the_variables_are_part_of_the_entry(tmp_path, program, kind):
    login_entry = kind(tmp_path)
    for variables in (VARIABLES, {}):
        login_entry.turn_on((program, "--config", "/a=b"), variables)
        entry = login_entry.read()
        assert (dict(entry.environment), entry.command) == (variables, (program, "--config", "/a=b"))
        assert entry.can_start


def test_launchd_has_a_key_for_variables(tmp_path, program):
    LaunchAgent(tmp_path).turn_on((program,), VARIABLES)
    assert plistlib.loads((tmp_path / f"{LABEL}.plist").read_bytes())["EnvironmentVariables"] == VARIABLES


@not_on_windows
def test_an_entry_of_linux_starts_its_program_with_the_variables(tmp_path, program):
    Path(program).write_text('#!/bin/sh\nprintf "%s %s" "$PATH" "$HTTPS_PROXY"\n')
    XdgEntry(tmp_path).turn_on((program,), VARIABLES)
    text = desktop_entry.read((tmp_path / "traycreds.desktop").read_text())["Exec"].replace("%%", "%")
    shown = subprocess.run(["sh", "-c", text], check=True, capture_output=True, text=True).stdout
    assert shown == " ".join(VARIABLES.values())


def test_a_program_that_is_gone_or_cannot_run_is_seen(login_entry, program):
    login_entry.turn_on((program,))
    if os.name == "posix":
        Path(program).chmod(0o644)
        assert not login_entry.read().can_start
    Path(program).unlink()
    assert not login_entry.read().can_start
    Path(program).mkdir()
    assert not login_entry.read().can_start


@not_on_windows
def test_the_entry_of_linux(tmp_path, program):
    XdgEntry(tmp_path / "autostart").turn_on((program, "run"))
    path = tmp_path / "autostart" / "traycreds.desktop"
    lines = path.read_text().splitlines()
    assert lines[0] == "[Desktop Entry]"
    assert f'Exec="{program}" run' in lines
    assert f"TryExec={program}" in lines
    assert {"Type=Application", "Name=traycreds", "Terminal=false"} <= set(lines)
    assert [each.name for each in path.parent.iterdir()] == ["traycreds.desktop"]


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_switched_off_by_the_desktop(tmp_path, program, line):
    login_entry = XdgEntry(tmp_path)
    login_entry.turn_on((program,))
    path = tmp_path / "traycreds.desktop"
    path.write_text(path.read_text().replace("X-GNOME-Autostart-enabled=true", line) + "[Other]\nHidden=false\n")
    assert not login_entry.read().enabled
    login_entry.turn_on((program,))
    assert login_entry.read().enabled


@settings(max_examples=200, deadline=None)
@given(commands)
def test_a_command_comes_back_from_its_entry(command):
    keys = desktop_entry.read(desktop_entry.entry(command, name="n", comment="c", icon="i"))
    assert desktop_entry.arguments(keys["Exec"]) == tuple(command)
    assert keys["TryExec"].strip() == command[0].strip()


@not_on_windows
def test_the_quoting_is_that_of_a_shell():
    """Behind the escapes of strings and the doubled percent signs, the specification's quotes are a shell's."""
    command = [
        "/opt/a b/x",
        'say "hi"',
        "$HOME",
        "`id`",
        "back\\slash",
        "100%",
        "",
        "it's",
        "a=b",
        "*",
        "two\nlines",
        "~",
    ]
    text = desktop_entry.read(desktop_entry.entry(command, name="n", comment="c", icon="i"))["Exec"]
    script = "printf '%s\\0' " + text.replace("%%", "%")
    seen = subprocess.run(["sh", "-c", script], check=True, capture_output=True, text=True).stdout
    assert seen.split("\0")[:-1] == command


def test_field_codes_of_others_are_no_arguments():
    assert desktop_entry.arguments("prog %U --x 50%%") == ("prog", "--x", "50%")


def test_the_agent_of_macos(tmp_path, program):
    LaunchAgent(tmp_path).turn_on((program, "--config", "/ü"))
    agent = plistlib.loads((tmp_path / f"{LABEL}.plist").read_bytes())
    assert agent["ProgramArguments"] == [program, "--config", "/ü"]
    assert (agent["Label"], agent["RunAtLoad"]) == (LABEL, True)
    assert "KeepAlive" not in agent, "Quit means quit"


@pytest.mark.parametrize(
    "data", [b"", b"junk", b"<plist><string>x</string></plist>", plistlib.dumps({"Label": "x"}), plistlib.dumps([])]
)
def test_an_agent_that_cannot_be_read_is_there_but_dead(tmp_path, data):
    (tmp_path / f"{LABEL}.plist").write_bytes(data)
    entry = LaunchAgent(tmp_path).read()
    assert (entry.command, entry.can_start) == ((), False)


def test_an_agent_that_is_switched_off(tmp_path, program):
    login_entry = LaunchAgent(tmp_path)
    login_entry.turn_on((program,))
    path = tmp_path / f"{LABEL}.plist"
    path.write_bytes(plistlib.dumps({**plistlib.loads(path.read_bytes()), "Disabled": True}))
    assert not login_entry.read().enabled


def test_the_value_of_windows(registry, program):
    RunKey().turn_on((program, "--config", "C:\\x\\"))
    run = registry[r"Software\Microsoft\Windows\CurrentVersion\Run"]
    assert run == {"traycreds": f'"{program}" --config C:\\x\\'}
    approved = registry.setdefault(r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run", {})
    for first, enabled in ((2, True), (3, False), (6, True), (7, False)):
        approved["traycreds"] = bytes([first, *([0] * 11)])
        assert RunKey().read().enabled is enabled
    RunKey().turn_on((program,))
    assert RunKey().read().enabled, "who says on means on, whatever the Task Manager says"
    run["traycreds"] = 7
    assert RunKey().read() is None


@windows_only
def test_the_registry_itself(program):
    """Of the drive that the tests run on; what stood there is put back."""
    login_entry = RunKey()
    before = login_entry.read()
    try:
        login_entry.turn_on((program, "--config", "C:\\ü x\\"))
        assert login_entry.read() == LoginItem(
            location=login_entry.read().location, command=(program, "--config", "C:\\ü x\\")
        )
        assert login_entry.read().can_start
        assert login_entry.turn_off()
        assert login_entry.read() is None
        assert not login_entry.turn_off()
    finally:
        if before is not None:
            login_entry.turn_on(before.command)


def test_each_platform_has_its_place(monkeypatch, tmp_path):
    def where(platform, environ):
        monkeypatch.setattr(autostart.sys, "platform", platform)
        login_entry = of_this_platform(environ, tmp_path)
        monkeypatch.undo()
        return type(login_entry), getattr(login_entry, "_path", None)

    assert where("linux", {}) == (XdgEntry, tmp_path / ".config" / "autostart" / "traycreds.desktop")
    given = str(tmp_path / "x")
    assert where("linux", {"XDG_CONFIG_HOME": given})[1] == tmp_path / "x" / "autostart" / "traycreds.desktop"
    assert (
        where("linux", {"XDG_CONFIG_HOME": "relative"})[1] == tmp_path / ".config" / "autostart" / "traycreds.desktop"
    )
    assert where("darwin", {}) == (LaunchAgent, tmp_path / "Library" / "LaunchAgents" / f"{LABEL}.plist")
    assert where("win32", {})[0] is RunKey


def test_a_folder_that_is_not_one_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TraycredsError, match="cannot be used"):
        XdgEntry(tmp_path / "file" / "autostart").turn_on(("x",))
    assert XdgEntry(tmp_path / "file" / "autostart").read() is None
    (tmp_path / "traycreds.desktop").mkdir()
    for refused in (XdgEntry(tmp_path).read, XdgEntry(tmp_path).turn_off):
        with pytest.raises(TraycredsError, match=r"not a regular file|is a directory|denied"):
            refused()
