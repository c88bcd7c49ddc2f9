"""`console`: the federation endpoint is asked as AWS documents it, and the address reaches no process list."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.builders import a_role, credentials
from traycreds.adapters import console
from traycreds.core.errors import IssueError, UsageError

TOKEN = "sign-in-token+/="


class Federation(HTTPServer):
    """A federation endpoint that keeps what it is asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []
        self.status, self.body, self.location = 200, json.dumps({"SigninToken": TOKEN}), None
        self.url = f"http://127.0.0.1:{self.server_address[1]}/federation"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self.server.asked.append((self.path, parse_qs(body)))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(self.server.body.encode())

    def do_GET(self):
        self.do_POST()

    def log_message(self, *_):
        pass


@pytest.fixture
def federation():
    with Federation() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join(5)


@pytest.fixture
def endpoint(federation, monkeypatch):
    monkeypatch.setenv(console.ENDPOINT, federation.url)
    return federation


def test_the_address_is_the_one_that_aws_documents(sandbox, federation):
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    done = sandbox.command("console", "dev", "--print", TRAYCREDS_FEDERATION_ENDPOINT=federation.url)
    assert (done.returncode, done.stderr) == (0, "")
    page = urlsplit(done.stdout.strip())
    query = {name: value for name, (value,) in parse_qs(page.query).items()}
    assert done.stdout.startswith(f"{federation.url}?Action=login&")
    assert query["SigninToken"] == TOKEN
    assert query["Destination"] == "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"
    ((path, form),) = federation.asked
    assert path == "/federation", "nothing in the query: proxies log it"
    assert form["Action"] == ["getSigninToken"]
    on_file = sandbox.profiles()["dev-session"]
    assert json.loads(form["Session"][0]) == {
        "sessionId": on_file["aws_access_key_id"],
        "sessionKey": on_file["aws_secret_access_key"],
        "sessionToken": on_file["aws_session_token"],
    }


BROWSER = """\
#!{python}
import http.client, json, sys, urllib.parse
parts = urllib.parse.urlsplit(sys.argv[1])
def get(path):
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Location")
wrong = get("/favicon.ico")
right = get(parts.path)
json.dump([sys.argv[1:], wrong, right], open({result!r}, "w"))
"""


def test_a_browser_is_led_there_by_an_address_that_tells_nothing(sandbox, federation, tmp_path):
    sandbox.add_role("dev")
    browser, result = tmp_path / "browser", tmp_path / "result.json"
    browser.write_text(BROWSER.format(python=sys.executable, result=str(result)))
    browser.chmod(0o755)
    done = sandbox.command("console", "dev", TRAYCREDS_FEDERATION_ENDPOINT=federation.url, BROWSER=str(browser))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (arguments, wrong, (status, location)) = json.loads(result.read_text())
    assert arguments[0].startswith("http://127.0.0.1:")
    assert "SigninToken" not in arguments[0]
    assert wrong == [404, None]
    assert status == 302
    assert parse_qs(urlsplit(location).query)["SigninToken"] == [TOKEN]


def test_without_a_screen_it_says_so_before_anything_is_asked(sandbox, federation):
    sandbox.add_role("dev")
    done = sandbox.command("console", "dev", TRAYCREDS_FEDERATION_ENDPOINT=federation.url)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--print" in done.stderr
    assert not sandbox.simulator.calls


@pytest.mark.parametrize(
    ("arn", "region", "host"),
    [
        ("arn:aws:iam::123456789012:role/x", None, "https://console.aws.amazon.com/console/home"),
        (
            "arn:aws-cn:iam::123456789012:role/x",
            "cn-north-1",
            "https://cn-north-1.console.amazonaws.cn/console/home?region=cn-north-1",
        ),
        ("arn:aws-us-gov:iam::123456789012:role/x", None, "https://console.amazonaws-us-gov.com/console/home"),
        (
            None,
            "us-gov-west-1",
            "https://us-gov-west-1.console.amazonaws-us-gov.com/console/home?region=us-gov-west-1",
        ),
        (None, None, "https://console.aws.amazon.com/console/home"),
    ],
)
def test_each_partition_has_its_own_console(endpoint, arn, region, host):
    page = console.page(a_role(arn=arn, region=region), credentials())
    assert parse_qs(urlsplit(page).query)["Destination"] == [host]


def test_each_partition_has_its_own_sign_in(monkeypatch):
    asked = []

    def token(endpoint, _):
        asked.append(urlsplit(endpoint).hostname)
        return "x"

    monkeypatch.setattr(console, "_sign_in_token", token)
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        console.page(a_role(arn=f"arn:{partition}:iam::123456789012:role/x"), credentials())
    assert asked == ["signin.aws.amazon.com", "signin.amazonaws.cn", "signin.amazonaws-us-gov.com"]


def test_a_partition_that_is_not_known():
    with pytest.raises(UsageError, match="aws-iso"):
        console.page(a_role(arn="arn:aws-iso:iam::123456789012:role/x"), credentials())


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, "no", "refused"),
        (403, "no", "refused"),
        (500, "oops", "none of AWS's"),
        (200, "<html>", "none of AWS's"),
        (200, "[]", "none of AWS's"),
        (200, '{"SigninToken": 1}', "none of AWS's"),
        (200, "\xff", "none of AWS's"),
    ],
)
def test_refusals_and_nonsense_are_told_without_the_session(endpoint, status, body, said):
    endpoint.status, endpoint.body = status, body
    with pytest.raises(IssueError, match=said) as error:
        console.page(a_role(), credentials())
    assert credentials().session_token not in str(error.value)
    assert error.value.exit_code == 3


def test_a_portal_that_redirects_does_not_get_the_session(endpoint):
    endpoint.status, endpoint.location = 302, endpoint.url + "/elsewhere"
    with pytest.raises(IssueError, match="none of AWS's"):
        console.page(a_role(), credentials())
    assert len(endpoint.asked) == 1


def test_an_endpoint_out_of_reach(monkeypatch):
    monkeypatch.setenv(console.ENDPOINT, "http://127.0.0.1:1/federation")
    with pytest.raises(IssueError, match=r"127\.0\.0\.1 could not be reached"):
        console.page(a_role(), credentials())
    monkeypatch.setenv(console.ENDPOINT, "file:///etc/passwd")
    with pytest.raises(UsageError):
        console.page(a_role(), credentials())
