"""Commands that hand a role's session on: to an SDK, a shell, a program."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence

from traycreds.app import live
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.errors import TraycredsError, UsageError

NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""What shells exit with for a command that is none."""


def creds(parsed: argparse.Namespace) -> int:
    """`traycreds creds`: what a `credential_process` prints (AWS SDKs and Tools Reference Guide, version 1)."""
    found = live.session(options(parsed), parsed.role).credentials
    print(
        json.dumps(
            {
                "Version": 1,
                "AccessKeyId": found.access_key_id,
                "SecretAccessKey": found.secret_access_key,
                "SessionToken": found.session_token,
                "Expiration": found.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
        )
    )
    return 0


def env(parsed: argparse.Namespace) -> int:
    """`traycreds env`."""
    from traycreds.app import shells  # noqa: PLC0415 - `creds` needs none

    shell = shells.shell_of(os.environ, windows=sys.platform == "win32", given=parsed.shell)
    found = live.session(options(parsed), parsed.role)
    print(shells.script(shell, shells.variables(found.role, found.credentials)))
    return 0


def run(parsed: argparse.Namespace) -> int:
    """`traycreds exec`: returns only where the program could not be started, or on Windows with its exit code."""
    from traycreds.app import shells  # noqa: PLC0415 - as above

    if not parsed.program:
        raise UsageError("There is no command to run.", "Write it after two dashes: traycreds exec ROLE -- COMMAND.")
    found = live.session(options(parsed), parsed.role)
    environment = shells.child_environment(found.role, found.credentials, os.environ)
    try:
        return _become(parsed.program, environment)
    except FileNotFoundError:
        complain(f"There is no command {parsed.program[0]}.", "Look at its spelling and at PATH.")
        return NOT_FOUND
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        complain(f"The command {parsed.program[0]} cannot be run: {why}.", "Look at its permissions.")
        return NOT_EXECUTABLE


def _become(program: Sequence[str], environment: Mapping[str, str]) -> int:
    """Turn into the program, so that signals, terminal and exit code are its own."""
    sys.stdout.flush()
    if sys.platform == "win32":
        import shutil  # noqa: PLC0415
        import subprocess  # noqa: PLC0415

        path = shutil.which(program[0], path=environment.get("PATH"))
        if path is None:
            raise FileNotFoundError(program[0])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the child, which shares the console
        return subprocess.run([path, *program[1:]], env=environment, check=False).returncode  # noqa: S603
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them, and a program inherits what is ignored
    os.execvpe(program[0], list(program), dict(environment))  # noqa: S606 - what the user asked for
    return 0


def console(parsed: argparse.Namespace) -> int:
    """`traycreds console`."""
    from traycreds.adapters import browser, console, handover  # noqa: PLC0415 - as above

    if not parsed.print and not browser.can_open():
        raise UsageError("There is no screen for a browser.", "Use --print, and open the address elsewhere.")
    found = live.session(options(parsed), parsed.role)
    page = console.page(found.role, found.credentials)
    if parsed.print:
        print(page)
    elif not handover.lead_to(page, lambda address: browser.open_page(address, lambda: None), seconds=_BROWSER_SECONDS):
        raise TraycredsError(
            f"No browser came for the page within {_BROWSER_SECONDS:.0f} seconds.",
            "Use --print, and open the address yourself.",
        )
    return 0


_BROWSER_SECONDS = 30.0
