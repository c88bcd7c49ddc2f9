"""Commands that use a role's session in a shell and for a program."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.core.lookup import known_roles
from traycreds.core.model import RoleName
from traycreds.core.text import from_rfc_3339, os_reason
from traycreds.core.value_class import replace
from traycreds.shell.quoting import shell_line
from traycreds.usecases import shell_variables
from traycreds.usecases.options import Options
from traycreds.usecases.session import app_session

NOT_EXECUTABLE, NOT_FOUND = 126, 127
"""The exit code of shells for an unknown command."""


def env(parsed: argparse.Namespace) -> int:
    """`traycreds env`."""
    shell = shell_variables.shell_of(os.environ, windows=sys.platform == "win32", given=parsed.shell)
    found = app_session.for_use(options(parsed), parsed.role)
    print(shell_variables.script(shell, shell_variables.variables(found.role, found.credentials)))
    return 0


def run(parsed: argparse.Namespace) -> int:
    """`traycreds exec`: returns only if the program could not be started, or ran below us and has ended."""
    if not parsed.program and not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        from traycreds.cli.picker import roles

        names = [RoleName(each.name) for each in roles.offered(options(parsed))]
        role = names[0] if parsed.role is None else known_roles([parsed.role], names)[0]
        command = f"traycreds exec {role} -- aws s3 ls"
        hint = f"Put it after two dashes, as in `{command}`. In a terminal, leave it out to open your shell."
        raise UsageError("No command to run.", hint)
    if parsed.region is not None:
        from traycreds.awsfiles.settings import region_names

        region_names.check_option(parsed.region)
    if parsed.role is None:
        from traycreds.cli.picker import roles

        parsed.role = roles.one(options(parsed), f"exec ROLE -- {shell_line(parsed.program)}")
    environment = _served(parsed) if parsed.server else _given(parsed)
    environment = {**environment, shell_variables.ROLE: parsed.role}
    return _turn_into(parsed.program, environment) if parsed.program else _open_shell(parsed, environment)


def _served(parsed: argparse.Namespace) -> Mapping[str, str]:
    from traycreds.usecases import serve

    return serve.begin(options(parsed), parsed.role, region=parsed.region)


def _given(parsed: argparse.Namespace) -> Mapping[str, str]:
    found = app_session.for_use(options(parsed), parsed.role)
    role = replace(found.role, region=parsed.region or found.role.region)
    return shell_variables.child_environment(role, found.credentials, os.environ)


def _open_shell(parsed: argparse.Namespace, environment: Mapping[str, str]) -> int:
    from traycreds.usecases import shell_prompt

    shell = shell_prompt.shell_of(os.environ, parsed.role, windows=sys.platform == "win32")
    end = from_rfc_3339(environment.get("AWS_CREDENTIAL_EXPIRATION"))
    complain(shell_prompt.greeting(parsed.role, end, datetime.now(timezone.utc)))
    return _turn_into(shell.program, {**environment, **shell.variables})


def _turn_into(program: Sequence[str], environment: Mapping[str, str]) -> int:
    """Become the program, so that signals, terminal and exit code are its own; Windows has no such call."""
    sys.stdout.flush()
    if sys.platform == "win32":
        return _below(program, environment)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python ignores these signals, and a program inherits that.
        signal.signal(number, signal.SIG_DFL)
    # If this module is not loaded, no program was started.
    if (group := sys.modules.get("traycreds.process.group")) is not None:
        # This happens by itself only when a process exits.
        group.end_all()
    try:
        os.execvpe(program[0], list(program), environment)
    except OSError as error:
        return _not_run(program[0], error)
    return 0


def serve(arguments: Sequence[str]) -> int:
    """Be the endpoint of a program (`serve.COMMAND`): the role, the program's process, our configuration file."""
    from traycreds.usecases import serve

    role, pid, config = arguments
    if sys.platform != "win32":
        if os.fork():
            # The program must not find a child process that it did not start.
            os._exit(0)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def print_line(line: str) -> None:
        print(line, flush=True)
        with open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123 - a device
            # The reader has everything that it waits for, so close its pipe.
            os.dup2(nowhere.fileno(), 1)

    try:
        serve.serve(Options(config=Path(config) if config else None), role, int(pid), print_line)
    except TraycredsError as error:
        # The command that started this process reports the error.
        print_line(serve.refusal_line(error))
        return error.exit_code
    return 0


def _below(program: Sequence[str], environment: Mapping[str, str]) -> int:
    from traycreds.process.windows import exec_program

    try:
        return exec_program.run(program, environment)
    except OSError as error:
        return _not_run(program[0], error)


def _not_run(command: str, error: OSError) -> int:
    if isinstance(error, FileNotFoundError):
        complain(f"There is no command {command}.", _where_it_is(command) or "Check its spelling and PATH.")
        return NOT_FOUND
    if error.errno == errno.ENOEXEC or (sys.platform == "win32" and error.winerror == _NO_PROGRAM):
        complain(
            f"The command {command} is not a program.", f"Put the program that runs it first, such as python {command}."
        )
        return NOT_EXECUTABLE
    why = os_reason(error)
    complain(f"The command {command} cannot be run: {why}.", "Check its permissions.")
    return NOT_EXECUTABLE


def _where_it_is(command: str) -> str | None:
    """What to write for a command in the current folder, where cmd would have found it."""
    if sys.platform == "win32":
        from traycreds.process.windows import exec_program

        with contextlib.suppress(OSError):
            return f"To run the one in this folder: {exec_program.find(rf'.{os.sep}{command}', os.environ)}."
    return None


_NO_PROGRAM = 193
"""ERROR_BAD_EXE_FORMAT (winerror.h)."""
