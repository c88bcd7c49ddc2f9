"""`console`: the federation endpoint is asked as AWS documents it, and the address reaches no process list."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import sys
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.builders import a_role, credentials
from tests.support.sim.federation import TOKEN, Federation
from tests.support.wait_until import written
from tests.windows.mark import not_on_windows
from traycreds.__main__ import main
from traycreds.aws import console
from traycreds.core.errors import IssueError, UsageError


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


@pytest.mark.parametrize("by", ["option", "setting"])
def test_the_console_is_signed_out_of_first(sandbox, federation, by):
    sandbox.add_role("dev")
    if by == "setting":
        with sandbox.config.open("a", encoding="utf-8") as file:
            file.write("[settings]\nconsole_sign_out = true\n")
    option = ("--sign-out",) if by == "option" else ()
    done = sandbox.command("console", "dev", "--print", *option, TRAYCREDS_FEDERATION_ENDPOINT=federation.url)
    assert (done.returncode, done.stderr) == (0, "")
    page = urlsplit(done.stdout.strip())
    query = parse_qs(page.query)
    assert (page.path, query["Action"]) == ("/oauth", ["logout"])
    assert query["redirect_uri"][0].startswith(f"{federation.url}?Action=login&")


def test_only_one_host_of_aws_goes_on_after_the_sign_out(monkeypatch):
    monkeypatch.setattr(console, "sign_in_token", lambda *_: TOKEN)
    address = urlsplit(console.page(a_role(), credentials(), sign_out=True))
    host = "us-east-1.signin.aws.amazon.com"
    after = urlsplit(parse_qs(address.query)["redirect_uri"][0])
    assert (address.netloc, address.path, after.netloc, after.path) == (host, "/oauth", host, "/federation")
    assert parse_qs(after.query)["SigninToken"] == [TOKEN]


BROWSER = """\
#!{python}
import http.client, json, os, sys, urllib.parse
address = sys.argv[-1]
if address.startswith("ext+container:"):
    (address,) = urllib.parse.parse_qs(address.partition(":")[2])["url"]
