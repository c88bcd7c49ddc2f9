"""Reads what a run begins with: places, AWS's files, our configuration; and makes the first state of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from traycreds.adapters import awsconfig, config, places
from traycreds.adapters.choices import Choices
from traycreds.adapters.places import Places
from traycreds.app.options import Options as Options  # noqa: PLC0414 - part of this module's face
from traycreds.core import facts
from traycreds.core.messages import ConfigChanged
from traycreds.core.model import State
from traycreds.engine.ports import Clock

if TYPE_CHECKING:
    from traycreds.adapters.credfile import CredentialsFile


def find_places(options: Options) -> Places:
    """Where everything lies for this process."""
    return places.locate(os.environ, options.config)


def read_config(where: Places) -> ConfigChanged:
    """The roles and settings, from our configuration or found in ~/.aws/config.

    Raises:
        ConfigError: with every problem found.
    """
    aws = awsconfig.read(where.aws_config_file, where.credentials_file)
    found = config.load(where, aws, named=True)
    return ConfigChanged(
        roles=found.roles, settings=found.settings, discovered=found.discovered, includes=found.includes
    )


def first_state(configured: ConfigChanged, choices: Choices | None = None) -> State:
    """The state before the credentials file has been read.

    Args:
        configured: the roles and settings.
        choices: what the user chose in the last run; None when that is not to count.
    """
    state = facts.apply(State(), configured)
    for event in choices.events(configured.roles) if choices else ():
        state = facts.apply(state, event)
    return state


def open_store(where: Places, clock: Clock) -> CredentialsFile:
    """The credentials file as a store; sessions expire by the given clock."""
    from traycreds.adapters.credfile import CredentialsFile  # noqa: PLC0415 - the icon does not need it

    return CredentialsFile(where.credentials_file, lock_dir=where.state_dir / "locks", now=clock.now)
