"""A role whose refresh fails for real, and a table of what its hints say, to be carried out there."""

from __future__ import annotations

import contextlib
import json
import re
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.integration.sts.conftest import ARN, aws, device, failure  # noqa: F401 - fixtures among them
from tests.integration.team_files.conftest import certificate  # noqa: F401 - a fixture
from tests.support.builders import a_role
from tests.support.fakes.metadata import MetadataService
from tests.support.sso_profiles import ACCOUNT, SSO_PROFILE, START
from traycreds.aws.error_table import ErrorText
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sso.token_cache import key_of, login_key_of
from traycreds.aws.sts import StsSource
from traycreds.sim import sigv4
from traycreds.sim.errors import ErrorResponse

HOUR = timedelta(hours=1)
OF_DEV = f"role_arn = {ARN}/dev\nsource_profile = base\n"


class Trial:
    """The simulated AWS, the role that is refreshed, and what has to last until it is refreshed again.

    Attributes:
        restarts: the remedy is about the environment, which an app has from its start.
    """

    def __init__(self, aws, device, certificate, patch, stack) -> None:
        self.aws, self.device, self.certificate, self.patch, self.stack = aws, device, certificate, patch, stack
        self.world, self.faults = aws.sim.world, aws.sim.faults
        self.role = a_role("dev", arn=aws.role.arn)
        self.mfa = MfaSessions()
        self.restarts = False

    def config(self, settings: str, name: str = "dev") -> None:
        """Let the role be one of a profile with these settings."""
        self.role = a_role("dev", arn=None, source_profile=None, from_profile=name)
        self.aws.config(f"[profile {name}]\n{settings}")

    def renew_key(self) -> None:
        self.aws.credentials(self.aws.keys("base", self.world.add_key(self.aws.user)))

    def refuse(self, status: int, refusal: str, where: str) -> None:
        """Let AWS refuse the requests that are signed with this key, or for this region."""
        verify = sigv4.verify

        def refusing(request, **facts):
            if where in request.headers["authorization"]:
                raise ErrorResponse(status, refusal, "Words of AWS")
            return verify(request, **facts)

        self.patch.setattr(sigv4, "verify", refusing)

    def environment(self, **variables: str) -> None:
        self.restarts = True
        for name, value in variables.items():
            self.patch.setenv(name, value)

    def web_token(self) -> str:
        return self.aws.sim.federation.add_web_token("repo:ours", expires_at=datetime.now(timezone.utc) + HOUR)

    def token_file(self, text: str) -> Path:
        """Let the role be one of a web identity, whose token is this."""
        self.aws.add_role("ci", trust=["repo:ours"])
        file = self.aws.folder / "token"
        file.write_text(text)
        self.config(f"role_arn = {ARN}/ci\nweb_identity_token_file = {file}\n")
        return file

    def sign_in(self, *roles: str) -> None:
        """As `traycreds login corp`, with these roles assigned in the one account."""
        one = self.aws.sim.portal.sign_in("alice", [(ACCOUNT, role) for role in roles])
        folder = self.aws.folder / "sso/cache"
        folder.mkdir(parents=True, exist_ok=True)
        end = f"{datetime.now(timezone.utc) + 8 * HOUR:%Y-%m-%dT%H:%M:%SZ}"
        token = {"startUrl": START, "region": "eu-west-1", "accessToken": one.token, "expiresAt": end}
        (folder / f"{key_of('corp')}.json").write_text(json.dumps(token))

    def of_sign_in(self, *roles: str) -> None:
        self.role = a_role("dev", arn=None, source_profile=None, from_profile="sso")
        self.aws.config(SSO_PROFILE)
        self.sign_in(*roles)

    def aws_login(self, left: timedelta = HOUR / 5) -> None:
        """As `aws login --profile console`, or as if that were a while ago."""
        login = self.aws.sim.console.sign_in(self.aws.user, left=left)
        folder = self.aws.folder / "login/cache"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{login_key_of(login.session)}.json").write_text(json.dumps(login.token))

    def of_aws_login(self, *, installed: bool = True) -> None:
        crypto = pytest.importorskip("awscrt.crypto")
        self.patch.setattr("botocore.credentials.EC", crypto.EC if installed else None)
        self.config(f"login_session = {self.aws.user.principal.arn}\nregion = eu-west-1\n", "console")

    def in_terminal(self, *arguments: str) -> str:
        """What the AWS CLI prints."""
        command = [sys.executable, "-m", "awscli", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
        return done.stdout + done.stderr

    def speak_tls(self) -> Path:
        """Let the simulator speak TLS, with an unknown certificate, whose file is given."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        server = self.aws.sim._server
        server.socket = context.wrap_socket(server.socket, server_side=True)
        self.environment(AWS_ENDPOINT_URL=self.aws.sim.url.replace("http:", "https:"))
        return self.certificate

    def of_machine(self, credential_source: str) -> MetadataService:
        session = self.world.open_session(self.aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
        self.config(f"role_arn = {ARN}/dev\ncredential_source = {credential_source}\n")
        return self.stack.enter_context(MetadataService(session))


class Remedy(NamedTuple):
    """A row of the error table, how its sentence and its hint read, and the trouble, which its end puts right.

    Attributes:
        found_earlier: what finds this trouble before botocore does tells it in words of its own, not in those of the row.
    """

    row: ErrorText
    sentence: str
    hint: str
    found_earlier: bool
    trouble: Callable[[Trial], contextlib.AbstractContextManager[None]]


class Table:
    """The remedies; as a decorator it adds a generator that makes the trouble, yields, and does what the hint says."""

    def __init__(self) -> None:
        self.rows: list[Remedy] = []

    def __call__(
        self, row: ErrorText, sentence: str, hint: str, *, found_earlier: bool = False
    ) -> Callable[[Any], None]:
        def add(trouble: Callable[[Trial], Iterator[None]]) -> None:
            self.rows.append(Remedy(row, sentence, hint, found_earlier, contextlib.contextmanager(trouble)))

        return add


def name_of(remedy: Remedy) -> str:
    return remedy.trouble.__wrapped__.__name__


def carry_out(trial: Trial, remedy: Remedy) -> None:
    """Fail, do what the hint says, and see the same refresh succeed."""

    def source() -> StsSource:
        return StsSource(mfa=trial.mfa, connect_timeout=2, read_timeout=2)

    with remedy.trouble(trial):
        running = source()
        error = failure(running, trial.role)
        assert (remedy.sentence in error.sentence, remedy.hint in error.hint) == (True, True), error
        assert error.kind is remedy.row.kind
        parts = (remedy.row.sentence, error.sentence), (remedy.row.hint, error.hint)
        assert all(is_of(row, text) for row, text in parts) is not remedy.found_earlier, error
    assert (source() if trial.restarts else running).issue(trial.role)


def is_of(row: str, text: str) -> bool:
    """Whether a text is that of a row, with its fields filled in."""
    parts = [re.escape(part) for part in re.split(r"\{\w+\}", row)]
    return re.fullmatch(".+".join(parts) + r"\.?", text, re.IGNORECASE) is not None


@pytest.fixture
def trial(aws, device, certificate, monkeypatch):
    with contextlib.ExitStack() as stack:
        yield Trial(aws, device, certificate, monkeypatch, stack)
