"""traycreds in a terminal of its own, with somebody who answers its questions."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time

CTRL_C = "^C"


def in_terminal(sandbox, *answers: str, command: tuple[str, ...] = ("import",), **environment: str) -> tuple[str, int]:
    """Run it in a terminal of its own, answering each question; returns what it showed and its exit code."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "traycreds", *command],
        env=sandbox.environment(**environment),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, left = "", list(answers)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if select.select([ours], [], [], 0.1)[0]:
            try:
                piece = os.read(ours, 4096).decode()
            except OSError:  # the other end is closed
                break
            shown += piece
            if left and shown.endswith((": ", "] ")):
                answer = left.pop(0)
                if answer == CTRL_C:
                    while process.poll() is None:  # one that comes between prompt and read is heard only after the read
                        process.send_signal(signal.SIGINT)
                        time.sleep(0.05)
                else:
                    os.write(ours, answer.encode())
    os.close(ours)
    return shown.replace("\r\n", "\n"), process.wait(5)
