"""An MFA device and what becomes of its codes."""

from __future__ import annotations

from datetime import timedelta

from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.core.model import Settings
from traycreds.sim import totp

QUICK = {"connect_timeout": 0.3, "read_timeout": 0.3}


HOUR = timedelta(hours=1)


class LastingSecretStore:
    """A store that lives on when the sessions' object is gone."""

    def __init__(self):
        self.texts = {}

    def load(self, name):
        return self.texts.get(name)

    def save(self, name, text):
        self.texts[name] = text
        return True

    def delete(self, name):
        self.texts.pop(name, None)


class Phone:
    """The device's codes at moments that the test brings on, for AWS and for us; also as a program that prints them."""

    def __init__(self, device):
        self.device, self.now, self.runs = device, 1_800_000_010.0, 0

    def code(self):
        return totp.code(self.device.secret, self.now)

    def run(self, _command):
        self.runs += 1
        return self.code()

    def sessions(self, secret_store=None, *, process=True, **changes):
        settings = Settings(mfa_process="print-code" if process else None, **changes)
        return MfaSessions(secret_store, settings=settings, monotonic=lambda: self.now, wall=lambda: self.now)


def sent(aws):
    """Codes and durations as they were sent."""
    calls = [call.parameters for call in aws.sim.calls if "TokenCode" in call.parameters]
    return [(each["TokenCode"], each.get("DurationSeconds")) for each in calls]
