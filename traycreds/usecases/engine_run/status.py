"""The state of the roles without a running app: from the configuration and the credentials file."""

from __future__ import annotations

from traycreds.awsfiles import credentials_file
from traycreds.core.events import FileChangedOutside
from traycreds.core.snapshot import Snapshot
from traycreds.core.value_class import replace
from traycreds.engine.clock import SystemClock
from traycreds.lifecycle import apply, presentation
from traycreds.state import choices
from traycreds.usecases import load
from traycreds.usecases.options import Options


def from_files(options: Options) -> Snapshot:
    """What the files say now; nothing is renewed. Raises ConfigError, CredentialsFileError."""
    paths = load.find_paths(options)
    state = load.first_state(load.read_config(paths), choices.load(paths.state_dir).regions_alone())
    clock = SystemClock()
    now = clock.now()
    state = apply.apply(state, FileChangedOutside(credentials_file.open_at(paths, clock).read(), now))
    # Nothing is renewed here, but it was not the user who paused it.
    return replace(presentation.snapshot(now, replace(state, paused=True)), paused=False)
