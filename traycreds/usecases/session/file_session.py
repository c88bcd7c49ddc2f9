"""A role's session with time left, for commands that pass it on: from the file, else by a refresh.

One of the processes that want it refreshes, through the running app if any; the others wait. SDKs may call this often,
so a session on file must not cost the imports of a refresh.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone

from traycreds.awsfiles import session_on_file
from traycreds.config import loaded_files
from traycreds.control.client import AppError, SilentError
from traycreds.core.errors import FailureKind, IssueError, NotRunningError, TraycredsError
from traycreds.core.lookup import known_roles
from traycreds.core.model import Role, RoleName, Settings
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy
from traycreds.state import choices, single_flight
from traycreds.state.paths import locate
from traycreds.usecases import running_app
from traycreds.usecases.options import Options
from traycreds.usecases.result import Result
from traycreds.usecases.session.role_session import RoleSession

_NOT_KNOWN, _NOT_AT_HAND = 2, 5
"""Exit codes of an app that cannot help: it has another configuration, or too much to do."""


def configured_role(options: Options, name: str) -> tuple[Role, Settings]:
    """A role as it is configured, and the settings. Raises ConfigError, UsageError: no such role."""
    configured = loaded_files.load(locate(os.environ, options.config), named=True).config
    (known,) = known_roles((name,), (role.name for role in configured.roles))
    return next(role for role in configured.roles if role.name == known), configured.settings


def session(options: Options, name: str, *, attended: bool = True) -> RoleSession:
    """A session of the role that lasts long enough, refreshed if needed; if that fails, one that is about to expire.

    Raises ConfigError, UsageError: no such role. Raises TraycredsError: no session. Unattended, no dialog opens.
    """
    paths = locate(os.environ, options.config)
    role, settings = configured_role(options, name)

    def found(at_least: timedelta) -> RoleSession | None:
        credentials = session_on_file.session_of(role, paths.credentials_file)
        if credentials is None or credentials.expires_at - datetime.now(timezone.utc) <= at_least:
            return None
        return RoleSession(role=role, credentials=credentials, settings=settings)

    enough = policy.enough(role)
    live = found(enough)
    if live is not None:
        return live
    try:
        with single_flight.alone_at(role.name, paths.state_dir):
            if found(enough) is None:
                _refresh(options, role.name, attended=attended, good=found(timedelta(0)) is not None)
    except TraycredsError:
        live = found(timedelta(0))
        if live is None:
            raise
        return live
    live = found(timedelta(0))
    if live is None:
        sentence = f"The session of {role.name} is not in {paths.credentials_file} although it was written."
        raise IssueError(FailureKind.FILE, sentence, "Find out which program removes it.")
    return live


def for_use(options: Options, name: str) -> RoleSession:
    """A session to use: the same, with the role's chosen region; see `session`."""
    found = session(options, name)
    region = choices.load(locate(os.environ, options.config).state_dir).region_of(found.role)
    return found if region is None else replace(found, role=replace(found.role, region=region))


def used(options: Options, name: str) -> RoleSession:
    """The same, and the running app, if any, remembers that the role was used."""
    found = for_use(options, name)
    running_app.note_use(found.role.name)
    return found


def lasts(found: RoleSession) -> bool:
    """Whether a session lasts so long that `session` would not refresh it."""
    return found.credentials.expires_at - datetime.now(timezone.utc) > policy.enough(found.role)


def _refresh(options: Options, name: RoleName, *, attended: bool, good: bool) -> None:
    """Refresh through the running app, else in this process. Raises TraycredsError.

    `good`: the present session will do, so a silent app is reason enough to stop.
    """
    try:
        result = running_app.refresh((name,), attended=attended)
    except (NotRunningError, AppError) as error:
        if error.exit_code not in {_NOT_KNOWN, _NOT_AT_HAND} or (good and isinstance(error, SilentError)):
            raise
        from traycreds.usecases.engine_run import refresh

        result = refresh.refresh(options, (name,))
    _check(result, name)


def _check(result: Result, name: RoleName) -> None:
    if result.outcome.trouble is not None:
        error = TraycredsError(*result.outcome.trouble)
        error.exit_code = result.exit_code
        raise error
    for view in result.views:
        if view.name == name and view.error is not None:
            error = TraycredsError(f"{name}: {view.error}", view.hint or "")
            error.exit_code = result.exit_code_of(view)
            raise error
