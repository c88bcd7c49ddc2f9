"""A program below ours, as Windows needs it; the parts that every system has."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from traycreds.adapters import child


def test_its_end_is_the_result_and_its_environment_the_given_one(tmp_path):
    code = "import os, pathlib, sys; pathlib.Path(sys.argv[1]).write_text(os.environ['GIVEN']); sys.exit(7)"
    environment = {**os.environ, "GIVEN": "it"}
    assert child.run([sys.executable, "-c", code, str(tmp_path / "seen")], environment) == 7
    assert (tmp_path / "seen").read_text() == "it"


def test_it_is_looked_for_where_the_new_environment_says(tmp_path):
    program = tmp_path / ("mine.cmd" if sys.platform == "win32" else "mine")  # found by PATHEXT there
    program.write_text("@exit 7\n" if sys.platform == "win32" else "#!/bin/sh\nexit 7\n")
    program.chmod(0o755)
    assert child.run(["mine", "x"], {**os.environ, "PATH": str(tmp_path)}) == 7
    with pytest.raises(FileNotFoundError):
        child.run(["mine", "x"], os.environ)


def test_ctrl_c_is_ours_again_afterwards():
    before = signal.getsignal(signal.SIGINT)
    child.run([sys.executable, "-c", "pass"], os.environ)
    assert signal.getsignal(signal.SIGINT) is before
