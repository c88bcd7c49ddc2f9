"""A dialog that is a program: what it is given and gives back, and how it is ended."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from tests.support.wait_until import until
from tests.windows.mark import not_on_windows
from traycreds.ui.dialog_program import CANNOT_SHOW, DialogProgram


def python(code):
    return [sys.executable, "-c", code]


NOBODY_ANSWERS = python("import sys; sys.stdin.buffer.read(); import time; time.sleep(600)")


def test_it_reads_a_question_and_prints_the_answer():
    program = DialogProgram()
    assert program.run(python("print(input().upper())"), b"abc\n") == (0, "ABC")
    assert program.run(python("raise SystemExit(7)"), b"") == (7, "")


def test_a_program_that_is_not_there_cannot_show_it():
    assert DialogProgram().run(["/no/such/program"], b"") == (CANNOT_SHOW, "")


def test_one_that_nobody_answers_ends():
    status, answer = DialogProgram(seconds=0.2).run(NOBODY_ANSWERS, b"")
    assert status < 0
    assert answer == ""


@not_on_windows
@pytest.mark.parametrize("end", ["print(input())", "time.sleep(600)"], ids=["answered", "not answered"])
def test_a_helper_that_it_leaves_behind_is_not_waited_for(end):
    code = f"import subprocess, sys, time; subprocess.Popen(['sleep', '40']); {end}"
    begun = time.monotonic()
    status, answer = DialogProgram(seconds=2).run(python(code), b"123456\n")
    assert time.monotonic() - begun < 30
    assert (status, answer) == ((0, "123456") if "input" in end else (-1, ""))


def test_a_long_question_to_one_that_reads_none_holds_nothing_up():
    assert DialogProgram().run(python("print(1)"), b"x" * 1_000_000) == (0, "1")


@pytest.mark.logs_warnings
def test_one_that_floods_is_ended_and_the_log_says_why(caplog):
    assert DialogProgram().run(python("while True: print('x' * 65536)"), b"") == (-1, "")
    assert "traycreds stopped a dialog because it printed more than 1 MiB." in caplog.messages


def test_one_is_ended_and_the_next_can_be_shown():
    program, answers = DialogProgram(), []
    assert not program.end(), "there is none"
    thread = threading.Thread(target=lambda: answers.append(program.run(NOBODY_ANSWERS, b"")))
    thread.start()
    until(program.end, "it is there")
    thread.join(20)
    assert [status != 0 for status, _ in answers] == [True]
    assert program.run(python("print(1)"), b"") == (0, "1")


def test_closed_it_shows_none_any_more():
    program = DialogProgram()
    program.close()
    assert program.run(python("print(1)"), b"") == (-1, "")
