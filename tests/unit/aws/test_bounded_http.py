"""A body without end, or one that drips, costs a bounded memory and a bounded time, and frees what it held."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.builders import a_role
from tests.windows.mark import not_on_windows
from traycreds.aws import botocore_session, bounded_http
from traycreds.aws.access_keys.iam import AccessKeys
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError


@pytest.fixture
def server(monkeypatch):
    """A server whose answers are what its `answer` sends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with_suppressed(lambda: listening.answer(self))

        def log_message(self, *_):
            pass

    def with_suppressed(answer):
        with contextlib.suppress(OSError):
            answer()

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listening.server_port}"
    for service in ("STS", "SSO_OIDC", "SSO", "IAM"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", url)
    yield listening
    listening.shutdown()
    listening.server_close()


def endless(visit):
    visit.send_response(200)
    visit.end_headers()
    while True:
        visit.wfile.write(b"<" * 65536)


def chunks_without_end(visit):
    visit.protocol_version = "HTTP/1.1"
    visit.send_response(200)
    visit.send_header("Transfer-Encoding", "chunked")
    visit.end_headers()
    while True:
        visit.wfile.write(b"10000\r\n" + b"<" * 65536 + b"\r\n")


def dripping(visit):
    visit.send_response(200)
    visit.send_header("Content-Length", "100000")
    visit.end_headers()
    while True:
        visit.wfile.write(b"<")
        time.sleep(0.05)


@pytest.fixture
def issue(home):
    (home / ".aws").mkdir()
    (home / ".aws" / "credentials").write_text(
        "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n"
    )
    (home / ".aws" / "config").write_text("[profile base]\nregion = eu-west-1\n")
    source = StsSource()
    return lambda: source.issue(a_role("dev", source_profile="base"))


@not_on_windows
@pytest.mark.parametrize("answer", [endless, chunks_without_end])
def test_a_body_without_end_of_sts_is_broken_off(server, issue, answer):
    import resource

    server.answer = answer
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(
        IssueError, match="sent more than 1 MiB in one response, so traycreds stopped reading"
    ) as caught:
        issue()
    assert caught.value.kind is FailureKind.ANSWER
    assert caught.value.hint
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 100 * 1024**2


def test_an_answer_of_elements_in_one_another_is_not_parsed(server, issue):
    def nested(visit):
        visit.send_response(200)
        visit.end_headers()
        visit.wfile.write(b"<a>" * 50_000)

    server.answer = nested
    with pytest.raises(IssueError, match="sent more than 5000 tags in one response") as caught:
        issue()
    assert caught.value.kind is FailureKind.ANSWER


def test_a_slow_body_is_given_up_and_the_next_try_is_a_new_one(server, issue, monkeypatch):
    monkeypatch.setattr(bounded_http, "SECONDS", 0.5)
    asked = []
    server.answer = lambda visit: (asked.append(visit), dripping(visit))
    for _ in range(2):
        with pytest.raises(IssueError, match="was incomplete after 0 seconds") as caught:
            issue()
        assert caught.value.kind is FailureKind.ANSWER
    assert len(asked) == 2, "each try is a call of its own: nothing is held by the one that was given up"


@pytest.mark.usefixtures("issue")
@pytest.mark.parametrize("answer", [endless, chunks_without_end])
def test_answers_of_iam_are_bounded_too(server, answer):
    server.answer = answer
    with pytest.raises(IssueError, match="more than 1 MiB"):
        AccessKeys("base").list()


@pytest.mark.parametrize("service", ["sso-oidc", "sso", "sts"])
def test_clients_for_signing_in_are_bounded_too(server, service):
    server.answer = endless
    client = botocore_session.create_anonymous_client(service, "eu-west-1", connect_timeout=5, read_timeout=5)
    assert isinstance(client._endpoint.http_session, bounded_http.BoundedSession)
    if service == "sso-oidc":
        with pytest.raises(IssueError, match="more than 1 MiB"):
            client.register_client(clientName="a", clientType="public")
