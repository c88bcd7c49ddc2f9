"""The window that finds a role, on a real screen: from the menu and from a key binding, with real keys."""

from __future__ import annotations

import contextlib
import functools
import shutil
import subprocess
import sys

import pytest

from tests.desktop.desktop import start_x
from tests.desktop.session_bus import Notifications, needs_bus
from tests.desktop.x11 import needs_screen
from tests.support.machine_speed import slowness
from tests.support.process_list import command_lines
from tests.support.wait_until import until
from traycreds.ui.dialog_program import CANNOT_SHOW
from traycreds.ui.picker import rows
from traycreds.ui.picker.dialog import TITLE
from traycreds.ui.picker.rows import Picked, PickerAction, RoleRow

pytestmark = [pytest.mark.desktop, needs_bus, needs_screen]

pytest.importorskip("tkinter", reason="needs tkinter: sudo apt-get install -y python3-tk")

TEN = tuple(f"role-{number}" for number in range(9))
FASTEST_FINGER = 50
"""Milliseconds between two keys of someone who types very fast; the list must be there before the next."""


class Keys:
    """Someone at a screen who waits for the window and types."""

    def __init__(self, display, title=TITLE):
        self.display = display
        self.title = title

    def xdotool(self, *words):
        done = subprocess.run(
            ["xdotool", *words],
            env={"DISPLAY": self.display},
            executable=shutil.which("xdotool"),
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
        return done.stdout.split()

    def windows(self):
        return self.xdotool("search", "--onlyvisible", "--name", self.title)

    def focus(self):
        """Wait for the window, and give it the keys."""
        window = until(self.windows, "the window appears", timeout=30)[0]
        self.xdotool("windowfocus", "--sync", window)
        return window

    def type(self, text, *keys):
        """Type into the window once it is there, and press keys until it is gone."""
        window = self.focus()
        self.xdotool("type", "--delay", "40", text)
        self.xdotool("key", *keys)
        until(lambda: window not in self.windows(), "the window is gone")


@pytest.fixture
def screen():
    with contextlib.ExitStack() as processes:
        yield Keys(start_x(processes))


@pytest.fixture
def begin(sandbox, bus, watcher, screen):
    """Start the app on the screen; it is ended with the test."""
    with sandbox.apps() as start_app:
        yield functools.partial(start_app, "run", DBUS_SESSION_BUS_ADDRESS=bus.address, DISPLAY=screen.display)


@pytest.fixture
def ten(sandbox):
    for name in TEN:
        sandbox.add_role(name)
    sandbox.add_role("prod-ReadOnly")
    return sandbox


def processes(sandbox):
    """Those of the window in a home; an X server gives the next window the number of the one before."""
    return [pid for pid, line in command_lines(f"HOME={sandbox.home}").items() if line.endswith("find-role")]


def test_the_menu_opens_it_and_enter_makes_the_role_the_default(ten, bus, host, begin, screen):
    with Notifications(bus):
        begin()
        host().click("Find role")
        screen.type("prdread", "Return")
        assert ten.wait_for_profile("default")["traycreds_role"] == "prod-ReadOnly"


def test_a_key_keeps_the_role_and_the_window_can_be_opened_again(ten, bus, host, begin, screen):
    with Notifications(bus):
        begin()
        menu = host()
        menu.click("Find role")
        screen.type("role-7", "Escape")
        assert "role-7-session" not in ten.profiles()
        menu.click("Find role")
        until(screen.windows, "the window appears")
        (first,) = processes(ten)
        menu.click("Find role")
        until(lambda: first not in processes(ten), "the first, which may lie behind others, ends")
        until(screen.windows, "a new one takes its place")
        assert len(processes(ten)) == 1
        screen.type("role-7", "ctrl+k")
        ten.wait_for_profile("role-7-session")
        assert "default" not in ten.profiles()


def test_a_key_binding_opens_it(ten, bus, host, begin, screen):
    with Notifications(bus):
        begin()
        host()
        until(ten.listens, "it takes commands")
        command = [*ten.program, "pick", "--window"]
        with subprocess.Popen(
            command, env=ten.environment(DISPLAY=screen.display), stdout=subprocess.PIPE, text=True
        ) as picker:
            screen.type("prod*only", "Return")
            assert picker.wait(20) == 0
            assert picker.stdout.read().startswith("prod-ReadOnly is the default profile")
        assert ten.profiles()["default"]["traycreds_role"] == "prod-ReadOnly"


def test_it_needs_no_running_app_to_show_the_roles(ten, screen):
    with subprocess.Popen(
        [*ten.program, "pick", "--window"], env=ten.environment(DISPLAY=screen.display), stderr=subprocess.DEVNULL
    ) as picker:
        screen.type("role", "Escape")
        assert picker.wait(20) == 130


def in_window(screen, code, offered):
    """What a process prints that has the rows on stdin and the window's module as `window`."""
    script = (
        f"from traycreds.ui import tk_theme\nfrom traycreds.ui.picker import rows, window\nimport sys, time\n{code}"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"DISPLAY": screen.display, "PATH": "/usr/bin:/bin"},
        input=rows.encode(TITLE, offered),
        capture_output=True,
        check=True,
        timeout=50,
    )
    return done.stdout.decode()


