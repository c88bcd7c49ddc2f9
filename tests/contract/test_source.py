"""The contract of the credential source, for StsSource over HTTP and for the fake."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

pytest.register_assert_rewrite("tests.contract.source_contract")

from tests.contract.source_contract import *
from tests.support.builders import NOW, a_role
from tests.support.fakes.source import ScriptedSource
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError
from traycreds.sim import Fault, Simulator


class ScriptedWorld:
    def __init__(self):
        self.source = ScriptedSource()

    def role(self, name, **changes):
        return a_role(name, **changes)

    def refuse(self, role):
        self.source.fail(IssueError(FailureKind.DENIED, f"AWS refused role {role.name}.", "Ask for it."), role.name)

    def heal(self):
        self.source.heal()

    def now(self):
        return NOW


class HttpWorld:
    def __init__(self, sim, home):
        self._sim = sim
        self._user = sim.world.add_user("base")
        folder = home / ".aws"
        folder.mkdir()
        (folder / "credentials").write_text(
            f"[base]\naws_access_key_id = {self._user.access_key_id}\n"
            f"aws_secret_access_key = {self._user.secret_access_key}\n"
        )
        self.source = StsSource()

    def role(self, name, **changes):
        role = self._sim.world.add_role(f"arn:aws:iam::123456789012:role/{name}", trust=[self._user.principal.arn])
        return a_role(name, arn=role.arn, **changes)

    def refuse(self, role):
        self._sim.faults.set(Fault.DENIED, role=role.arn)

    def heal(self):
        self._sim.faults.clear()

    def now(self):
        return datetime.now(timezone.utc)


@pytest.fixture(params=["scripted", "http"])
def world(request, home, monkeypatch):
    if request.param == "scripted":
        yield ScriptedWorld()
        return
    with Simulator() as sim:
        monkeypatch.setenv("AWS_ENDPOINT_URL", sim.url)
        yield HttpWorld(sim, home)
