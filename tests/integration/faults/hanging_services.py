"""Ports that are reached over the network: AWS's services, what gives machines credentials, a web server of the team."""

from __future__ import annotations

import contextlib
import functools
import json
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.faults.hanging_port import DEADLINE, SOON, Fixtures, Port, in_turn
from tests.integration.sso.conftest import own
from tests.integration.sts.conftest import ARN
from tests.support.builders import a_role, credentials
from tests.support.fakes.metadata import MetadataService
from tests.support.wait_until import until
from traycreds.aws import console
from traycreds.aws.access_keys.iam import AccessKeys
from traycreds.aws.sso import accounts
from traycreds.aws.sso.accounts import AccountList
from traycreds.aws.sso.token_cache import TokenFolder, login_key_of
from traycreds.aws.sso.token_refresh import Tokens
from traycreds.aws.sts import StsSource
from traycreds.config.team_files import download
from traycreds.config.team_files.accepted_files import AcceptedFiles
from traycreds.config.team_files.includes import IncludedFile
from traycreds.sim import Fault
from traycreds.usecases import sign_in

HOUR = timedelta(hours=1)


def _source() -> StsSource:
    return StsSource(connect_timeout=SOON, read_timeout=SOON, deadline=SOON)


def _brief(set_deadline: Callable[[float], object], heal: Callable[[], object]) -> Callable[[], None]:
    """Let the deadline be short for the call that hangs; whatever works may take as long as a busy machine needs."""
    set_deadline(DEADLINE)

    def healed() -> None:
        set_deadline(SOON)
        heal()

    return healed


def _deadline_of(source: StsSource) -> Callable[[float], None]:
    return functools.partial(setattr, source, "_deadline")


def _constant(fixtures: Fixtures, name: str) -> Callable[[float], None]:
    return functools.partial(fixtures.monkeypatch.setattr, f"traycreds.aws.{name}")


def _hang_once(sim, fault: Fault, role: str | None = None) -> Callable[[], None]:
    """Have the next call hang; returns what heals it."""
    sim.faults.drip_interval = 0.05
    sim.faults.set(fault, role=role, times=1)
    return sim.faults.clear


def sts(fixtures: Fixtures, fault: Fault) -> Port:
    aws, dev, source = fixtures.get("aws"), fixtures.get("dev"), _source()
    assert source.issue(dev), "its connection is kept"
    heal = _brief(_deadline_of(source), _hang_once(aws.sim, fault))
    return Port(heal=heal, call=lambda: source.issue(dev))


def chained_role(fixtures: Fixtures, fault: Fault) -> Port:
    """Both roles behind one of a chain share what came of it."""
    aws, dev, source = fixtures.get("aws"), fixtures.get("dev"), _source()
    aws.config(f"[profile hop]\nrole_arn = {dev.arn}\nsource_profile = base\n")
    behind = [aws.add_role(name, trust=[dev.arn]).arn for name in ("one", "two")]
    roles = [a_role(arn.rpartition("/")[2], arn=arn, source_profile="hop") for arn in behind]
    heal = _brief(_deadline_of(source), _hang_once(aws.sim, fault, "dev"))
    return Port(heal=heal, call=lambda: [source.issue(role) for role in roles])


def portal(fixtures: Fixtures, fault: Fault) -> Port:
    sso_home, source = fixtures.get("sso_home"), _source()
    sso_home.login()
    heal = _brief(_deadline_of(source), _hang_once(sso_home.sim, fault))
    return Port(heal=heal, call=lambda: source.issue(own()))


def _account_list(sso_home) -> AccountList:
    session = sign_in.find(sso_home.where, "corp")
    return AccountList(
        session,
        Tokens(TokenFolder.of_this_user()),
        lambda service: sign_in.connect(session, service),
        sso_home.sandbox.state,
    )


def portal_list(fixtures: Fixtures, fault: Fault, action: str) -> Port:
    sso_home = fixtures.get("sso_home")
    sso_home.login()
    fixtures.monkeypatch.setattr(accounts, "TRIES", 1)
    listed = _account_list(sso_home)
    heal = _brief(_constant(fixtures, "sso.accounts.SECONDS"), _hang_once(sso_home.sim, fault, action))
    return Port(heal=heal, call=lambda: listed.read(fresh=True))


def sign_out(fixtures: Fixtures, fault: Fault) -> Port:
    sso_home = fixtures.get("sso_home")
    heal = _brief(_constant(fixtures, "sso.sign_out.SECONDS"), _hang_once(sso_home.sim, fault, "Logout"))

    def call() -> bool:
        sso_home.login()
        return sign_in.sign_out(sign_in.find(sso_home.where, "corp"))

    return Port(heal=heal, call=call)


def sign_in_service(fixtures: Fixtures, fault: Fault) -> Port:
    sso_home = fixtures.get("sso_home")
    heal = _brief(_constant(fixtures, "connections.SECONDS"), _hang_once(sso_home.sim, fault, "RegisterClient"))
    return Port(heal=heal, call=sso_home.login)


def renewal(fixtures: Fixtures, fault: Fault) -> Port:
    """Of a sign-in that has ended, by `import sso`, which no deadline of a role's call ends."""
    sso_home = fixtures.get("sso_home")
    sso_home.login()
    sso_home.age(-HOUR)
    listed = _account_list(sso_home)
    heal = _brief(_constant(fixtures, "connections.SECONDS"), _hang_once(sso_home.sim, fault, "CreateToken"))
    return Port(heal=heal, call=lambda: listed.read(fresh=True))


