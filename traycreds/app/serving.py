"""Runs a program beside an endpoint from which its SDK gets a role's session, a new one whenever the old one ends.

Owns the order of steps. The endpoint lives as long as the program; what the program starts and leaves behind loses it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from traycreds.adapters import awsconfig, places, sessionfile
from traycreds.adapters.awsconfig import Kind
from traycreds.adapters.endpoint import Endpoint
from traycreds.app import live, shells
from traycreds.app.options import Options
from traycreds.app.supply import Supply
from traycreds.core.errors import UsageError
from traycreds.core.model import DEFAULT_PROFILE

_NOTE = """\
# Empty on purpose. This program was started by: traycreds exec {role} --server
# AWS tools take a [default] profile before the endpoint that gives them the session of {role}.
"""


def run(options: Options, name: str, start: Callable[[Mapping[str, str]], int]) -> int:
    """Run a program with the role's session at an endpoint.

    Args:
        options: what stands before the command.
        name: of the role.
        start: runs the program to its end in the given environment; returns its exit code, which is returned here.

    Raises:
        ConfigError, UsageError: there is no such role, or something of ~/.aws/config would win over the endpoint.
        TraycredsError: there is no session, and why.
    """
    where = places.locate(os.environ, options.config)
    _check_default(where.aws_config_file, name)
    first = live.for_use(options, name)
    role = first.role
    account = {} if role.account_id is None else {"AccountId": role.account_id}
    supply = Supply(
        first,
        renew=lambda: live.session(options, name),
        on_file=lambda one: sessionfile.session_of(one.role, where.credentials_file),
        enough=live.lasts,
    )

    def answer() -> dict[str, str]:
        return {**live.as_json(supply.credentials(), token="Token"), **account}  # noqa: S106 - a key's name

    with tempfile.TemporaryDirectory(prefix="traycreds-") as folder, supply, Endpoint(answer) as endpoint:
        hidden = Path(folder) / shells.HIDDEN
        hidden.write_text(_NOTE.format(role=role.name), encoding="utf-8")
        return start(
            shells.served_environment(
                role, os.environ, url=endpoint.url, token=endpoint.token, credentials_file=str(hidden)
            )
        )


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
