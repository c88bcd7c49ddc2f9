"""Commands that hand a role's session on: to an SDK, a shell, a program."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from traycreds.app import live
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.errors import TraycredsError, UsageError

NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""What shells exit with for a command that is none."""


def creds(parsed: argparse.Namespace) -> int:
    """`traycreds creds`: what a `credential_process` prints (AWS SDKs and Tools Reference Guide, version 1)."""
    found = live.session(options(parsed), parsed.role, attended=False).credentials  # an SDK asks
    print(json.dumps({"Version": 1, **live.as_json(found, token="SessionToken")}))  # noqa: S106 - a key's name
    return 0


def env(parsed: argparse.Namespace) -> int:
    """`traycreds env`."""
    from traycreds.app import shells  # noqa: PLC0415 - `creds` needs none

    shell = shells.shell_of(os.environ, windows=sys.platform == "win32", given=parsed.shell)
    found = live.for_use(options(parsed), parsed.role)
    _note_use(found.role.name)
    print(shells.script(shell, shells.variables(found.role, found.credentials)))
    return 0


def run(parsed: argparse.Namespace) -> int:
    """`traycreds exec`: returns where the program could not be started, or it runs below us and has ended."""
    if not parsed.program:
        raise UsageError("There is no command to run.", "Write it after two dashes: traycreds exec ROLE -- COMMAND.")
    environment = _served(parsed) if parsed.server else _given(parsed)
    _note_use(parsed.role)
    return _turn_into(parsed.program, environment)


def _served(parsed: argparse.Namespace) -> Mapping[str, str]:
    """The environment of a program that fetches each new session from an endpoint."""
    from traycreds.app import serving  # noqa: PLC0415 - as above

    return serving.begin(options(parsed), parsed.role)


def _given(parsed: argparse.Namespace) -> Mapping[str, str]:
    """The environment of a program with the session of now."""
    from traycreds.app import shells  # noqa: PLC0415 - as above

    found = live.for_use(options(parsed), parsed.role)
    return shells.child_environment(found.role, found.credentials, os.environ)


def _turn_into(program: Sequence[str], environment: Mapping[str, str]) -> int:
    """Turn into the program, so that signals, terminal and exit code are its own; Windows knows no such thing."""
    sys.stdout.flush()
    if sys.platform == "win32":
        return _below(program, environment)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores them, and a program inherits what is ignored
    try:
        os.execvpe(program[0], list(program), environment)  # noqa: S606 - what the user asked for
    except OSError as error:
        return _not_run(program[0], error)
    return 0


def serve(arguments: Sequence[str]) -> int:
    """Be the endpoint of a program (`serving.COMMAND`): the role, the program's process, our configuration file."""
    from pathlib import Path  # noqa: PLC0415 - as above

    from traycreds.app import serving  # noqa: PLC0415
    from traycreds.app.options import Options  # noqa: PLC0415

    role, pid, config = arguments
    if sys.platform != "win32":
        if os.fork():
            os._exit(0)  # the program must find no child that it has not started
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def tell(line: str) -> None:
        print(line, flush=True)
        with open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123 - a device
            os.dup2(nowhere.fileno(), 1)  # whoever reads has all

    serving.serve(Options(config=Path(config) if config else None), role, int(pid), tell)
    return 0


def _below(program: Sequence[str], environment: Mapping[str, str]) -> int:
    from traycreds.adapters import inplace  # noqa: PLC0415 - as above

    try:
        return inplace.run(program, environment)
    except OSError as error:
        return _not_run(program[0], error)


def _not_run(command: str, error: OSError) -> int:
    """Say why a command cannot be run; returns what shells exit with then."""
    if isinstance(error, FileNotFoundError):
        complain(f"There is no command {command}.", _where_it_is(command) or "Look at its spelling and at PATH.")
        return NOT_FOUND
    if sys.platform == "win32" and error.winerror == _NO_PROGRAM:
        complain(f"The command {command} is no program.", f"Write what runs it before it, such as python {command}.")
        return NOT_EXECUTABLE
    why = (error.strerror or type(error).__name__).lower()
    complain(f"The command {command} cannot be run: {why}.", "Look at its permissions.")
    return NOT_EXECUTABLE


def _where_it_is(command: str) -> str | None:
    """What to write for a command that lies in the current folder, where cmd would have found it."""
    if sys.platform == "win32":
        from traycreds.adapters import inplace  # noqa: PLC0415 - as above

        with contextlib.suppress(OSError):
            return f"The one in this folder is {inplace.find(rf'.{os.sep}{command}', os.environ)}."
    return None


def console(parsed: argparse.Namespace) -> int:
    """`traycreds console`."""
    from traycreds.adapters import browser, console, handover  # noqa: PLC0415 - as above

    if not parsed.print and not browser.can_open():
        raise UsageError("There is no screen for a browser.", "Use --print, and open the address elsewhere.")
    found = live.for_use(options(parsed), parsed.role)
    role = replace(found.role, region=parsed.region or found.role.region)
    page = console.page(role, found.credentials, service=parsed.service)
    _note_use(role.name)
    if parsed.print:
        print(page)
        return 0
    by = browser.chosen(found.settings.browser, role.name, container=found.settings.container)
    if not handover.lead_to(page, lambda url: browser.open_page(url, lambda: None, by), seconds=_BROWSER_SECONDS):
        raise TraycredsError(
            f"No browser came for the page within {_BROWSER_SECONDS:.0f} seconds.",
            "Use --print, and open the address yourself.",
        )
    return 0


def _note_use(role: str) -> None:
    """Tell the running app, whose menu shows what was used last."""
    from traycreds.app import remote  # noqa: PLC0415 - `creds`, which SDKs call, is no use by a person

    remote.note_use(role)


_BROWSER_SECONDS = 30.0
_NO_PROGRAM = 193
"""ERROR_BAD_EXE_FORMAT (winerror.h)."""
