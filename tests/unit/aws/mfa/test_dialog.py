from __future__ import annotations

import sys

import pytest

from traycreds.aws.mfa import dialog
from traycreds.aws.mfa.dialog import TITLE, Dialog
from traycreds.aws.mfa.question import Question
from traycreds.core.errors import TraycredsError
from traycreds.ui.dialog_program import CANNOT_SHOW, DialogProgram

SCREEN = {"DISPLAY": ":0"}
QUESTION = Question(device="arn:aws:iam::123456789012:mfa/phone", roles=("prod",))


def others(monkeypatch, *programs, platform="linux", environ=SCREEN, text="Code:"):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(dialog.shutil, "which", lambda name: f"/usr/bin/{name}" if name in programs else None)
    return dialog.other_dialogs(text, environ)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (QUESTION, "Code from MFA device phone, for prod:"),
        (Question(device="GAHT12345678", roles=("prod",)), "Code from MFA device GAHT12345678, for prod:"),
        (Question(device="x/phone", roles=("a", "b", "c")), "Code from MFA device phone, for a and 2 more:"),
    ],
)
def test_the_question_in_words(question, text):
    assert question.text() == text


def test_the_reason_for_asking_again_comes_first():
    again = Question(device="x/phone", roles=("prod",), again="AWS did not accept the last code.")
    assert again.text().startswith("AWS did not accept the last code.\nCode from")
    assert QUESTION.text("Six digits.").startswith("Six digits.\nCode from")


def test_zenity_goes_before_kdialog_and_what_is_missing_is_left_out(monkeypatch):
    assert [command[0] for command in others(monkeypatch, "kdialog", "zenity")] == ["zenity", "kdialog"]
    assert [command[0] for command in others(monkeypatch, "kdialog")] == ["kdialog"]
    assert others(monkeypatch) == []


def test_without_a_display_or_on_windows_there_is_none(monkeypatch):
    assert others(monkeypatch, "zenity", environ={}) == []
    assert len(others(monkeypatch, "zenity", environ={"WAYLAND_DISPLAY": "wayland-0"})) == 1
    assert others(monkeypatch, "zenity", platform="win32") == []


def test_markup_and_mnemonics_are_taken_as_they_are(monkeypatch):
    ((_, _, title, text),) = others(monkeypatch, "zenity", text="<b>a_b & --c</b>")
    assert title == f"--title={TITLE}"
    assert text == "--text=&lt;b&gt;a__b &amp; --c&lt;/b&gt;"


def test_osascript_gets_the_text_as_an_argument_not_as_script(monkeypatch):
    text = 'x" & (do shell script "id") & "'
    ((program, flag, script, argument, title),) = others(monkeypatch, platform="darwin", text=text)
    assert (program, flag, argument, title) == ("osascript", "-e", text, TITLE)
    assert "id" not in script.split()


def python(code):
    return [sys.executable, "-c", code]


def test_a_dialog_gets_its_question_on_stdin():
    code = "import json, sys; q = json.load(sys.stdin); print('123456' if 'phone, for prod' in q['text'] else '0')"
    assert Dialog(python(code)).ask(QUESTION) == "123456"


@pytest.mark.parametrize("code", ["raise SystemExit(1)", "raise ValueError"])
def test_cancelled_or_broken_is_no_answer_and_opens_no_other(code, monkeypatch):
    monkeypatch.setattr(dialog, "other_dialogs", lambda *_: [tuple(python("print(123456)"))])
    assert Dialog(python(code)).ask(QUESTION) is None


def test_one_that_cannot_be_shown_gives_way_to_the_next(monkeypatch):
    monkeypatch.setattr(dialog, "other_dialogs", lambda *_: [tuple(python("print(123456)"))])
    assert Dialog(python(f"raise SystemExit({CANNOT_SHOW})")).ask(QUESTION) == "123456"


def test_after_three_typos_it_gives_up(tmp_path):
    code = f"open({str(tmp_path / 'asked')!r}, 'a').write('x'); print('12')"
    assert Dialog(python(code)).ask(QUESTION) is None
    assert (tmp_path / "asked").read_text() == "xxx"


@pytest.mark.parametrize(("platform", "remedy"), [("win32", "a Python with tkinter"), ("linux", "zenity or")])
def test_where_nothing_can_ask_the_remedy_is_one_of_that_system(monkeypatch, platform, remedy):
    monkeypatch.setattr(dialog, "other_dialogs", lambda *_: [])
    shown = Dialog(["/no/such/dialog"])
    monkeypatch.setattr(DialogProgram, "run", lambda *_: (CANNOT_SHOW, ""))
    monkeypatch.setattr(dialog.sys, "platform", platform)
    with pytest.raises(TraycredsError) as refused:
        shown.ask(QUESTION)
    assert refused.value.hint.startswith(f"Install {remedy}")