parts = urllib.parse.urlsplit(address)
def get(path):
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Location")
wrong = get("/favicon.ico")
right = get(parts.path)
json.dump([sys.argv[1:], wrong, right], open({result!r} + "~", "w"))
os.replace({result!r} + "~", {result!r})
"""


def settings(sandbox, line):
    sandbox.config.write_text(f"[settings]\n{line}\n{sandbox.config.read_text()}")


def visited(tmp_path):
    """A browser that goes to the address in its last argument and writes down what it was given, and where it came."""
    program, result = tmp_path / "browser", tmp_path / "result.json"
    program.write_text(BROWSER.format(python=sys.executable, result=str(result)))
    program.chmod(0o755)
    return program, result


@pytest.mark.skipif(sys.platform == "win32", reason="BROWSER says nothing on Windows")
def test_a_browser_gets_there_by_an_address_without_a_secret(sandbox, federation, tmp_path):
    sandbox.add_role("dev")
    browser, result = visited(tmp_path)
    done = sandbox.command("console", "dev", TRAYCREDS_FEDERATION_ENDPOINT=federation.url, BROWSER=str(browser))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (arguments, wrong, (status, location)) = json.loads(result.read_text())
    assert arguments[0].startswith("http://127.0.0.1:")
    assert "SigninToken" not in arguments[0]
    assert wrong == [404, None]
    assert status == 302
    assert parse_qs(urlsplit(location).query)["SigninToken"] == [TOKEN]


def test_a_browser_of_the_users_choice_opens_it(sandbox, federation, tmp_path):
    program, result = visited(tmp_path)
    sandbox.add_role("dev")
    # Windows cannot run the script by itself.
    words = [sys.executable, str(program), "--profile={role}", "--new-window"]
    settings(sandbox, f"browser = {json.dumps(words)}")
    done = sandbox.command("console", "dev", TRAYCREDS_FEDERATION_ENDPOINT=federation.url, DISPLAY=":nobody")
    assert (done.returncode, done.stderr) == (0, "")
    (arguments, _, (status, _)) = json.loads(written(result, "the browser has come"))
    assert arguments[:2] == ["--profile=dev", "--new-window"]
    assert arguments[2].startswith("http://127.0.0.1:")
    assert status == 302


@pytest.mark.skipif(sys.platform == "win32", reason="Windows finds Firefox by its registry and not by PATH")
def test_a_firefox_container_of_the_roles_name_opens_it(sandbox, federation, tmp_path):
    program, result = visited(tmp_path)
    program.rename(tmp_path / "firefox")
    sandbox.add_role("dev")
    settings(sandbox, "container = true")
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = sandbox.command("console", "dev", TRAYCREDS_FEDERATION_ENDPOINT=federation.url, DISPLAY=":x", PATH=path)
    assert (done.returncode, done.stderr) == (0, "")
    ((address,), _, (status, _)) = json.loads(written(result, "the browser has come"))
    scheme, _, query = address.partition(":")
    assert scheme == "ext+container", "the scheme of the add-on that opens containers"
    assert parse_qs(query)["name"] == ["dev"]
    assert status == 302


BY_HAND = "Open this page in a browser on this computer within {} seconds: "


@not_on_windows
@pytest.mark.parametrize(
    ("choice", "why"),
    [
        (
            'browser = ["/nowhere/browser"]',
            ["Could not start /nowhere/browser.", "Fix browser or container in [settings]."],
        ),
        ("", ["No browser could be started."]),
    ],
    ids=["of the user's choice", "of the desktop"],
)
def test_if_no_browser_starts_the_page_can_be_opened_by_hand(sandbox, federation, tmp_path, choice, why):
    sandbox.add_role("dev")
    settings(sandbox, choice)
    surroundings = {"DISPLAY": ":x", "BROWSER": "/nowhere/browser", "PATH": str(tmp_path)}
    started = sandbox.start("console", "dev", TRAYCREDS_FEDERATION_ENDPOINT=federation.url, **surroundings)
    try:
        assert [started.stdout.readline().strip() for _ in why] == why
        page = urlsplit(started.stdout.readline().removeprefix(BY_HAND.format(60)).strip())
        with contextlib.closing(http.client.HTTPConnection(page.netloc, timeout=5)) as by_hand:
            by_hand.request("GET", page.path)
            answer = by_hand.getresponse()
        rest, _ = started.communicate(timeout=20)
    finally:
        started.kill()
    assert (answer.status, rest, started.returncode) == (302, "", 0)
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["SigninToken"] == [TOKEN]


def test_a_page_that_nobody_opens_is_no_unexpected_error(sandbox, endpoint, monkeypatch, capsys):
    sandbox.add_role("dev")
    settings(sandbox, 'browser = ["/nowhere/browser"]')
    for name, value in sandbox.environment(DISPLAY=":x").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("traycreds.cli.commands.console.SECONDS", 0.01)
    monkeypatch.setattr(sys, "argv", ["traycreds", "--config", str(sandbox.config), "console", "dev"])
    code = main()
    _, _, page, *end = capsys.readouterr().err.splitlines()
    assert code == 2
    assert page.startswith(f"{BY_HAND.format(0)}http://127.0.0.1:")
    assert TOKEN not in page
    assert end == ["No browser opened the page within 0 seconds.", "Use --print, then open the URL yourself."]


def test_a_service_and_a_region_are_opened(sandbox, federation):
    sandbox.add_role("dev", extra='region = "eu-west-1"')
    words = ("console", "dev", "--print", "--service", "s3", "--region", "us-east-2")
    done = sandbox.command(*words, TRAYCREDS_FEDERATION_ENDPOINT=federation.url)
    assert done.returncode == 0
    destination = parse_qs(urlsplit(done.stdout.strip()).query)["Destination"]
    assert destination == ["https://us-east-2.console.aws.amazon.com/s3/home?region=us-east-2"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("me --print", "me is the MFA session of a user"),
        ("dev --print --service S3!", '"S3!" is not a service name.'),
        ("dev --print --region us-est-1", '--region "us-est-1" is not a region name.'),
        ("gov --print --sign-out", "traycreds does not know how to sign out of the console in partition aws-us-gov."),
    ],
)
def test_what_cannot_be_opened_is_refused_before_a_session_is_made_for_it(sandbox, federation, words, sentence):
    sandbox.add_role("dev")
    with sandbox.config.open("a", encoding="utf-8") as file:
        file.write('[roles.me]\nsource_profile = "base"\nmfa_serial = "arn:aws:iam::123456789012:mfa/alice"\n')
        file.write('[roles.gov]\nrole_arn = "arn:aws-us-gov:iam::123456789012:role/x"\nsource_profile = "base"\n')
    done = sandbox.command("console", *words.split(), TRAYCREDS_FEDERATION_ENDPOINT=federation.url)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert (sandbox.simulator.calls, federation.asked) == ((), [])


@not_on_windows
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


@pytest.mark.parametrize(
    ("service", "region", "place"),
    [
        ("s3", None, "https://console.aws.amazon.com/s3/home"),
        ("ec2", "eu-west-1", "https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1"),
        (
            "logs",
            "eu-west-1",
            "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups",
        ),
        ("ssm", None, "https://console.aws.amazon.com/systems-manager/home"),
    ],
)
def test_each_service_has_its_place(endpoint, service, region, place):
    page = console.page(a_role(region=region), credentials(), service=service)
    assert parse_qs(urlsplit(page).query)["Destination"] == [place]


@pytest.mark.parametrize("service", ["", "S3", "s3/../x", "s3?x=1", "a" * 65])
def test_a_service_that_cannot_be_one_is_refused_before_anything_is_asked(endpoint, service):
    with pytest.raises(UsageError, match="is not a service name"):
        console.page(a_role(), credentials(), service=service)
    assert endpoint.asked == []


def test_each_partition_has_its_own_sign_in(monkeypatch):
    asked = []

    def token(endpoint, _):
        asked.append(urlsplit(endpoint).hostname)
        return "x"

    monkeypatch.setattr(console, "sign_in_token", token)
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        console.page(a_role(arn=f"arn:{partition}:iam::123456789012:role/x"), credentials())
    assert asked == ["signin.aws.amazon.com", "signin.amazonaws.cn", "signin.amazonaws-us-gov.com"]


def test_a_partition_that_is_not_known():
    with pytest.raises(UsageError, match="aws-iso"):
        console.page(a_role(arn="arn:aws-iso:iam::123456789012:role/x"), credentials())


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (400, "no", "refused"),
        (403, "no", "refused"),
        (500, "oops", "not from AWS"),
        (200, "<html>", "not from AWS"),
        (200, "[]", "not from AWS"),
        (200, '{"SigninToken": 1}', "not from AWS"),
        (200, "\xff", "not from AWS"),
    ],
)
def test_refusals_and_nonsense_are_reported_without_the_session(endpoint, status, body, message):
    endpoint.status, endpoint.body = status, body
    with pytest.raises(IssueError, match=message) as error:
        console.page(a_role(), credentials())
    assert credentials().session_token not in str(error.value)
    assert error.value.exit_code == 3


def test_an_answer_without_end_is_read_no_further_than_the_bound(endpoint, monkeypatch):
    # Of the write that is broken off.
    monkeypatch.setattr(endpoint, "handle_error", lambda *_: None)
    endpoint.body = "[" * 2**20
    with pytest.raises(IssueError, match="not from AWS"):
        console.page(a_role(), credentials())


def test_a_portal_that_redirects_does_not_get_the_session(endpoint):
    endpoint.status, endpoint.location = 302, endpoint.url + "/elsewhere"
    with pytest.raises(IssueError, match="not from AWS"):
        console.page(a_role(), credentials())
    assert len(endpoint.asked) == 1


def test_an_endpoint_out_of_reach(monkeypatch):
    monkeypatch.setenv(console.ENDPOINT, "http://127.0.0.1:1/federation")
    with pytest.raises(IssueError, match=r"Could not reach 127\.0\.0\.1"):
        console.page(a_role(), credentials())
    monkeypatch.setenv(console.ENDPOINT, "file:///etc/passwd")
    with pytest.raises(UsageError):
        console.page(a_role(), credentials())
