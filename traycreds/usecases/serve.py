"""An endpoint beside a program that gives its SDK each new session of a role, for the program's lifetime."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import TracebackType
from typing import final

from traycreds.aws.container_endpoint import Endpoint
from traycreds.awsfiles import profiles, session_on_file
from traycreds.awsfiles.profiles import Kind
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.core.model import DEFAULT_PROFILE, Credentials
from traycreds.core.text import json_value
from traycreds.core.value_class import replace
from traycreds.files import private_files
from traycreds.process import wait_for_exit
from traycreds.process.bounded_call import daemon
from traycreds.process.own_program import program
from traycreds.process.spawn import NO_WINDOW
from traycreds.state.paths import HIDDEN, locate
from traycreds.usecases import running_app, shell_variables
from traycreds.usecases.options import Options
from traycreds.usecases.session import file_session, role_session
from traycreds.usecases.session.role_session import RoleSession

COMMAND = "__serve"
_SENTENCE = "sentence"
"""The command that starts the endpoint's process; not for people."""

_NOTE = """\
# Empty on purpose. This program was started by: traycreds exec {role} --server
# AWS tools prefer a [default] profile to the endpoint that gives them the session of {role}.
"""


def begin(options: Options, name: str, *, region: str | None = None) -> dict[str, str]:
    """Start an endpoint for the program that this process is about to become, or to run; return its environment.

    The endpoint is a detached process, so that the program keeps its signals, terminal and exit.

    Raises ConfigError, UsageError: no such role, or ~/.aws/config would win. Raises TraycredsError: no session or
    endpoint.
    """
    paths = locate(os.environ, options.config)
    _check_default(paths.aws_config_file, name)
    role = file_session.for_use(options, name).role
    role = replace(role, region=region or role.region)
    given = options.config or os.environ.get("TRAYCREDS_CONFIG")
    config = "" if given is None else str(paths.config_file)
    started = _start((*program(), COMMAND, role.name, str(os.getpid()), config))
    running_app.note_use(name)
    return shell_variables.served_environment(
        role, os.environ, url=started["url"], token=started["token"], credentials_file=started["credentials_file"]
    )


def _start(command: Sequence[str]) -> Mapping[str, str]:
    refusal = TraycredsError("Could not start the endpoint for the program.", "Try again, or run it without --server.")
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Neither Ctrl-C nor the end of the terminal must reach the endpoint.
            start_new_session=True,
            creationflags=NO_WINDOW,
        )
    except OSError as error:
        raise refusal from error
    assert process.stdout is not None
    with process.stdout as output:
        line = output.readline()
    if sys.platform != "win32":
        # This process ends at once, as the endpoint runs in its child.
        process.wait()
    try:
        started: Mapping[str, str] = json_value(line)
    except ValueError as error:
        # On Windows the process may still run.
        process.kill()
        process.wait()
        raise refusal from error
    if _SENTENCE in started:
        refusal = TraycredsError(started[_SENTENCE], started["hint"])
        refusal.exit_code = int(started["exit_code"])
        raise refusal
    return started


def refusal_line(error: TraycredsError) -> str:
    """The line with which the endpoint's process says why there is none."""
    return json.dumps({_SENTENCE: error.sentence, "hint": error.hint, "exit_code": str(error.exit_code)})


def serve(options: Options, name: str, pid: int, print_line: Callable[[str], None]) -> None:
    """Be the endpoint: serve a role's session until process `pid` ends. Raises TraycredsError.

    `print_line` takes its address, a line of JSON with a secret in it.
    """
    ended = wait_for_exit.end_of(pid)
    paths = locate(os.environ, options.config)
    first = file_session.session(options, name)
    role = first.role
    served = ServedSession(
        first,
        renew=lambda: file_session.session(options, name, attended=False),
        on_file=lambda one: session_on_file.session_of(one.role, paths.credentials_file),
        enough=file_session.lasts,
    )

    def answer() -> dict[str, str]:
        return role_session.as_json(served.credentials(), token="Token")  # noqa: S106 - a key's name

    with tempfile.TemporaryDirectory(prefix="traycreds-") as folder, served, Endpoint(answer) as endpoint:
        hidden = Path(folder) / HIDDEN
        private_files.write(hidden, _NOTE.format(role=role.name).encode())
        print_line(json.dumps({"url": endpoint.url, "token": endpoint.token, "credentials_file": str(hidden)}))
        ended()


