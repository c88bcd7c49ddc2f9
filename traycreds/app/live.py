"""A session of a role that has time left, for the commands that hand it on: from the file, else by a refresh.

Of all processes that want the same one refreshes, by the running app if there is one, and the others wait for it.
Secrets come from the credentials file only. An SDK may call for this often, so that a session that is on file must not
cost the import of what only a refresh needs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from traycreds.adapters import awsconfig, config, places, sessionfile
from traycreds.app import rolenames
from traycreds.app.options import Options
from traycreds.app.outcome import Result, exit_code
from traycreds.core import policy
from traycreds.core.errors import FailureKind, IssueError, NotRunningError, TraycredsError
from traycreds.core.model import Credentials, Role, RoleName, Settings

_ENOUGH = timedelta(minutes=15)
"""What a session must have left: botocore asks a credential process again within the last 15 minutes, others later."""
_NOT_KNOWN, _NOT_AT_HAND = 2, 5
"""Exit codes of an app that cannot help: it has another configuration, or too much to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A role with a session of it, and the settings it was found with."""

    role: Role
    credentials: Credentials
    settings: Settings = field(default_factory=Settings)


def session(options: Options, name: str, *, attended: bool = True) -> Live:
    """A session of the role that lasts long enough, refreshed if need be.

    Where it cannot be refreshed, one that is about to end is better than none.

    Args:
        options: of the program.
        name: of the role.
        attended: the user waits for it; where a program does, no dialog of the running app opens.

    Raises:
        ConfigError, UsageError: there is no such role.
        TraycredsError: there is no session, and why.
    """
    where = places.locate(os.environ, options.config)
    configured = config.load(where, awsconfig.read(where.aws_config_file, where.credentials_file), named=True)
    (known,) = rolenames.known((name,), (role.name for role in configured.roles))
    role = next(role for role in configured.roles if role.name == known)

    def found(at_least: timedelta) -> Live | None:
        credentials = sessionfile.session_of(role, where.credentials_file)
        if credentials is None or credentials.expires_at - datetime.now(timezone.utc) <= at_least:
            return None
        return Live(role=role, credentials=credentials, settings=configured.settings)

    enough = _enough(role)
    live = found(enough)
    if live is not None:
        return live
    from traycreds.adapters import singleflight  # noqa: PLC0415 - see above

    try:
        with singleflight.alone_at(role.name, where.state_dir):
            if found(enough) is None:
                _refresh(options, role.name, attended=attended)
    except TraycredsError:
        live = found(timedelta(0))
        if live is None:
            raise
        return live
    live = found(timedelta(0))
    if live is None:
        sentence = f"The session of {role.name} is not in {where.credentials_file} though it was written."
        raise IssueError(FailureKind.FILE, sentence, "Find out which program removes it.")
    return live


def for_use(options: Options, name: str) -> Live:
    """A session for whoever uses it: the same, with the role in the region that was chosen for it; see `session`."""
    found = session(options, name)
    from traycreds.adapters import choices  # noqa: PLC0415 - `creds` needs none

    region = choices.load(places.locate(os.environ, options.config).state_dir).region_of(found.role)
    return found if region is None else replace(found, role=replace(found.role, region=region))


def lasts(live: Live) -> bool:
    """Whether a session lasts so long that `session` would not refresh it."""
    return live.credentials.expires_at - datetime.now(timezone.utc) > _enough(live.role)


def as_json(credentials: Credentials, *, token: str) -> dict[str, str]:
    """Credentials as SDKs take them from a process or an endpoint, which call the session token differently."""
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        token: credentials.session_token,
        "Expiration": credentials.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _enough(role: Role) -> timedelta:
    return min(_ENOUGH, policy.margin(role.duration or policy.DEFAULT_LIFETIME))


def _refresh(options: Options, name: RoleName, *, attended: bool) -> None:
    """Refresh by the running app, else by this process.

    Raises:
        TraycredsError: it failed.
    """
    from traycreds.adapters.controlclient import AppError  # noqa: PLC0415 - see above
    from traycreds.app import remote  # noqa: PLC0415

    try:
        result = remote.refresh((name,), attended=attended)
    except (NotRunningError, AppError) as error:
        if error.exit_code not in {_NOT_KNOWN, _NOT_AT_HAND}:
            raise
        from traycreds.app import once  # noqa: PLC0415 - the engine, which a running app spares us

        result = once.refresh(options, (name,))
    _check(result, name)


def _check(result: Result, name: RoleName) -> None:
    """Raise what a refresh came to, if it failed."""
    if result.trouble is not None:
        error = TraycredsError(*result.trouble)
        error.exit_code = result.exit_code
        raise error
    for view in result.views:
        if view.name == name and view.error is not None:
            error = TraycredsError(f"{name}: {view.error}", view.hint or "")
            error.exit_code = exit_code(view)
            raise error
