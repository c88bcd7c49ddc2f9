"""An endpoint beside a program, from which its SDK gets a role's session, a new one whenever the old one ends.

Owns the order of steps. The endpoint lives as long as the program; what the program starts and leaves behind loses it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from traycreds.adapters import awsconfig, lifetime, places, sessionfile
from traycreds.adapters.awsconfig import Kind
from traycreds.adapters.child import NO_WINDOW
from traycreds.adapters.endpoint import Endpoint
from traycreds.app import live, shells
from traycreds.app.options import Options
from traycreds.app.program import program
from traycreds.app.supply import Supply
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.core.model import DEFAULT_PROFILE

COMMAND = "__serve"
"""What starts the process of the endpoint; nobody types it."""

_NOTE = """\
# Empty on purpose. This program was started by: traycreds exec {role} --server
# AWS tools take a [default] profile before the endpoint that gives them the session of {role}.
"""


def begin(options: Options, name: str) -> dict[str, str]:
    """Start an endpoint for the program that this process is about to become, or to run.

    The endpoint is a process of its own, child of nobody, so that the program is exactly what the user started: its
    signals, its terminal, its end.

    Returns:
        The environment of the program.

    Raises:
        ConfigError, UsageError: there is no such role, or something of ~/.aws/config would win over the endpoint.
        TraycredsError: there is no session, and why; or no endpoint.
    """
    where = places.locate(os.environ, options.config)
    _check_default(where.aws_config_file, name)
    role = live.for_use(options, name).role
    given = options.config or os.environ.get("TRAYCREDS_CONFIG")
    config = "" if given is None else str(where.config_file)
    door = _start((*program(), COMMAND, role.name, str(os.getpid()), config))
    return shells.served_environment(
        role, os.environ, url=door["url"], token=door["token"], credentials_file=door["credentials_file"]
    )


def _start(command: Sequence[str]) -> Mapping[str, str]:
    """Start the process of the endpoint; returns what it says."""
    trouble = TraycredsError(
        "The endpoint for the program could not be started.", "Try again, or run it without --server."
    )
    try:
        process = subprocess.Popen(  # noqa: S603 - this very program
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # neither Ctrl-C nor the end of the terminal is for it
            creationflags=NO_WINDOW,
        )
    except OSError as error:
        raise trouble from error
    assert process.stdout is not None
    with process.stdout as said:
        line = said.readline()
    if sys.platform != "win32":
        process.wait()  # it has left a process of its own behind
    try:
        door: Mapping[str, str] = json.loads(line)
    except ValueError as error:
        process.kill()  # on Windows it may run on
        process.wait()
        raise trouble from error
    return door


def serve(options: Options, name: str, pid: int, tell: Callable[[str], None]) -> None:
    """Be the endpoint: serve a role's session until a process ends.

    Args:
        options: what stands before the command.
        name: of the role.
        pid: of the process.
        tell: takes where the endpoint is, a line of JSON with a secret in it.

    Raises:
        TraycredsError: there is no session, and why; or no endpoint.
    """
    ended = lifetime.end_of(pid)
    where = places.locate(os.environ, options.config)
    first = live.session(options, name)
    role = first.role
    account = {} if role.account_id is None else {"AccountId": role.account_id}
    supply = Supply(
        first,
        renew=lambda: live.session(options, name, attended=False),
        on_file=lambda one: sessionfile.session_of(one.role, where.credentials_file),
        enough=live.lasts,
    )

    def answer() -> dict[str, str]:
        return {**live.as_json(supply.credentials(), token="Token"), **account}  # noqa: S106 - a key's name

    with tempfile.TemporaryDirectory(prefix="traycreds-") as folder, supply, Endpoint(answer) as endpoint:
        hidden = Path(folder) / shells.HIDDEN
        hidden.write_text(_NOTE.format(role=role.name), encoding="utf-8")
        tell(json.dumps({"url": endpoint.url, "token": endpoint.token, "credentials_file": str(hidden)}))
        ended()


def _check_default(aws_config_file: Path, role: str) -> None:
    """Refuse to run a program that would be somebody else than the role.

    Raises:
        UsageError: `[default]` of ~/.aws/config has credentials, which every SDK takes first.
    """
    default = awsconfig.read(aws_config_file, Path(os.devnull)).profiles.get(DEFAULT_PROFILE)
    if default is not None and default.kind is not Kind.NOTHING:
        raise UsageError(
            f"[default] in {aws_config_file}, line {default.line}, has {default.kind.value} settings, which AWS tools "
            "take before an endpoint.",
            f"Run `traycreds import --live {role}`, and the program with AWS_PROFILE={role}-live.",
        )
