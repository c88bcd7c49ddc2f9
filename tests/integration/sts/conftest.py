"""A simulator with a user `base`, a role `dev` that trusts it, and AWS files that know the user."""

from __future__ import annotations

import textwrap
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.integration.sts.mfa import HOUR, Phone
from tests.support.builders import a_role
from tests.support.sim import AwsSimulator
from traycreds.aws.mfa import code_program
from traycreds.aws.sts import StsSource
from traycreds.core.errors import IssueError
from traycreds.sim import sts, totp
from traycreds.sim.world import Key, SimRole

ARN = "arn:aws:iam::222233334444:role"


@dataclass
class Aws:
    """The simulated AWS and the two files of this test's home."""

    sim: AwsSimulator
    user: Key
    role: SimRole
    folder: Path
    ahead: timedelta = timedelta(0)
    """How far AWS's clock is ahead of this machine's, for the ends of sessions."""

    def config(self, text: str) -> None:
        (self.folder / "config").write_text(textwrap.dedent(text))

    def credentials(self, text: str) -> None:
        (self.folder / "credentials").write_text(textwrap.dedent(text))

    def keys(self, name: str, key: Key) -> str:
        lines = [
            f"[{name}]",
            f"aws_access_key_id = {key.access_key_id}",
            f"aws_secret_access_key = {key.secret_access_key}",
        ]
        if key.session_token:
            lines.append(f"aws_session_token = {key.session_token}")
        return "\n".join(lines) + "\n"

    def add_role(self, name: str, *, trust=None, **options) -> SimRole:
        return self.sim.world.add_role(f"{ARN}/{name}", trust=trust or [self.user.principal.arn], **options)

    def actions(self) -> list[str]:
        return [call.action for call in self.sim.calls]


@pytest.fixture
def aws(home, monkeypatch):
    with AwsSimulator(clock=lambda: datetime.now(timezone.utc) + aws.ahead) as sim:
        monkeypatch.setenv("AWS_ENDPOINT_URL", sim.url)
        folder = home / ".aws"
        folder.mkdir()
        user = sim.world.add_user("base")
        role = sim.world.add_role(f"{ARN}/dev", trust=[user.principal.arn])
        aws = Aws(sim, user, role, folder)
        aws.credentials(aws.keys("base", user))
        yield aws


@pytest.fixture
def source():
    return StsSource(connect_timeout=2, read_timeout=2)


@pytest.fixture
def dev(aws):
    return a_role("dev", arn=aws.role.arn)


def failure(source: StsSource, role) -> IssueError:
    """The error that issuing ends in, checked for what all errors must be."""
    with pytest.raises(IssueError) as caught:
        source.issue(role)
    error = caught.value
    assert error.sentence.endswith((".", "…")), error.sentence
    assert error.hint.strip()
    assert "{" not in error.sentence + error.hint
    return error


@pytest.fixture
def device(aws):
    return aws.sim.world.add_mfa_device(aws.user)


def strong(aws, device, name="strong", **changes):
    aws.add_role(name, requires_mfa=True, max_session=43200)
    return a_role(name, arn=f"{ARN}/{name}", mfa_serial=device.serial, **changes)


def code(device, periods=0):
    """The current code, or that of some periods from now (AWS takes one early or late)."""
    return totp.code(device.secret, time.time() + 30 * periods)


def ours(aws):
    """A clock that goes with AWS's."""
    return lambda: datetime.now(timezone.utc) + aws.ahead


@pytest.fixture
def phone(device, monkeypatch):
    phone = Phone(device)
    monkeypatch.setattr(sts, "time", SimpleNamespace(time=lambda: phone.now))
    monkeypatch.setattr(code_program, "run", phone.run)
    return phone


def temporary(aws):
    """Let the source be one that can have no MFA session."""
    session = aws.sim.world.open_session(aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
    aws.credentials(aws.keys("base", session))
