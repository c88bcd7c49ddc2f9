"""Which program shows the roles, what it is given, and what its answer means."""

from __future__ import annotations

import sys

import pytest

from tests.windows.mark import not_on_windows
from traycreds.core.errors import TraycredsError
from traycreds.ui.dialog_program import CANCELLED, CANNOT_SHOW, DialogProgram
from traycreds.ui.picker import dialog
from traycreds.ui.picker.dialog import PickerDialog
from traycreds.ui.picker.rows import Picked, PickerAction, RoleRow

SCREEN = {"DISPLAY": ":0"}
ROWS = (
    RoleRow("dev", "1234-5678-9012", "fresh until 14:32", is_default=True),
    RoleRow("prod", label="PROD", state="not kept"),
)


def others(monkeypatch, *programs, platform="linux", environ=SCREEN):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(dialog.shutil, "which", lambda name: f"/usr/bin/{name}" if name in programs else None)
    return dialog.other_dialogs(ROWS, environ)


def python(code):
    return [sys.executable, "-c", code]


def asked(code, monkeypatch, *, other=None):
    """What is picked where our own window runs a code, and the desktop's another one."""
    monkeypatch.setattr(dialog, "other_dialogs", lambda *_: [] if other is None else [(tuple(python(other)), b"")])
    return PickerDialog(python(code), in_console=()).ask(ROWS)


def test_our_own_gets_the_rows_on_stdin_and_its_answer_counts(monkeypatch):
    code = "import json, sys; rows = json.load(sys.stdin)['rows'];print(json.dumps({'do': 'keep', 'role': rows[1][0]}))"
    assert asked(code, monkeypatch, other="print(1)") == Picked(PickerAction.KEEP, "prod")


@pytest.mark.parametrize("code", [f"raise SystemExit({CANCELLED})", "raise ValueError", "print('nothing known')"])
def test_closed_or_broken_is_nothing_and_opens_no_other(code, monkeypatch):
    assert asked(code, monkeypatch, other="print(1)") is None


@not_on_windows
@pytest.mark.parametrize(
    ("answer", "role"),
    [("2", "prod"), ("dev  1234-5678-9012  default, fresh until 14:32", "dev"), ("0", None), ("3", None), ("", None)],
)
def test_the_desktops_own_answers_with_a_number_or_a_line(answer, role, monkeypatch):
    picked = asked(f"raise SystemExit({CANNOT_SHOW})", monkeypatch, other=f"print({answer!r})")
    assert picked == (None if role is None else Picked(PickerAction.USE, role))


def test_zenity_goes_before_kdialog_and_reads_the_rows(monkeypatch):
    (zenity, given), (kdialog, nothing) = others(monkeypatch, "kdialog", "zenity")
    assert (zenity[:2], kdialog[0], nothing) == (("zenity", "--list"), "kdialog", b"")
    assert given.decode().splitlines() == [
        "dev", "default, fresh until 14:32", "1234-5678-9012", "1", "prod (PROD)", "not kept", " ", "2"
    ]  # fmt: skip
    assert not any("dev" in word for word in zenity)
    assert kdialog[-2:] == ("2", "prod (PROD)  not kept")


def test_without_a_display_there_is_none(monkeypatch):
    assert others(monkeypatch, "zenity", environ={}) == []
    assert len(others(monkeypatch, "zenity", environ={"WAYLAND_DISPLAY": "wayland-0"})) == 1
    assert others(monkeypatch) == []


def test_osascript_gets_the_lines_as_arguments_not_as_script(monkeypatch):
    ((command, given),) = others(monkeypatch, platform="darwin")
    assert (command[0], given) == ("osascript", b"")
    assert command[-1] == "prod (PROD)  not kept"
    assert "dev" not in command[2]


def test_where_nothing_can_ask_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(dialog, "other_dialogs", lambda *_: [])
    monkeypatch.setattr(DialogProgram, "run", lambda *_: (CANNOT_SHOW, ""))
    with pytest.raises(TraycredsError) as refused:
        PickerDialog((), in_console=()).ask(ROWS)
    assert refused.value.hint == "Install zenity or Python's tkinter, or run traycreds pick in a terminal."


def test_on_windows_without_a_toolkit_the_command_asks_in_a_console(monkeypatch):
    started = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(DialogProgram, "run", lambda *_: (CANNOT_SHOW, ""))
    monkeypatch.setattr(dialog.subprocess, "Popen", lambda command, **_: started.append(command))
    assert PickerDialog((), in_console=("traycreds.exe", "pick")).ask(ROWS) is None
    assert started == [("traycreds.exe", "pick")]


def test_a_closed_one_opens_none_any_more(monkeypatch):
    monkeypatch.setattr(dialog, "other_dialogs", lambda *_: [])
    shown = PickerDialog(python('print(\'{"do": "use", "role": "dev"}\')'), in_console=())
    assert shown.ask(ROWS) == Picked(PickerAction.USE, "dev")
    shown.close()
    assert shown.ask(ROWS) is None
