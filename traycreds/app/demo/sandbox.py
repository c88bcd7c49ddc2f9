"""What the demo runs in: a folder, simulated AWS users and roles, and faults on its clock.

Never touches ~/.aws, the user's configuration or a network beyond loopback.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from traycreds.app.demo import console
from traycreds.aws.console import ENDPOINT
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.core.ports import Clock
from traycreds.core.value_class import value_class
from traycreds.files import private_files
from traycreds.sim import totp
from traycreds.sim.device_authorization import DeviceAuthorization
from traycreds.sim.faults import Fault
from traycreds.sim.identity_center import IdentityCenter
from traycreds.sim.portal import SsoPortal
from traycreds.sim.simulator import Service, Simulator, real_now
from traycreds.sim.world import Key, MfaDevice, World
from traycreds.state.paths import Paths

_ACCOUNT = "123456789012"
_ARN = f"arn:aws:iam::{_ACCOUNT}:role/"

_CONFIG = """\
[settings]
store = "memory"

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

[roles.admin]
role_arn = "arn:aws:iam::123456789012:role/Admin"
source_profile = "base"
mfa_serial = "{serial}"
duration = "1h"

[roles.audit]
from_profile = "corp"
"""
"""MFA sessions stay in memory, as the user's keyring is outside the sandbox."""

_AWS_CONFIG = """\
[default]
region = us-east-1

[profile corp]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = Audit
"""
"""A profile with its own start URL signs in by device code, which works without a browser, too."""

_CREDENTIALS = """\
# Your own lines stay as they are, comments included.
[base]
aws_access_key_id = {base.access_key_id}
aws_secret_access_key = {base.secret_access_key}

[contractor]
aws_access_key_id = {contractor.access_key_id}
aws_secret_access_key = {contractor.secret_access_key}
"""


@value_class
class Sandbox:
    """A folder that holds all that the demo reads and writes, and what it is in AWS."""

    folder: Path
    simulator: Simulator
    base: Key
    contractor: Key
    device: MfaDevice

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

    def code(self) -> str:
        """What the simulated MFA device shows now."""
        return totp.code(self.device.secret, time.time())

    def fill(self) -> None:
        """Write configuration and source profiles."""
        paths = self.paths
        private_files.make_folder(paths.credentials_file.parent)
        private_files.write(paths.config_file, _CONFIG.format(serial=self.device.serial).encode())
        private_files.write(paths.aws_config_file, _AWS_CONFIG.encode())
        text = _CREDENTIALS.format(base=self.base, contractor=self.contractor)
        private_files.write(paths.credentials_file, text.encode())

    def point_aws_at(self) -> None:
        """Have this process find AWS here and nowhere else."""
        for name in [name for name in os.environ if name.startswith("AWS_") or name.upper().endswith("_PROXY")]:
            del os.environ[name]
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(self.paths.credentials_file)
        os.environ["AWS_CONFIG_FILE"] = str(self.paths.aws_config_file)
        os.environ["AWS_ENDPOINT_URL"] = self.simulator.url
        os.environ[ENDPOINT] = self.simulator.url + console.PATH
        os.environ["AWS_LOGIN_CACHE_DIRECTORY"] = str(self.folder / "aws" / "login")
        TokenFolder.elsewhere = self.folder / "aws" / "sso", self.paths.locks_dir
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

    def cause_faults(self, over: threading.Event, clock: Clock) -> None:
        """Cause each fault and end it, in minutes from now on the demo's clock; blocks until the last, or `over`."""
        world, faults, staging = self.simulator.world, self.simulator.faults, _ARN + "Staging"
        scheduled: tuple[tuple[int, Callable[[], object]], ...] = (
            (5, lambda: world.deactivate(self.contractor.access_key_id)),
            (15, lambda: faults.set(Fault.UNAVAILABLE_503, role=staging)),
            (45, lambda: faults.clear(role=staging)),
            (85, lambda: self._renew(world.add_key(self.contractor))),
        )
        begun = clock.now()
        for minute, act in scheduled:
            wait = begun + timedelta(minutes=minute) - clock.now()
            if over.wait(max(0.0, clock.real_seconds(wait))):
                return
            act()

    def _renew(self, new: Key) -> None:
        """Put a new key in place of the contractor's, as its owner would in an editor, leaving all else as it is."""
        path, old = self.paths.credentials_file, self.contractor
        text = path.read_text(encoding="utf-8")
        text = text.replace(old.access_key_id, new.access_key_id).replace(old.secret_access_key, new.secret_access_key)
        private_files.write(path, text.encode())


@contextlib.contextmanager
def opened(clock: Clock) -> Iterator[Sandbox]:
    """Make it, with its simulator running; it is gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="traycreds-demo-"))
    try:
        world = World()
        # Sign-ins end by real time, as the app takes their length.
        portal = SsoPortal(world, clock.now, real_now)
        sign_ins = DeviceAuthorization(portal, real_now)
        portal.assign(sign_ins.visitor, [(_ACCOUNT, "Audit")])
        services: list[Service] = [IdentityCenter(portal, sign_ins), console.DemoConsole(world)]
        with Simulator(clock=clock.now, world=world, services=services) as simulator:
            base, contractor = (world.add_user(name) for name in ("base", "contractor"))
            for role, owner in (("Dev", base), ("Staging", base), ("Prod", contractor), ("Admin", base)):
                world.add_role(_ARN + role, trust=[owner.principal.arn], requires_mfa=role == "Admin")
            sandbox = Sandbox(folder, simulator, base, contractor, world.add_mfa_device(base))
            sandbox.fill()
            yield sandbox
    finally:
        shutil.rmtree(folder, ignore_errors=True)
