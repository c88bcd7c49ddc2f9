"""The console of Windows: what it is distinguished from, that its table is redrawn, and what Ctrl-C does there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.terminal import Terminal, Typed
from tests.support.wait_until import PATIENCE
from tests.windows.mark import windows_only

pytestmark = windows_only
ASK = (
    "import ctypes, sys; from traycreds.process.windows import console as w\n"
    "print(sys.stdin.isatty(), w.is_console(sys.stdin), w.takes_sequences(sys.stdout))\n"
    "mode = ctypes.c_uint32(); kernel = ctypes.WinDLL('kernel32')\n"
    "if w.is_console(sys.stdout): kernel.GetConsoleMode(kernel.GetStdHandle(-11), ctypes.byref(mode))\n"
    "print('sequences' if mode.value & 4 else 'none')\n"
)


def test_the_void_is_no_console_though_it_is_a_terminal_to_python(sandbox):
    """getpass would wait before it forever."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=sandbox.environment(),
        stdin=subprocess.DEVNULL,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "True False False\nnone\n"


def test_a_console_is_made_to_take_what_the_table_is_redrawn_with(sandbox):
    """That of Windows 10 shows the sequences themselves unless it is asked."""
    terminal = Terminal([sys.executable, "-c", ASK], sandbox.environment())
    shown = ""
    while (piece := terminal.read(1)) is not None:
        shown += piece
    assert terminal.wait(PATIENCE) == 0
    terminal.close()
    assert shown.replace("\r\n", "\n") == "True True True\nsequences\n"


@pytest.mark.parametrize("command", [("run", "--no-tray"), ("demo", "--no-tray")], ids=" ".join)
def test_ctrl_c_ends_the_app_in_a_console_quietly(sandbox, command):
    sandbox.add_role("dev", extra="keep = true")
    typed = Typed(sandbox.environment(), *command)
    try:
        typed.wait_for("ROLE")
        typed.wait_for("fresh")
        typed.terminal.interrupt()
        assert typed.end() == 0, typed.output
    finally:
        typed.terminal.close()
    assert "Traceback" not in typed.output
    assert "KeyboardInterrupt" not in typed.output
