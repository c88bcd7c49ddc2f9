"""Reads what a run starts with (paths, AWS's files, our configuration) and makes the first state."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from traycreds.config import loaded_files
from traycreds.core.engine_state import Choices, State
from traycreds.core.errors import CredentialsFileError
from traycreds.core.events import ConfigChanged, Event, FileMissing
from traycreds.core.ports import Clock
from traycreds.lifecycle import apply
from traycreds.lifecycle.follow_ups.choices import events
from traycreds.state import paths
from traycreds.state.paths import Paths
from traycreds.usecases.options import Options

if TYPE_CHECKING:
    from traycreds.awsfiles.credentials_file import CredentialsFile


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


def open_store(
    paths: Paths, clock: Clock, *, keep_longer: bool = True, post: Callable[[Event], None] = lambda _: None
) -> CredentialsFile:
    """The credentials file as a store; sessions expire by the given clock, and longer ones stay if they are to.

    `post` takes what happens while a read or a write waits.
    """
    from traycreds.awsfiles.credentials_file import CredentialsFile

    config = paths.aws_config_file
    return CredentialsFile(
        paths.credentials_file,
        lock_dir=paths.locks_dir,
        aws_config=config,
        keep_longer=keep_longer,
        now=clock.now,
        missing=lambda note: post(FileMissing(note)),
    )


def finish(store: CredentialsFile, **how: float) -> None:
    """End the work on the credentials file, on which everything is by now; see `CredentialsFile.finish`."""
    with contextlib.suppress(CredentialsFileError):  # of a program that wrote late, which is in the log
        store.finish(**how)
