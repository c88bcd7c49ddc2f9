"""A home with a sign-in session `corp` and the simulated Identity Center behind it, for this process and for others."""

from __future__ import annotations

import json
import sys
import textwrap
import threading
import webbrowser
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sso.visitor import Visitor
from tests.support.builders import a_role
from tests.support.sandbox import Sandbox
from tests.support.sim import AwsSimulator
from tests.support.sso_profiles import ACCOUNT, LEGACY_PROFILE, SSO_PROFILE
from traycreds.aws.sso.sign_in import SignInOptions
from traycreds.aws.sso.token_cache import TokenFolder, key_of
from traycreds.core.text import rfc_3339
from traycreds.state import paths
from traycreds.usecases import sign_in

CONFIG = f"""\
[default]
region = us-east-1
{SSO_PROFILE}
[profile behind]
role_arn = arn:aws:iam::{ACCOUNT}:role/behind
source_profile = sso
{LEGACY_PROFILE}
[profile keys]
region = eu-west-1
"""


_STAND_IN = """\
import io, subprocess, webbrowser

def open(url, *_):
    with io.open({log!r}, "a") as log:
        subprocess.Popen([*{command!r}, url], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    return True

webbrowser.open = open
"""


class SsoHome:
    """The sandbox of a person with a sign-in, and what that person says and does."""

    def __init__(self, home, simulator) -> None:
        self.sim = simulator
        self.sandbox = Sandbox(home, simulator)
        self.sandbox.aws_config.write_text(CONFIG)
        self.cache = home / ".aws" / "sso" / "cache"
        self.output: list[str] = []
        self.visitor = Visitor()
        self.assign((ACCOUNT, "Admin"))

    @property
    def endpoints(self) -> dict[str, str]:
        """For processes."""
        return {"AWS_ENDPOINT_URL_SSO": self.sim.url, "AWS_ENDPOINT_URL_SSO_OIDC": self.sim.url}

    def assign(self, *roles) -> None:
        self.sim.portal.assign("alice", roles)

    def more_config(self, text: str) -> None:
        self.sandbox.aws_config.write_text(CONFIG + textwrap.dedent(text))

    def add_profiles(self, count: int) -> None:
        """Profiles p0, p1 ... of the one session, each of an account of its own."""
        accounts = [f"{n:012d}" for n in range(1, count + 1)]
        self.assign(*((account, "Admin") for account in accounts))
        self.more_config(
            "".join(
                f"[profile p{n}]\nsso_session = corp\nsso_account_id = {account}\nsso_role_name = Admin\n"
                for n, account in enumerate(accounts)
            )
        )

    @property
    def where(self):
        return paths.locate(self.sandbox.environment())

    def login(self, word="corp", **options):
        """Sign in within this process."""
        return sign_in.sign_in(self.where, sign_in.find(self.where, word), self.output.append, SignInOptions(**options))

    def token_file(self, name="corp"):
        return self.cache / f"{key_of(name)}.json"

    def token(self, name="corp") -> dict:
        return json.loads(self.token_file(name).read_text())

    def age(self, left: timedelta, **changes) -> bytes:
        """Let the token on file end so soon, as this machine sees it; returns the bytes of the file."""
        content = {**self.token(), "expiresAt": rfc_3339(datetime.now(timezone.utc) + left), **changes}
        TokenFolder(self.cache, self.cache / "locks").write(key_of("corp"), content)
        return self.token_file().read_bytes()

    def actions(self, *names) -> list[str]:
        """The calls so far, or those of some names."""
        return [call.action for call in self.sim.calls if not names or call.action in names]

    def outcomes(self, name) -> list[str]:
        return [call.outcome for call in self.sim.calls if call.action == name]

    def browser(self, *arguments: str) -> dict[str, str]:
        """The environment of a process whose browser goes through the pages as a person would."""
        visitor = sys.modules[Visitor.__module__].__file__
        script = self.sandbox.home / "browser"
        # On Windows, a script that a command line starts gets no address with "&" in it.
        if sys.platform == "win32":
            folder = self.sandbox.home / "at-start"
            folder.mkdir(exist_ok=True)
            command = [sys.executable, visitor, *arguments]
            (folder / "sitecustomize.py").write_text(_STAND_IN.format(command=command, log=f"{script}.log"))
            return {"PYTHONPATH": str(folder)}
        words = " ".join(f"'{word}'" for word in arguments)
        script.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{visitor}' {words} \"$@\" >> '{script}.log' 2>&1\n")
        script.chmod(0o755)
        return {"BROWSER": str(script)}

    @property
    def browser_log(self) -> str:
        return (self.sandbox.home / "browser.log").read_text()


@pytest.fixture
def sso_home(home, monkeypatch):
    with AwsSimulator() as sim:
        monkeypatch.setenv("AWS_ENDPOINT_URL", sim.url)
        sso_home = SsoHome(home, sim)

        def open_in_thread(url):
            threading.Thread(target=sso_home.visitor.open, args=(url,), daemon=True).start()
            return True

        monkeypatch.setenv("BROWSER", "a-browser")
        monkeypatch.setattr(webbrowser, "open", open_in_thread)
        yield sso_home


def own(name: str = "sso"):
    """The profile itself as a role."""
    return a_role(name, arn=None, source_profile=None, from_profile=name)