ACCOUNTS = tuple(
    RoleRow(
        f"{stage}-{role}-{number:02}", f"1111-2222-3{number:03}", "not kept", color="red" if stage == "prod" else ""
    )
    for number in range(25)
    for stage in ("prod", "staging", "dev", "sandbox")
    for role in ("Admin", "ReadOnly", "PowerUser", "Billing", "Audit", "Ops", "Data", "Net", "Sec", "Ci")
)


def test_what_is_typed_makes_the_list_and_the_arrows_move_in_it(screen):
    code = """
title, offered = rows.decode(sys.stdin.buffer.read())
shown = window.PickerWindow(tk_theme.new_window(), title, offered)
shown.type("prod*only*")
texts = [shown._list.itemcget(item, "text") for item in shown._list.find_all() if shown._list.type(item) == "text"]
print(*(text for text in texts if "ReadOnly" in text))
print(shown._count.cget("text"))
"""
    names, count = in_window(screen, code, ACCOUNTS).splitlines()
    assert names.split() == [f"prod-ReadOnly-{number:02}" for number in range(10)]
    assert count == "25 of 1,000 roles"


def test_a_long_name_is_cut_and_an_empty_result_is_reported(screen):
    code = """
title, offered = rows.decode(sys.stdin.buffer.read())
shown = window.PickerWindow(tk_theme.new_window(), title, offered)
texts = lambda: [shown._list.itemcget(i, "text") for i in shown._list.find_all() if shown._list.type(i) == "text"]
print(texts()[0])
shown.type("zzz")
print(texts(), [str(button.cget("state")) for button in shown._buttons])
"""
    name, nothing = in_window(screen, code, (RoleRow("a" * 40 + "-" + "b" * 40),)).splitlines()
    assert (name[:3], name[-3:]) == ("aaa", "bbb")
    assert "…" in name
    assert nothing == "['No role matches.'] ['disabled', 'disabled', 'disabled']"


@pytest.mark.measures
def test_a_thousand_roles_are_there_before_the_next_key(screen):
    code = """
title, offered = rows.decode(sys.stdin.buffer.read())
shown = window.PickerWindow(tk_theme.new_window(), title, offered)
spans = []
for typed in ("p", "pr", "x", "e", "prod*", "adm 07", "prdadm") * 3:
    at = time.perf_counter()
    shown.type(typed)
    spans.append((time.perf_counter() - at) * 1000)
print(sorted(spans)[len(spans) // 2])
"""
    assert float(in_window(screen, code, ACCOUNTS)) / slowness() < FASTEST_FINGER


def test_without_a_display_it_says_that_it_cannot_show_a_window():
    done = subprocess.run(
        [sys.executable, "-m", "traycreds", "find-role"],
        env={"PATH": "/usr/bin:/bin"},
        input=rows.encode(TITLE, ACCOUNTS[:1]),
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert (done.returncode, done.stdout) == (CANNOT_SHOW, b"")


def test_the_roles_are_in_no_command_line(screen):
    with subprocess.Popen(
        [sys.executable, "-m", "traycreds", "find-role"],
        env={"DISPLAY": screen.display, "PATH": "/usr/bin:/bin"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as picker:
        picker.stdin.write(rows.encode(TITLE, ACCOUNTS))
        picker.stdin.close()
        until(screen.windows, "it appears", timeout=30)
        assert picker.args[1:] == ["-m", "traycreds", "find-role"]
        screen.type("Audit-03", "ctrl+o")
        assert picker.wait(20) == 0
        assert rows.decode_picked(picker.stdout.read().decode(), ACCOUNTS) == Picked(
            PickerAction.CONSOLE, "prod-Audit-03"
        )
