"""Ctrl-C while a command ends."""

from __future__ import annotations

import sys

import pytest

REAL_ARGPARSE = """\
sys.path.remove(os.path.dirname(__file__))
del sys.modules["argparse"]
from argparse import *
"""
AT_THE_END = """\
import atexit, os, signal, sys

class Last:
    def __init__(self):
        self.kill, self.pid, self.number = os.kill, os.getpid(), signal.SIGINT
    def __del__(self):
        self.kill(self.pid, self.number)

sys.last = Last()
"""
"""Sends a Ctrl-C when the interpreter takes its modules apart, after it has put its own handlers back."""


@pytest.mark.skipif(sys.platform == "win32", reason="no signal of Windows reaches one process alone")
@pytest.mark.parametrize(("before", "code"), [("", 0), ("os.kill(os.getpid(), signal.SIGINT)\n", 130)])
def test_ctrl_c_while_it_ends_kills_it_no_more(sandbox, before, code):
    """A Ctrl-C in the midst of the work, where there is one, and one when Python itself ends."""
    during = sandbox.home / "during"
    during.mkdir()
    (during / "sitecustomize.py").write_text(AT_THE_END)
    (during / "argparse.py").write_text(f"import os, signal\n{before}import sys\n{REAL_ARGPARSE}")
    done = sandbox.command("--version", cold=True, PYTHONPATH=str(during))
    assert (done.returncode, done.stderr) == (code, "")