def metadata(fixtures: Fixtures, credential_source: str) -> Port:
    aws, source = fixtures.get("aws"), _source()
    key = aws.sim.world.open_session(aws.user.principal, expires_at=datetime.now(timezone.utc) + HOUR)
    service = fixtures.enter(MetadataService(key))
    fixtures.monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    fixtures.monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url)
    fixtures.monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{service.url}/container")
    fixtures.monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", service.authorization)
    aws.config(f"[profile machine]\nrole_arn = {aws.role.arn}\ncredential_source = {credential_source}\n")
    role = a_role("dev", arn=None, source_profile=None, from_profile="machine")
    service.drips = True
    heal = _brief(_deadline_of(source), functools.partial(setattr, service, "drips", False))
    return Port(heal=heal, call=lambda: source.issue(role))


def aws_login(fixtures: Fixtures) -> Port:
    """The renewal of a sign-in of `aws login` that has ended."""
    awscrt = pytest.importorskip("awscrt.crypto")
    # What BOTO_DISABLE_CRT keeps from these tests.
    fixtures.monkeypatch.setattr("botocore.credentials.EC", awscrt.EC)
    aws, source = fixtures.get("aws"), _source()
    folder = aws.folder / "login" / "cache"
    folder.mkdir(parents=True)
    arn = aws.user.principal.arn
    aws.config(f"[profile console]\nlogin_session = {arn}\nregion = eu-west-1\n")
    (folder / f"{login_key_of(arn)}.json").write_text(json.dumps(aws.sim.console.sign_in(aws.user, left=-HOUR).token))
    role = a_role("dev", arn=None, source_profile=None, from_profile="console")
    heal = _brief(_deadline_of(source), _hang_once(aws.sim, Fault.HANG, "CreateOAuth2Token"))
    return Port(heal=heal, call=lambda: source.issue(role))


CONSOLE_ANSWERS = {
    "silent": b"",
    "drip": b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 50_000,
    "drip-headers": b"HTTP/1.0 200 OK\r\n" + b"x: y\r\n" * 90,
}


class _Console:
    """A federation endpoint that sends so much of an answer that never ends, a byte at a time."""

    def __init__(self, fixtures: Fixtures, answer: bytes) -> None:
        self._answer, self._over = answer, threading.Event()
        self._listener = fixtures.enter(socket.create_server(("127.0.0.1", 0)))
        self.gone = threading.Event()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/federation"
        fixtures.until_the_end(self._over.set)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connected, _ = self._listener.accept()
        with connected, contextlib.suppress(OSError):
            connected.recv(65536)
            for byte in self._answer:
                connected.sendall(bytes((byte,)))
                if self._over.wait(0.02):
                    break
            while connected.recv(65536):
                pass
        self.gone.set()


def console_page(fixtures: Fixtures, answer: bytes) -> Port:
    hanging = _Console(fixtures, answer)
    fixtures.monkeypatch.setenv(console.ENDPOINT, hanging.url)
    federation = fixtures.get("federation")
    heal = _brief(
        _constant(fixtures, "console.SECONDS"),
        functools.partial(fixtures.monkeypatch.setenv, console.ENDPOINT, federation.url),
    )
    return Port(
        heal=heal,
        call=lambda: console.page(a_role(), credentials()),
        freed=lambda: until(hanging.gone.is_set, "the connection has ended"),
    )


def access_keys(fixtures: Fixtures, fault: Fault) -> Port:
    """IAM, which is asked for the age of a key and by `rotate`."""
    aws = fixtures.get("aws")
    heal = _brief(_constant(fixtures, "connections.SECONDS"), _hang_once(aws.sim, fault))
    return Port(heal=heal, call=lambda: AccessKeys("base", connect_timeout=SOON, read_timeout=SOON).list())


def federated_role(fixtures: Fixtures, fault: Fault, setting: str) -> Port:
    """STS, asked with what a program prints."""
    aws, source = fixtures.get("aws"), _source()
    folder, arn = fixtures.get("tmp_path"), f"{ARN}/fed"
    if setting == "saml_process":
        provider = aws.sim.federation.add_saml_provider("Corp", ARN.split(":")[4])
        aws.add_role("fed", trust=[provider.arn])
        token = provider.assertion(arn)
    else:
        aws.add_role("fed", trust=["repo:ours"])
        token = aws.sim.federation.add_web_token("repo:ours", expires_at=datetime.now(timezone.utc) + HOUR)
    (folder / "token").write_text(token)
    role = a_role("fed", arn=arn, source_profile=None, **{setting: f"cat {folder / 'token'}"})
    heal = _brief(_deadline_of(source), _hang_once(aws.sim, fault, "fed"))
    return Port(heal=heal, call=lambda: source.issue(role))


def include(fixtures: Fixtures, behave: str) -> Port:
    fixtures.get("trusted")
    server, accepted_files = fixtures.get("server"), AcceptedFiles(fixtures.get("tmp_path"))
    server.data = b"# of the team\n"
    server.behave = behave
    wanted = IncludedFile(server.url, server.pin)

    def fetch(deadline):
        download.fetch(wanted, accepted_files, deadline=deadline)
        return accepted_files.read_included(wanted).found

    # The silent server still has a thread.
    left = int(behave == "silent")
    call = in_turn(*(functools.partial(fetch, deadline) for deadline in (DEADLINE, SOON)))
    return Port(heal=functools.partial(setattr, server, "behave", "serve"), call=call, left=left)
