"""The home of a chaos run: roles behind sources of every kind, programs that do as they are bid, and the app."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from tests.chaos.answers import Answers
from tests.integration.faults.conftest import App, TimedSandbox
from tests.support.fakes.steered_clock import SteeredClock
from tests.support.sandbox import ACCOUNT
from tests.support.sim import AwsSimulator
from tests.support.sso_profiles import START
from traycreds.aws.sso.token_cache import key_of
from traycreds.core.text import rfc_3339
from traycreds.sim import totp

SSO = "sso"
"""The role whose source is a permission set of IAM Identity Center."""
PERMISSION_SET = "Admin"
ROLES = ("dev", "prod", "chained", "program", "mfa", SSO)
LINK = "link"
"""The role between the user and `chained`."""
AFFECTED_BY_LINK = ("chained",)
REAL = "1"
"""The share of the clock: its two faces move alike, and the harness says how fast."""

_PROGRAM = """\
#!/bin/sh
case "$(cat '{folder}/mode')" in
  hangs) exec sleep 123456 ;;
  fails) echo "could not resolve host" >&2; exit 1 ;;
  floods) exec yes xxx ;;
  leaves) sleep 77777 & ;;
  silent) exit 0 ;;
  odd) echo "not what you want"; exit 0 ;;
esac
cat '{folder}/printed'
"""
MODES = ("hangs", "fails", "floods", "leaves", "silent", "odd")
"""What a program may do instead of its work; `leaves` does it, and leaves a process behind."""
WORKS = ("works", "leaves")
HOOK_MODES = ("hangs", "fails", "silent")
"""Hooks may leave processes behind: there, that is what a user wants."""
LONG = timedelta(days=300)
"""How long a sign-in lasts: as nothing else, it ends when it is revoked."""


class Program:
    """A program that prints what it is given, unless it is bid to misbehave."""

    def __init__(self, folder: Path, printed: str) -> None:
        folder.mkdir()
        self._mode, self._printed = folder / "mode", folder / "printed"
        self.path = folder / "program"
        self.path.write_text(_PROGRAM.format(folder=folder))
        self.path.chmod(0o755)
        self.bid("works")
        self.print(printed)

    def bid(self, mode: str) -> None:
        self._mode.write_text(mode)

    def print(self, text: str) -> None:
        new = self._printed.with_suffix(".new")
        new.write_text(text)
        new.replace(self._printed)


class ChaosHome(TimedSandbox):
    """A sandbox whose configuration has a role for each kind of source.

    Attributes:
        answers: what the simulator answers.
        key_program: the credential_process of `program`.
        code_program: the mfa_process of `mfa`.
        hook: the program that runs after each refresh and failure.
        aws_config_lines: what the user has in ~/.aws/config.
        good_config: the configuration that counts.
    """

    def __init__(self, home: Path, simulator: AwsSimulator, clock: SteeredClock) -> None:
        super().__init__(home, simulator, clock)
        self.portal = simulator.portal
        self.answers = Answers(simulator, clock.now)
        world = simulator.world
        world.add_role(f"arn:aws:iam::{ACCOUNT}:role/{LINK}", trust=[self.owner.principal.arn])
        printed = {
            "Version": 1,
            "AccessKeyId": self.owner.access_key_id,
            "SecretAccessKey": self.owner.secret_access_key,
        }
        self.key_program = Program(home / "key-program", json.dumps(printed))
        self.device = world.add_mfa_device(self.owner)
        self._period = 0
        self.code_program = Program(home / "code-program", "")
        self.show_code()
        self.hook = Program(home / "hook", "")
        self._token = ""
        self.sign_in()
        self.aws_config.write_text(
            "[default]\nregion = us-east-1\n"
            f"[profile {LINK}]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/{LINK}\nsource_profile = base\n"
            f"[profile program]\ncredential_process = {self.key_program.path}\n"
            f"[sso-session corp]\nsso_start_url = {START}\nsso_region = eu-west-1\n"
            f"[profile signed-in]\nsso_session = corp\n"
            f"sso_account_id = {ACCOUNT}\nsso_role_name = {PERMISSION_SET}\n"
        )
        common = 'keep = true\nduration = "15m"\n'
        self.aws_config_lines = self.aws_config.read_text().splitlines()
        self.add_role("dev", extra=common)
        self.add_role("prod", extra=common + 'region = "eu-central-1"\n')
        arn = self.add_role("chained", extra=common, source=LINK)
        world.add_role(arn, trust=[f"arn:aws:iam::{ACCOUNT}:role/{LINK}"])
        self.add_role("program", extra=common, source="program")
        mfa = f'mfa_serial = "{self.device.serial}"\nmfa_process = "{self.code_program.path}"\n'
        arn = self.add_role("mfa", extra=common + mfa)
        world.add_role(arn, trust=[self.owner.principal.arn], requires_mfa=True)
        arn = self.add_role(SSO, extra=common, source="signed-in")
        reserved = f"AWSReservedSSO_{PERMISSION_SET}_0123456789abcdef"
        world.add_role(arn, trust=[f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/{reserved}"])
        settings = f'on_refreshed = ["{self.hook.path}"]\non_failed = ["{self.hook.path}"]\n'
        self.good_config = f'[settings]\nstore = "memory"\nmfa_session = "4h"\n{settings}' + self.config.read_text()
        self.save_config(self.good_config)

    def save_config(self, text: str) -> None:
        new = self.config.with_suffix(".new")
        new.write_text(text)
        new.replace(self.config)

    def environment(self, **more: str) -> dict[str, str]:
        portal = {f"AWS_ENDPOINT_URL_{name}": self.relay.url for name in ("SSO", "SSO_OIDC")}
        return super().environment(**portal, **more)

    def sign_in(self) -> None:
        """The user signs in to IAM Identity Center, with whatever tool."""
        given = self.portal.sign_in("alice", [(ACCOUNT, PERMISSION_SET)], lasts=LONG)
        folder = self.home / ".aws" / "sso" / "cache"
        folder.mkdir(parents=True, exist_ok=True)
        token = {
            "startUrl": START,
            "region": "eu-west-1",
            "accessToken": given.token,
            "expiresAt": rfc_3339(datetime.now(timezone.utc) + LONG),
        }
        new = folder / "new"
        new.write_text(json.dumps(token))
        new.chmod(0o600)
        new.replace(folder / f"{key_of('corp')}.json")
        self._token = given.token

    def sign_out(self) -> None:
        """An administrator ends all sign-ins."""
        self.portal.sign_out_all()

    def show_code(self) -> None:
        """Have the MFA device show the current code."""
        if self._period != (period := totp.counter(time.time())):
            self._period = period
            self.code_program.print(totp.code_of(self.device.secret, period))

    def start_app(self, umask: int, *, bus: str | None = None) -> App:
        """Start the real app, not a fork of a process that has more in memory; with the address of a bus, with a tray."""
        module = "tests.integration.faults.steered_app"
        more = {"AWS_ENDPOINT_URL_STS": self.relay.url, "PYTHONPATH": os.pathsep.join(sys.path)}
        more |= {} if bus is None else {"DBUS_SESSION_BUS_ADDRESS": bus}
        app = App(
            subprocess.Popen(
                [sys.executable, "-m", module, str(self.clock.file), REAL, *(() if bus is None else ("tray",))],
                env={name: value for name, value in self.environment(**more).items() if not name.startswith("COV")},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                umask=umask,
            )
        )
        self.apps.append(app)
        return app

    def last_token(self, role: str) -> str:
        """The token of the session of a role that was opened last."""
        keys = [key for key in self.simulator.world._keys.copy().values() if key.expires_at]
        tokens = [key.session_token for key in keys if key.principal.trusted_as.endswith(f"role/{role}")]
        return tokens[-1] if tokens else "nobody"

    def secrets(self) -> set[str]:
        """What must be in no log: every key's secret and token, and the seed of the MFA device."""
        keys = self.simulator.world._keys.copy().values()
        both = {key.secret_access_key for key in keys} | {key.session_token for key in keys if key.session_token}
        return {*both, self.device.secret, self._token}
