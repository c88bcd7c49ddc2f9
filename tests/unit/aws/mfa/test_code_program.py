from __future__ import annotations

import sys

import pytest

from tests.windows.mark import not_on_windows, windows_only
from traycreds.aws.mfa import code_program
from traycreds.config import values
from traycreds.core.errors import TraycredsError


def python(code):
    return f'"{sys.executable}" -c "{code}"'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("123456", "123456"),
        (" 123 456\n", "123456"),
        ("012345", "012345"),
        ("12345", None),
        ("1234567", None),
        ("12345a", None),
        ("", None),
        ("١٢٣٤٥٦", None),
    ],
)
def test_clean(text, code):
    assert code_program.clean(text) == code


def test_the_code_is_found_beside_a_name():
    assert code_program.run(python("print('AWS:me  654321')")) == "654321"


@pytest.mark.parametrize(
    ("command", "what"),
    [
        ('"open', "mfa_process has a quote that is not closed"),
        ("", "mfa_process names no program"),
        ('""', "mfa_process names no program"),
        pytest.param(python("exit(1)") + "|head", "mfa_process uses |, which only a shell", marks=not_on_windows),
    ],
)
def test_an_invalid_command_is_reported_as_by_doctor(command, what):
    with pytest.raises(TraycredsError) as caught:
        code_program.run(command)
    assert caught.value.sentence.startswith(what)
    assert caught.value.hint.startswith(("Close the quote", "Write the program", "Have a shell run it"))


def test_no_shell_reads_the_command(tmp_path):
    with pytest.raises(TraycredsError):
        code_program.run(python("print(1)") + f" ; touch {tmp_path}/made $(touch {tmp_path}/made)")
    assert not (tmp_path / "made").exists()


def test_a_program_that_waits_forever_is_ended():
    with pytest.raises(TraycredsError, match="within 0 seconds"):
        code_program.run(python("import time; time.sleep(60)"), seconds=0.2)


def test_what_it_says_is_not_repeated():
    code = "import sys; print('123456 222222'); print('333333', file=sys.stderr)"
    with pytest.raises(TraycredsError) as caught:
        code_program.run(python(code))
    assert not any(digits in str(caught.value) for digits in ("123456", "222222", "333333"))


@windows_only
def test_a_path_of_windows_is_no_text_with_escapes():
    command = r"C:\none\O'Brien.exe oath"
    assert values.command(command) == command
    with pytest.raises(TraycredsError, match=r"^O'Brien.exe, which mfa_process names, cannot be run"):
        code_program.run(command)


@windows_only
def test_a_batch_file_can_print_the_code(tmp_path):
    (tmp_path / "my code.cmd").write_text("@echo AWS 123456\n")
    assert code_program.run(f'"{tmp_path / "my code.cmd"}" oath') == "123456"
