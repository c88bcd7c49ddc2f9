"""Reads what a run starts with (paths, AWS's files, our configuration) and makes the first state."""

from __future__ import annotations

import os

from traycreds.config import loaded_files
from traycreds.core.engine_state import Choices, State
from traycreds.core.events import ConfigChanged
from traycreds.lifecycle import apply
from traycreds.lifecycle.follow_ups.choices import events
from traycreds.state import paths
from traycreds.state.paths import Paths
from traycreds.usecases.options import Options


def find_paths(options: Options) -> Paths:
    """The paths of this process."""
    return paths.locate(os.environ, options.config)


def read_config(paths: Paths) -> ConfigChanged:
    """The roles and settings of our configuration, or found in ~/.aws/config. Raises ConfigError."""
    found = loaded_files.load(paths, named=True).config
    return ConfigChanged(
        roles=found.roles, settings=found.settings, discovered=found.discovered, includes=found.includes
    )


def first_state(configured: ConfigChanged, choices: Choices | None = None) -> State:
    """The state before the credentials file has been read; `choices` are last run's, None to ignore them."""
    state = apply.apply(State(), configured)
    for event in events(choices, configured.roles) if choices else ():
        state = apply.apply(state, event)
    return state