def _check_default(aws_config_file: Path, role: str) -> None:
    """Refuse to run a program that would use `[default]` of ~/.aws/config, which SDKs prefer. Raises UsageError."""
    default = profiles.read(aws_config_file, Path(os.devnull)).profiles.get(DEFAULT_PROFILE)
    if default is not None and default.kind is not Kind.NOTHING:
        raise UsageError(
            f"[default] in {aws_config_file}, line {default.line}, has {default.kind.value} settings, which AWS tools "
            "prefer to an endpoint.",
            f"Run `traycreds import live {role}`, and the program with AWS_PROFILE={role}-live.",
        )


CHECK_EVERY, _CHECK_RARELY = 30.0, 300.0
"""Seconds between two checks, even after a night's sleep; and at most, while nothing better is available."""
_BRIEF = timedelta(seconds=5)
"""The last seconds of a session, when a call signed with it may come too late."""


_PATIENCE = 60.0
"""Seconds that a caller waits for a refresh; no SDK waits longer."""


@final
class ServedSession:
    """Keeps one role's session at hand from `with` to its end."""

    def __init__(
        self,
        first: RoleSession,
        *,
        renew: Callable[[], RoleSession],
        on_file: Callable[[RoleSession], Credentials | None],
        enough: Callable[[RoleSession], bool],
    ) -> None:
        """Begin with a session.

        `renew` gives a lasting session, refreshed if needed; it may take long, and raise TraycredsError. `on_file`
        gives the one on file now, from any writer, quickly. `enough`: whether a session lasts long enough to pass on.
        """
        self._live = first
        self._renew = renew
        self._on_file = on_file
        self._enough = enough
        self._error: TraycredsError | None = None
        self._rounds = 0
        self._wanted = self._stopped = False
        self._changed = threading.Condition()

    def credentials(self) -> Credentials:
        """The session that lasts longest; for any thread. Raises TraycredsError: why there is none."""
        found = self._at_hand()
        if _left(found) > _BRIEF:
            return found
        with self._changed:
            round_before = self._rounds
            self._wanted = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._rounds > round_before or self._stopped, _PATIENCE)
            error = self._error
        found = self._at_hand()
        if _left(found) > timedelta(0):
            return found
        raise error or TraycredsError(f"The session of {self._live.role.name} has ended.", "Refresh the role.")

    def __enter__(self) -> ServedSession:
        self._thread = daemon("keep-fresh", self._keep)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        # A refresh in progress is not worth a longer wait, as the file is replaced in one step.
        self._thread.join(1.0)

    def _at_hand(self) -> Credentials:
        live = self._live
        on_file = self._on_file(live)
        return live.credentials if on_file is None or _left(on_file) < _left(live.credentials) else on_file

    def _keep(self) -> None:
        pause = CHECK_EVERY
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._stopped, pause)
                if self._stopped:
                    return
                self._wanted = False
            live, error = self._renewed()
            with self._changed:
                self._live, self._error = live or self._live, error
                self._rounds += 1
                self._changed.notify_all()
            pause = CHECK_EVERY if live and self._enough(live) else min(2 * pause, _CHECK_RARELY)

    def _renewed(self) -> tuple[RoleSession | None, TraycredsError | None]:
        try:
            return self._renew(), None
        except TraycredsError as error:
            return None, error
        except Exception as error:  # noqa: BLE001 - the thread must live on; there is no log to write to
            name = type(error).__name__
            return None, TraycredsError(
                f"traycreds hit an unexpected error ({name}).",
                f"Run `traycreds creds {self._live.role.name}` to see it.",
            )


def _left(credentials: Credentials) -> timedelta:
    return credentials.expires_at - datetime.now(timezone.utc)
