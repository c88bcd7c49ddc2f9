"""Tells how the roles stand when no app runs: from the configuration and the credentials file alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from traycreds.adapters import choices
from traycreds.adapters.clock import SystemClock
from traycreds.app import setup
from traycreds.app.setup import Options
from traycreds.core import facts, views
from traycreds.core.messages import FileChangedOutside
from traycreds.core.shown import RoleView, Snapshot


def from_files(options: Options) -> Snapshot:
    """What the files say now; nobody renews anything, so nothing is about to be.

    Raises:
        ConfigError, CredentialsFileError: one of them cannot be read.
    """
    where = setup.find_places(options)
    state = setup.first_state(setup.read_config(where), choices.load(where.state_dir).regions_alone())
    clock = SystemClock()
    now = clock.now()
    state = facts.apply(state, FileChangedOutside(setup.open_store(where, clock).read(), now))
    return replace(views.snapshot(now, replace(state, paused=True)), paused=False)  # by nobody's word


def as_json(snapshot: Snapshot, now: datetime | None = None) -> dict[str, Any]:
    """The snapshot in the form that scripts rely on; holds no secret."""
    return of_roles(snapshot.roles, now)


def of_roles(views: Iterable[RoleView], now: datetime | None = None) -> dict[str, Any]:
    """The same of some roles."""
    moment = now or datetime.now(timezone.utc)
    return {"roles": [_role(view, moment) for view in views]}


def _role(view: RoleView, now: datetime) -> dict[str, Any]:
    left = None if view.expires_at is None else max(0, int((view.expires_at - now).total_seconds()))
    return {
        "name": view.name,
        "profile": view.profile,
        "state": view.status.value,
        "expires_at": None if view.expires_at is None else view.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds_left": left,
        "is_default": view.is_default,
        "kept": view.kept,
        "region": view.region,
        "error": view.error,
    }
