"""A program in place of this one, as Windows needs it; the parts that every system has are tried on every system."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.support.wait_until import PATIENCE, until, written
from tests.windows.mark import on_wine, windows_only
from traycreds.process.windows import exec_program


def test_its_end_is_the_result_and_its_environment_the_given_one(tmp_path):
    code = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(os.environ['GIVEN']); sys.exit(7)"
    environment = {**os.environ, "GIVEN": "it"}
    assert exec_program.run([sys.executable, "-c", code, str(tmp_path / "seen")], environment) == 7
    assert (tmp_path / "seen").read_text() == "it"


@pytest.fixture
def mine(tmp_path):
    """A program in a folder of its own; its ending is one of PATHEXT on Windows."""
    path = tmp_path / "bin" / ("mine.cmd" if sys.platform == "win32" else "mine")
    path.parent.mkdir()
    path.write_text("@exit 7\n" if sys.platform == "win32" else "#!/bin/sh\nexit 7\n")
    path.chmod(0o755)
    return path


def test_it_is_searched_for_in_the_new_environment(mine):
    path = os.pathsep.join(["", str(mine.parent)])
    assert exec_program.run(["mine", "x"], {**os.environ, "PATH": path}) == 7
    assert exec_program.run([str(mine), "x"], os.environ) == 7
    assert exec_program.run([str(mine.parent / "mine"), "x"], os.environ) == 7
    with pytest.raises(FileNotFoundError):
        exec_program.run(["mine", "x"], os.environ)
    with pytest.raises(FileNotFoundError):
        exec_program.run([str(mine.parent / "other"), "x"], os.environ)


def test_one_that_someone_left_in_the_current_folder_is_not_run_by_its_name_alone(mine, monkeypatch):
    """Which cmd and shutil.which would do on Windows, and so give it the session."""
    monkeypatch.chdir(mine.parent)
    with pytest.raises(FileNotFoundError):
        exec_program.run(["mine"], os.environ)
    assert exec_program.run([os.path.join(".", "mine")], os.environ) == 7  # noqa: PTH118 - Path would drop the dot


def test_signals_of_the_console_are_ours_again_afterwards():
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGBREAK") if hasattr(signal, name)]
    before = [signal.getsignal(number) for number in numbers]
    exec_program.run([sys.executable, "-c", "pass"], os.environ)
    assert [signal.getsignal(number) for number in numbers] == before


def test_an_end_that_is_no_c_int_keeps_its_bits():
    """Such as 0xC000013A of a program that Ctrl-C ended; sys.exit makes -1 of what is larger than a C int."""
    code = "import os; os._exit(-1073741510)"
    assert exec_program.run([sys.executable, "-c", code], os.environ) & 0xFF == 0x3A
    if sys.platform == "win32":
        assert exec_program.run([sys.executable, "-c", code], os.environ) == -1073741510


@pytest.mark.parametrize(
    ("argument", "word"),
    [
        ("plain-1.0:x\\y", "plain-1.0:x\\y"),
        ("", '""'),
        ("a b", '"a b"'),
        ("a&calc", '"a&calc"'),
        ('say "hi"', '"say ""hi"""'),
        ('a"&calc&"b', '"a""&calc&""b"'),
        ("%PATH%", '"%%cd:~,%PATH%%cd:~,%"'),
        ("end\\", '"end\\\\"'),
        ('x\\"', '"x\\\\"""'),
        ("^|<>()!", '"^|<>()!"'),
        ("ü→", "ü→"),
    ],
)
def test_cmd_takes_no_argument_of_a_batch_file_for_anything_else(argument, word):
    line = exec_program.batch_line("C:\\x y\\npm.cmd", [argument])
    assert line == f'cmd.exe /e:ON /v:OFF /d /c ""C:\\x y\\npm.cmd" {word}"'


@pytest.mark.parametrize("argument", ["a\nb", "a\rb", "a\0b"])
def test_at_a_line_break_cmd_would_stop(argument):
    with pytest.raises(OSError, match="line break"):
        exec_program.batch_line("npm.cmd", [argument])


@windows_only
@pytest.mark.parametrize(
    "arguments",
    [
        ["a b", "", "c"],
        ["a&echo hi>x", "|", "<", ">", "^", "(x)", "a,b;c=d", "!PATH!"],
        ['say "hi"', 'a"b&c', "back\\", "a\\\\", '\\"q', "--flag=x y"],
        pytest.param(
            ["%PATH%", "100%", "%"],
            marks=pytest.mark.skipif(on_wine, reason="Wine's cmd takes no empty piece of a variable, as cmd does"),
        ),
    ],
)
def test_a_batch_file_that_starts_a_program_hands_on_what_was_given(tmp_path, arguments):
    """As npm.cmd and its like do."""
    folder = tmp_path / "my tools"
    folder.mkdir()
    (folder / "show.py").write_text("import json, sys; json.dump(sys.argv[2:], open(sys.argv[1], 'w'))")
    (folder / "tool.cmd").write_text(f'@"{sys.executable}" "%~dp0show.py" %*\n')
    assert exec_program.run(["tool", str(tmp_path / "seen"), *arguments], {**os.environ, "PATH": str(folder)}) == 0
    assert json.loads((tmp_path / "seen").read_text()) == arguments


@windows_only
def test_it_does_not_outlive_us_but_what_it_has_started_may(tmp_path):
    beats = (
        "import pathlib, sys, time\nfor n in range(300): pathlib.Path(sys.argv[1]).write_text(str(n)); time.sleep(0.05)"
    )
    both = (
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', sys.argv[1], sys.argv[3]])\n"
        "sys.argv[1:] = [sys.argv[2], sys.argv[1]]; exec(sys.argv[2])"
    )
    paths = [str(tmp_path / name) for name in ("program", "grandchild")]
    code = (
        "import os, sys; from traycreds.process.windows import exec_program; exec_program.run(sys.argv[1:], os.environ)"
    )
    us = subprocess.Popen([sys.executable, "-c", code, sys.executable, "-c", both, beats, *paths])

    def beat(name):
        return int((tmp_path / name).read_text() or 0)

    try:
        written(tmp_path / "program")
        written(tmp_path / "grandchild")
    finally:
        us.kill()
        us.wait(PATIENCE)
    begun = beat("grandchild")
    until(lambda: beat("grandchild") > begun + 10, "the grandchild lives on")
    last = beat("program")
    until(lambda: beat("grandchild") > begun + 30, "the grandchild lives on")
    assert beat("program") == last
