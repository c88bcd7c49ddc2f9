"""The demo's folder and its simulated AWS: faults by its clock, and nothing stays behind."""

from __future__ import annotations

import configparser
import os
import threading
import time
from datetime import datetime, timedelta, timezone

from traycreds.app.demo import sandbox
from traycreds.aws.sso.session import of_role
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.awsfiles import profiles
from traycreds.engine.clock import SystemClock
from traycreds.sim.faults import Fault
from traycreds.usecases import load


class JumpingClock:
    """A clock that a wait moves at once."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return 0.0

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()


class Over(threading.Event):
    """What is waited for: moves the clock by each wait."""

    def __init__(self, clock: JumpingClock, note) -> None:
        super().__init__()
        self.clock, self.note = clock, note

    def wait(self, timeout: float | None = None) -> bool:
        self.note()
        self.clock.at += timedelta(seconds=timeout or 0)
        return False


def test_faults_begin_and_end_by_the_minute():
    clock, seen = JumpingClock(), []
    with sandbox.opened(clock) as box:
        begun, world = clock.at, box.simulator.world

        def note() -> None:
            fault = box.simulator.faults.take("arn:aws:iam::123456789012:role/Staging")
            minute = (clock.at - begun) // timedelta(minutes=1)
            seen.append((minute, fault, world.key(box.contractor.access_key_id).active))

        box.cause_faults(Over(clock, note), clock)
        note()
        keys = configparser.ConfigParser()
        keys.read_string(box.paths.credentials_file.read_text())
    assert seen == [
        (0, None, True),
        (5, None, False),
        (15, Fault.UNAVAILABLE_503, False),
        (45, None, False),
        (85, None, False),
    ]
    assert world.key(keys["contractor"]["aws_access_key_id"]).active, "its owner put in the new one"
    assert keys["base"]["aws_access_key_id"] == box.base.access_key_id
    assert keys["contractor"]["aws_access_key_id"] != box.contractor.access_key_id


def test_an_end_ends_the_wait():
    over = threading.Event()
    over.set()
    clock = JumpingClock()
    with sandbox.opened(clock) as box:
        box.cause_faults(over, clock)
        assert box.simulator.world.key(box.contractor.access_key_id).active


def test_its_configuration_is_valid_and_keeps_mfa_sessions_out_of_the_keyring():
    with sandbox.opened(SystemClock()) as box:
        folder = box.folder
        config = load.read_config(box.paths)
        assert [role.name for role in config.roles] == ["dev", "staging", "prod", "admin", "audit"]
        assert config.settings.store == "memory"
        assert [role.name for role in config.roles if role.color] == ["prod"]
        assert [role.name for role in config.roles if role.mfa_serial] == ["admin"]
        device = box.simulator.world.device(box.device.serial)
        assert box.simulator.world.use_code(device, box.code(), at=time.time())
    assert not folder.exists()


def test_it_keeps_sign_ins_in_its_folder_and_calls_its_own_aws_alone(monkeypatch, tmp_path):
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    monkeypatch.setattr("os.environ", {**home, "AWS_PROFILE": "mine", "HTTPS_PROXY": "http://proxy"})
    monkeypatch.setattr(TokenFolder, "elsewhere", None)
    with sandbox.opened(SystemClock()) as box:
        box.point_aws_at()
        folder = TokenFolder.of_this_user()
        assert {box.folder} == {path.parents[2] for path in (folder.path("corp"), *folder.any_files)}
        assert box.folder in TokenFolder.of_aws_login().path("corp").parents
        folder.write("corp", {"accessToken": "x"})
        with folder.locked("corp"):
            assert list(box.paths.locks_dir.iterdir())
        named = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        assert named.pop("AWS_ENDPOINT_URL") == box.simulator.url
        assert named.pop("AWS_EC2_METADATA_DISABLED") == "true"
        assert all(value.startswith(str(box.folder)) for value in named.values())
        assert "HTTPS_PROXY" not in os.environ


def test_its_role_of_identity_center_signs_in_as_the_app_would():
    with sandbox.opened(SystemClock()) as box:
        aws = profiles.read_at(box.paths)
        session = of_role(next(role for role in load.read_config(box.paths).roles if role.name == "audit"), aws)
        assert (session.label, session.name) == ("corp", None), "one without a name signs in by device code"
        (assigned,) = box.simulator._services[0].portal.assigned("alice")
    settings = aws.profiles["corp"].settings
    assert assigned == (settings["sso_account_id"], settings["sso_role_name"])
