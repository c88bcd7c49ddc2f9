"""Runs a program that the user has configured for an occasion: without a shell, without input, for a limited time.

What it prints goes nowhere: it may hold anything.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence

from traycreds.adapters.child import NO_WINDOW
from traycreds.core.errors import TraycredsError

SECONDS = 10.0
"""How long a program may take before it is killed with all that it has started."""


_KEPT_BACK = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_BEARER_TOKEN_BEDROCK",
    }
)
"""What an app that was started in a shell with a session has in its environment, and a program is not to act as."""


def run(program: Sequence[str], more: Mapping[str, str], *, seconds: float = SECONDS) -> None:
    """Run a program to its end.

    Args:
        program: with its arguments.
        more: what it gets beside this process's own environment, of which it gets all but credentials.
        seconds: how long it may take.

    Raises:
        TraycredsError: it cannot be run, failed, or took too long.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - what the user has configured
            list(program),
            env={**{name: value for name, value in os.environ.items() if name not in _KEPT_BACK}, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            creationflags=NO_WINDOW,
        )
    except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
        why = (getattr(error, "strerror", None) or type(error).__name__).lower()
        raise TraycredsError(f"{program[0]} cannot be run: {why}.", "Correct it, or give its whole path.") from None
    with _grasped(process) as kill:
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill()
            process.wait()
            hint = "Let it start in the background what takes longer."
            raise TraycredsError(f"{program[0]} was ended, since it took over {seconds:.0f} seconds.", hint) from None
    if code != 0:
        raise TraycredsError(f"{program[0]} ended with code {code}.", "Try it in a terminal.")


@contextlib.contextmanager
def _grasped(process: subprocess.Popen[bytes]) -> Iterator[Callable[[], None]]:
    """What kills a process with all that it has started; what it leaves behind when it ends by itself lives on.

    On Windows whatever a process of a job starts is of the job too, even when its parent has gone.
    """
    if sys.platform == "win32":
        from traycreds.adapters import windowsjob  # noqa: PLC0415 - exists on Windows only

        with windowsjob.holding(process) as end_all:

            def kill() -> None:
                end_all()
                process.kill()  # should it be in a job that takes no other within

            yield kill
        return

    def kill_group() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    yield kill_group
