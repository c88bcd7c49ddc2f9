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
SAML, WEB = "saml", "web"
"""The roles whose SAML assertion, or web identity token, a program prints."""
ROLES = ("dev", "prod", "chained", "program", "mfa", SSO, SAML, WEB)
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
ASSERTED_EVERY = timedelta(minutes=2)
"""Between two assertions: AWS takes one for five minutes."""
LONG = timedelta(days=300)
"""How long a sign-in, or a web identity token, lasts: as nothing else, it ends when it is revoked."""


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
        token_programs: what prints the assertion of `saml`, and the token of `web`.
        team_file: what the configuration includes, and nobody has accepted.
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
        self._provider = simulator.federation.add_saml_provider("Corp", ACCOUNT)
        web_token = simulator.federation.add_web_token("repo:ours", expires_at=clock.now() + LONG)
        self.token_programs = {SAML: Program(home / "saml", ""), WEB: Program(home / "web", web_token)}
        self._asserted_at = clock.now() - ASSERTED_EVERY
        self.show_assertion()
        self.team_file = home / "team.toml"
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
        for name, setting, trust in (
            (SAML, "saml_process", self._provider.arn),
            (WEB, "web_identity_process", "repo:ours"),
        ):
            world.add_role(f"arn:aws:iam::{ACCOUNT}:role/{name}", trust=[trust])
            self.config.write_text(
                f"{self.config.read_text()}[roles.{name}]\n{common}"
                f'role_arn = "arn:aws:iam::{ACCOUNT}:role/{name}"\n{setting} = "{self.token_programs[name].path}"\n'
            )
        settings = f'on_refreshed = ["{self.hook.path}"]\non_failed = ["{self.hook.path}"]\n'
        settings += 'max_key_age = "1d"\nlist_access_keys = true\n'
        self.good_config = (
            f'include = ["{self.team_file}"]\n[settings]\nstore = "memory"\nmfa_session = "4h"\n{settings}'
            + self.config.read_text()
        )
        self.share_team_file("")
        self.save_config(self.good_config)

    def save_config(self, text: str) -> None:
        new = self.config.with_suffix(".new")
        new.write_text(text)
        new.replace(self.config)

    def share_team_file(self, text: str) -> None:
        """The team's repository has this in the file now."""
        new = self.team_file.with_suffix(".new")
        new.write_text(text)
        new.replace(self.team_file)

    def environment(self, **more: str) -> dict[str, str]:
        portal = {f"AWS_ENDPOINT_URL_{name}": self.relay.url for name in ("SSO", "SSO_OIDC", "IAM")}
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

    def show_assertion(self) -> None:
        """Have the program of `saml` print an assertion that is as young as one from an identity provider."""
        if self.clock.now() - self._asserted_at >= ASSERTED_EVERY:
            self._asserted_at = self.clock.now()
            self.token_programs[SAML].print(self._provider.assertion(f"arn:aws:iam::{ACCOUNT}:role/{SAML}"))

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
