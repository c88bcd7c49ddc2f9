"""While a terminal is kept, a program that is started inherits none; files and pipes stay."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.windows.mark import not_on_windows
from traycreds.cli.display import own_terminal

# Nothing is led elsewhere there.
pytestmark = not_on_windows
_PROGRAM = [sys.executable, "-c", "import sys; print('printed'); print('warned', file=sys.stderr)"]


def run():
    subprocess.run(_PROGRAM, check=True, stdout=sys.stdout, stderr=sys.stderr, timeout=60)


def test_a_program_prints_nothing_in_the_terminal_meanwhile(monkeypatch, tmp_path):
    import pty

    ours, theirs = pty.openpty()
    file = tmp_path / "errors"
    with os.fdopen(theirs, "w") as terminal, file.open("w") as errors:
        monkeypatch.setattr(sys, "stdout", terminal)
        monkeypatch.setattr(sys, "stderr", errors)
        with own_terminal.another_stdout() as view:
            with own_terminal.kept():
                run()
                print("drawn", file=view, flush=True)
            assert os.read(ours, 100) == b"drawn\r\n"
        assert file.read_text() == "warned\n", "a file is no terminal"
        run()
        assert os.read(ours, 100) == b"printed\r\n"
        monkeypatch.undo()
    os.close(ours)
