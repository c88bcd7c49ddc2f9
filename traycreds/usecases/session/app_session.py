"""The session of a role that the running app keeps: the app says where it is, the file has the secret.

Spares a command the configuration, which takes most of its time. In doubt, `file_session` decides.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from traycreds.awsfiles import session_on_file
from traycreds.control import client
from traycreds.control.protocol import SOCKET, Request
from traycreds.core.errors import TraycredsError
from traycreds.core.model import Role
from traycreds.state import paths
from traycreds.usecases.options import Options
from traycreds.usecases.session.role_session import RoleSession

_PATIENCE = 0.5
"""Seconds for the app to answer; the files can be asked in its place."""


def for_program(options: Options, name: str) -> RoleSession:
    """A session for an SDK; see `file_session.session`."""
    found = _of_app(options, name, attended=False)
    if found is None:
        from traycreds.usecases.session import file_session

        found = file_session.session(options, name, attended=False)
    return found


def for_use(options: Options, name: str) -> RoleSession:
    """A session that the user is about to use, which the app remembers; see `file_session.for_use`."""
    found = _of_app(options, name, attended=True)
    if found is None:
        from traycreds.usecases.session import file_session

        found = file_session.used(options, name)
    return found


def _of_app(options: Options, name: str, *, attended: bool) -> RoleSession | None:
    """The session that lasts long enough, if an app with the same files knows the role and it is on file."""
    folder = paths.session_dir(os.environ)
    if folder is None or not (folder / SOCKET).exists():
        return None
    places = paths.places(os.environ, options.config)
    request = Request(id=str(os.getpid()), do="session", roles=(name,), attended=attended, places=places)
    try:
        known = client.ask(folder, request, seconds=_PATIENCE).get("session")
    except client.SilentError as error:
        # So that the rest of this command does not wait for the app again.
        client.silent_apps.append(error)
        return None
    except TraycredsError:
        # The app is another version, or has to read its files again, so the files decide.
        return None
    return _on_file(known) if isinstance(known, dict) else None


def _on_file(known: Mapping[str, Any]) -> RoleSession | None:
    enough: object = known.get("enough")
    more = {key: known[key] for key in _TEXTS if known.get(key) is not None}
    if not (isinstance(enough, (int, float)) and {"name", "profile"} <= more.keys()):
        return None
    if not all(isinstance(value, str) for value in more.values()):
        return None
    role = Role(**more)
    credentials = session_on_file.session_of(role, paths.credentials_file(os.environ))
    if credentials is None or credentials.expires_at - datetime.now(timezone.utc) <= timedelta(seconds=enough):
        return None
    return RoleSession(role=role, credentials=credentials)


_TEXTS = ("name", "profile", "arn", "permission_set", "from_profile", "mfa_serial", "region")
"""The app's answer about the role."""
