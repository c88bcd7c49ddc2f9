"""The demo: the real app in a sandbox folder against the built-in STS simulator, on a fast clock.

Never touches ~/.aws, the user's configuration or a network beyond loopback.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from traycreds.app.application import Application, Frontend
from traycreds.core.events import RoleChosen
from traycreds.core.model import RoleName
from traycreds.core.ui_commands import UiCommand
from traycreds.core.value_class import value_class
from traycreds.engine.clock import FastClock
from traycreds.files import private_files
from traycreds.sim.faults import Fault
from traycreds.sim.simulator import Simulator
from traycreds.sim.world import Key
from traycreds.state.paths import Paths

SPEED = 60.0
"""Demo seconds in a real second: a minute of the demo takes a second."""

_NOT_HERE = frozenset({UiCommand.START_AT_LOGIN, UiCommand.NOT_AT_LOGIN})
"""Actions that would change something outside the sandbox."""
_ACCOUNT = "123456789012"
_ARN = f"arn:aws:iam::{_ACCOUNT}:role/"

_CONFIG = """\
[roles.dev]
role_arn = "arn:aws:iam::123456789012:role/Dev"
source_profile = "base"
duration = "15m"
keep = true

[roles.staging]
role_arn = "arn:aws:iam::123456789012:role/Staging"
source_profile = "base"
duration = "15m"
keep = true

[roles.prod]
role_arn = "arn:aws:iam::123456789012:role/Prod"
source_profile = "contractor"
duration = "1h"
keep = true
"""

_CREDENTIALS = """\
# Your own lines stay as they are, comments included.
[base]
aws_access_key_id = {base.access_key_id}
aws_secret_access_key = {base.secret_access_key}

[contractor]
aws_access_key_id = {contractor.access_key_id}
aws_secret_access_key = {contractor.secret_access_key}
"""

STORY = """\
What you will see, at one demo minute per second:
  dev      is the default profile and keeps being refreshed
  staging  fails from minute 15 to 45 because STS is down, then recovers by itself
  prod     loses its source key at minute 5; a notice comes before its session expires. A new key at minute 85 fixes it
"""


@value_class
class _Sandbox:
    """A folder that holds all that the demo reads and writes."""

    folder: Path

    @property
    def paths(self) -> Paths:
        """Every place, within the folder."""
        return Paths(
            config_file=self.folder / "config.toml",
            state_dir=self.folder / "state",
            log_dir=self.folder / "log",
            runtime_dir=self.folder / "run",
            credentials_file=self.folder / "aws" / "credentials",
            aws_config_file=self.folder / "aws" / "config",
        )

    def fill(self, base: Key, contractor: Key) -> None:
        """Write configuration and source profiles."""
        paths = self.paths
        private_files.make_folder(paths.credentials_file.parent)
        private_files.write(paths.config_file, _CONFIG.encode())
        private_files.write(paths.aws_config_file, b"[default]\nregion = us-east-1\n")
        self.write_keys(base, contractor)

    def write_keys(self, base: Key, contractor: Key) -> None:
        """Write the source profiles, as their owner would."""
        path = self.paths.credentials_file
        private_files.write(path, _CREDENTIALS.format(base=base, contractor=contractor).encode())


def run(frontend: Frontend, *, speed: float = SPEED, verbose: bool = False) -> int:
    """Run the demo until the user ends it; return the exit code. `speed` is that of its clock."""
    clock = FastClock(speed)
    with contextlib.ExitStack() as resources:
        folder = resources.enter_context(_folder())
        simulator = resources.enter_context(Simulator(clock=clock.now))
        sandbox = _Sandbox(folder)
        base, contractor = (simulator.world.add_user(name) for name in ("base", "contractor"))
        for role, owner in (("Dev", base), ("Staging", base), ("Prod", contractor)):
            simulator.world.add_role(_ARN + role, trust=[owner.principal.arn])
        sandbox.fill(base, contractor)
        _point_aws_at(sandbox, simulator)
        frontend.print_line(
            f"Demo in {folder}, against a simulated STS at {simulator.url}. It does not touch your ~/.aws."
        )
        frontend.print_line(STORY)
        app = Application(sandbox.paths, clock, frontend, verbose=verbose, without=_NOT_HERE)
        app.take(RoleChosen(RoleName("dev")))
        over = threading.Event()
        story = threading.Thread(
            target=_play, args=(over, clock, simulator, sandbox, contractor), name="story", daemon=True
        )
        story.start()
        resources.callback(story.join, 1)
        resources.callback(over.set)
        return app.run(resources)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="traycreds-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _point_aws_at(sandbox: _Sandbox, simulator: Simulator) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_") or name.upper().endswith("_PROXY")]:
        del os.environ[name]
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(sandbox.paths.credentials_file)
    os.environ["AWS_CONFIG_FILE"] = str(sandbox.paths.aws_config_file)
    os.environ["AWS_ENDPOINT_URL_STS"] = simulator.url
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"


def _play(over: threading.Event, clock: FastClock, simulator: Simulator, sandbox: _Sandbox, contractor: Key) -> None:
    """Play the story; minutes are counted from the start, on the demo's clock."""
    begun = clock.now()

    def at(minute: int) -> bool:
        wait = begun + timedelta(minutes=minute) - clock.now()
        return not over.wait(max(0.0, clock.real_seconds(wait)))

    staging = _ARN + "Staging"
    if at(5):
        simulator.world.deactivate(contractor.access_key_id)
    if at(15):
        simulator.faults.set(Fault.UNAVAILABLE_503, role=staging)
    if at(45):
        simulator.faults.clear(role=staging)
    if at(85):
        _renew(sandbox, contractor, simulator.world.add_key(contractor))


def _renew(sandbox: _Sandbox, old: Key, new: Key) -> None:
    """Put a new key in place of the old one, as its owner would in an editor, leaving all else as it is."""
    path = sandbox.paths.credentials_file
    text = path.read_text(encoding="utf-8")
    text = text.replace(old.access_key_id, new.access_key_id).replace(old.secret_access_key, new.secret_access_key)
    private_files.write(path, text.encode())
