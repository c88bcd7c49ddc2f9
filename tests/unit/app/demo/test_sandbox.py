"""The demo's folder and its simulated AWS: faults by its clock, and nothing stays behind."""

from __future__ import annotations

import configparser
import threading
import time
from datetime import datetime, timedelta, timezone

from traycreds.app.demo import sandbox
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
        assert [role.name for role in config.roles] == ["dev", "staging", "prod", "admin"]
        assert config.settings.store == "memory"
        assert [role.name for role in config.roles if role.color] == ["prod"]
        assert [role.name for role in config.roles if role.mfa_serial] == ["admin"]
        device = box.simulator.world.device(box.device.serial)
        assert box.simulator.world.use_code(device, box.code(), at=time.time())
    assert not folder.exists()
