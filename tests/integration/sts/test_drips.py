"""Answers that drip, or never come: the deadline ends the call and its connections, and the next try is a new one."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from tests.integration.sts.conftest import failure
from tests.support.builders import a_role
from tests.support.fakes.metadata import MetadataService
from tests.support.wait_until import until
from traycreds.aws import connections
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError
from traycreds.lifecycle import policy
from traycreds.sim import Fault

SOON = 40


class Deadline:
    """Replaces timers: the deadline of all calls in progress passes when the test says so."""

    def __init__(self):
        self.timers = set()

    def timer(self, _seconds, end):
        return SimpleNamespace(end=end, start=lambda: self.timers.add(end), cancel=lambda: self.timers.discard(end))

    def pass_once(self, condition, what):
        """Let it pass for the calls that are in progress when a condition holds, from a thread beside them."""

        def wait():
            until(condition, what)
            while self.timers:
                self.timers.pop()()

        threading.Thread(target=wait, daemon=True).start()


@pytest.fixture
def deadline(monkeypatch):
    made = Deadline()
    monkeypatch.setattr(connections, "threading", SimpleNamespace(**{**vars(threading), "Timer": made.timer}))
    return made


@pytest.fixture
def source():
    return StsSource(connect_timeout=SOON, read_timeout=SOON, deadline=2.0)


@pytest.fixture
def behind_link(aws, dev):
    """Two roles behind one hop of a chain, which trusts the user."""
    aws.config(f"[profile hop]\nrole_arn = {dev.arn}\nsource_profile = base\n")
    other = [aws.add_role(name, trust=[dev.arn]) for name in ("one", "two")]
    return [a_role(each.arn.rpartition("/")[2], arn=each.arn, source_profile="hop") for each in other]


@pytest.mark.parametrize("fault", [Fault.DRIP, Fault.HANG], ids=lambda fault: fault.name)
@pytest.mark.parametrize("kept", [False, True], ids=["new connection", "kept connection"])
def test_the_deadline_ends_a_call(aws, source, deadline, dev, fault, kept):
    if kept:
        assert source.issue(dev)
    aws.sim.faults.drip_interval = 0.05
    aws.sim.faults.set(fault)
    before = len(aws.sim.calls)
    deadline.pass_once(lambda: len(aws.sim.calls) > before, "the call has met the fault")
    began = time.monotonic()

    error = failure(source, dev)

    assert time.monotonic() - began < SOON / 2
    assert error.kind is FailureKind.NETWORK
    assert error.sentence == "AWS did not respond for dev within 2 seconds."
    aws.sim.faults.clear()
    assert source.issue(dev), "the next try uses a new connection"


@pytest.mark.parametrize("fault", [Fault.DRIP, Fault.HANG], ids=lambda fault: fault.name)
def test_a_chained_role_with_a_slow_answer_delays_no_role_after_it(aws, source, behind_link, fault):
    aws.sim.faults.drip_interval = 0.05
    aws.sim.faults.set(fault, role="dev", times=1)
    failed = []

    def issue(role):
        try:
            source.issue(role)
        except IssueError as error:
            failed.append(error.kind)

    threads = [threading.Thread(target=issue, args=(role,), daemon=True) for role in behind_link]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)

    assert not any(thread.is_alive() for thread in threads)
    assert time.monotonic() - began < SOON / 2, "the deadline ended it, not the end of the drips or a read timeout"
    assert set(failed) <= policy.ENDED_BY_NETWORK
    aws.sim.faults.clear()
    for role in behind_link:
        assert source.issue(role)


class DrippingHeaders:
    """A peer whose answer drips from its first byte on; `held` is when the peer of a connection is still there."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.begun, self.gone = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self):
        connection, _ = self.listener.accept()
        with connection:
            connection.settimeout(0.05)
            with contextlib.suppress(OSError):
                for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 60000:
                    connection.send(bytes([byte]))
                    self.begun.set()
                    if self.ended(connection):
                        break
            self.gone.set()

    @staticmethod
    def ended(connection):
        """Whether the other side ends the connection within a moment."""
        try:
            while connection.recv(65536):
                pass
        except TimeoutError:
            return False
        return True


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_connection_itself_is_ended(aws, source, deadline, dev, monkeypatch, scheme):
    peer = DrippingHeaders()
    monkeypatch.setenv("AWS_ENDPOINT_URL", peer.url.replace("http", scheme))

    deadline.pass_once(peer.begun.is_set, "the peer drips")
    error = failure(source, dev)

    assert error.kind is FailureKind.NETWORK
    assert peer.gone.wait(SOON), "the peer saw the end of the connection"
    peer.listener.close()


@pytest.mark.parametrize("credential_source", ["Ec2InstanceMetadata", "EcsContainer"])
def test_what_gives_a_machine_its_credentials_is_bounded_too(aws, source, monkeypatch, credential_source):
    aws.config(f"[profile machine]\nrole_arn = {aws.role.arn}\ncredential_source = {credential_source}\n")
    key = aws.sim.world.open_session(aws.user.principal, expires_at=datetime.now(timezone.utc) + timedelta(hours=1))
    with MetadataService(key) as service:
        service.endless = True
        monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url)
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{service.url}/container")
        error = failure(source, a_role("dev", arn=None, source_profile=None, from_profile="machine"))
    assert error.kind is FailureKind.ANSWER
    assert "sent more than 1 MiB" in error.sentence
