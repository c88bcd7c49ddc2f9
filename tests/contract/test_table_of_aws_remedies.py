"""What is said of a console, a sign-in or a code that AWS does not take is carried out, and AWS takes it."""

from __future__ import annotations

import sys
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.integration.cli.test_console import endpoint, federation  # noqa: F401 - fixtures
from tests.integration.sso.conftest import own, sso_home  # noqa: F401 - a fixture
from tests.integration.sso.test_accounts import AccountLister, Stopwatch
from tests.integration.sso.test_odd_answers import PAGE, answering
from tests.integration.sts.conftest import aws, code, dev, device, failure, strong  # noqa: F401 - fixtures among them
from tests.support.builders import a_role, credentials
from tests.support.sso_profiles import ACCOUNT
from tests.windows.mark import not_on_windows
from traycreds.aws import console
from traycreds.aws.mfa.dialog import Dialog
from traycreds.aws.mfa.question import Question
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sso.accounts import AccountList, Pace
from traycreds.aws.sso.callback_server import PATH, CallbackServer
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.aws.sso.token_refresh import Tokens
from traycreds.aws.sts import StsSource
from traycreds.core.errors import CredentialsFileError, IssueError, TraycredsError
from traycreds.core.model import Settings
from traycreds.files import atomic_write
from traycreds.files.atomic_write import ChangedMeanwhileError
from traycreds.sim import Fault, faults
from traycreds.ui.dialog_program import CANNOT_SHOW
from traycreds.usecases import sign_in

NETWORK = "Check the network or proxy, then try again."


def refused(role, session) -> str:
    """The hint with which a page of the console is refused."""
    with pytest.raises(TraycredsError) as caught:
        console.page(role, session)
    return caught.value.hint


def test_a_partition_whose_console_is_known(endpoint):
    hint = refused(a_role(arn="arn:aws-iso:iam::123456789012:role/x"), credentials())
    assert hint.startswith("Choose a role in one of ")
    for partition in hint.removeprefix("Choose a role in one of ").rstrip(".").split(", "):
        assert console.page(a_role(arn=f"arn:{partition}:iam::123456789012:role/x"), credentials())


def test_a_console_that_cannot_be_signed_out_of(endpoint):
    role = a_role(arn="arn:aws-cn:iam::123456789012:role/x")
    with pytest.raises(TraycredsError) as caught:
        console.page(role, credentials(), sign_out=True)
    assert caught.value.hint == "Sign out there in the browser, and leave out --sign-out and console_sign_out."
    assert console.page(role, credentials())


def test_a_role_in_place_of_the_mfa_session_of_a_user(endpoint):
    user = a_role("me", arn=None, mfa_serial="arn:aws:iam::123456789012:mfa/me")
    assert refused(user, credentials()) == "Choose a role, or sign in to the console with your user's password."
    assert not endpoint.asked
    assert console.page(a_role(), credentials())


def test_an_mfa_session_whose_source_is_a_session(aws, device):
    aws.config(f"[profile hop]\nrole_arn = {aws.role.arn}\nsource_profile = base\n")
    mfa = MfaSessions()
    mfa.offer(device.serial, code(device))
    source = StsSource(mfa=mfa)
    me = a_role("me", arn=None, source_profile="hop", mfa_serial=device.serial)
    assert failure(source, me).hint == "Set its source_profile to the profile with the keys of your user."
    assert source.issue(a_role("me", arn=None, source_profile="base", mfa_serial=device.serial))


@pytest.mark.parametrize("corrected", [True, False])
def test_a_federation_endpoint_that_is_no_address(federation, monkeypatch, corrected):
    asked = []

    class Opener:
        def open(self, request, **_):
            asked.append(urlsplit(request.full_url).hostname)
            raise OSError("no network")

    monkeypatch.setattr(console.request, "build_opener", lambda *_: Opener())
    monkeypatch.setenv(console.ENDPOINT, "signin.example.com")
    assert refused(a_role(), credentials()) == "Fix or remove it."
    assert not asked
    if corrected:
        monkeypatch.setenv(console.ENDPOINT, federation.url)
    else:
        monkeypatch.delenv(console.ENDPOINT)
    refused(a_role(), credentials())
    assert asked == ["127.0.0.1" if corrected else "signin.aws.amazon.com"]


def test_a_session_that_the_console_refuses_is_refreshed(aws, source, dev, endpoint):
    old = source.issue(dev)
    endpoint.refused.add(old.access_key_id)
    hint = refused(dev, old)
    assert hint == "Refresh the role and try again. Sessions from GetSessionToken cannot open the console."
    assert console.page(dev, source.issue(dev))


@pytest.fixture
def source():
    return StsSource(connect_timeout=2, read_timeout=2)


def test_a_proxy_that_is_not_there(endpoint, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert refused(a_role(), credentials()) == NETWORK
    monkeypatch.delenv("http_proxy")
    assert console.page(a_role(), credentials())


def test_a_network_that_answers_in_the_name_of_aws(endpoint):
    right, endpoint.body = endpoint.body, PAGE.decode()
    assert refused(a_role(), credentials()) == NETWORK
    endpoint.body = right
    assert console.page(a_role(), credentials())


NO_PORT = """\
import socket, sys

def no_port(*_):
    raise OSError(24, "Too many open files")

if "__serve" in sys.orig_argv:
    socket.socket.bind = no_port
"""


@not_on_windows
def test_a_program_that_can_have_no_endpoint_is_run_without(sandbox, tmp_path):
    sandbox.add_role("dev")
    (tmp_path / "sitecustomize.py").write_text(NO_PORT)
    show = (sys.executable, "-c", "import os; print(os.environ['AWS_ACCESS_KEY_ID'])")
    done = sandbox.command("exec", "--server", "dev", "--", *show, cold=True, PYTHONPATH=str(tmp_path))
    assert done.stdout == ""
    assert done.returncode != 0
    assert done.stderr.splitlines() == ["Cannot listen on 127.0.0.1: too many open files.", "Run it without --server."]
    done = sandbox.command("exec", "dev", "--", *show)
    assert done.stdout.strip() == sandbox.profiles()["dev-session"]["aws_access_key_id"], done.stderr


@not_on_windows
@pytest.mark.parametrize("installed", [True, False])
def test_a_machine_without_a_dialog(aws, device, tmp_path, monkeypatch, installed):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(sys, "platform", "linux")
    shown = Dialog([sys.executable, "-c", f"raise SystemExit({CANNOT_SHOW})"])
    question = Question(device=device.serial, roles=("strong",))
    with pytest.raises(TraycredsError) as caught:
        shown.ask(question)
    assert caught.value.hint.endswith(", or set mfa_process in the configuration.")
    assert "zenity" in caught.value.hint
    program = tmp_path / "zenity"
    program.write_text(f"#!/bin/sh\necho {code(device)}\n")
    program.chmod(0o755)
    mfa = MfaSessions(settings=Settings(mfa_process=None if installed else str(program)))
    if installed:
        mfa.offer(device.serial, shown.ask(question))
    assert StsSource(mfa=mfa).issue(strong(aws, device))


def test_an_account_that_is_assigned(sso_home, tmp_path, monkeypatch):
    lister = AccountLister(sso_home, tmp_path / "state")
    sso_home.login()
    monkeypatch.setitem(faults.ANSWERS, Fault.INVALID_TOKEN, (403, "ForbiddenException", "No access"))
    sso_home.sim.faults.set(Fault.INVALID_TOKEN, role="ListAccounts")
    with pytest.raises(IssueError) as caught:
        lister.list()
    assert caught.value.hint == "Ask your IAM Identity Center administrator for it."
    sso_home.assign((ACCOUNT, "Admin"))
    sso_home.sim.faults.clear()
    assert [account.id for account in lister.list()] == [ACCOUNT]


def test_a_portal_that_throttles_for_some_minutes(sso_home, tmp_path):
    watch = Stopwatch()
    session = sign_in.find(sso_home.where, "corp")
    sso_home.login()

    def read():
        if watch.now > 200:
            sso_home.sim.faults.clear()
        return AccountList(
            session,
            Tokens(TokenFolder.of_this_user()),
            lambda service: sign_in.connect(session, service),
            tmp_path / "state",
            pace=Pace(clock=watch, sleep=watch.sleep),
        ).read()

    sso_home.sim.faults.set(Fault.THROTTLE, role="ListAccounts")
    with pytest.raises(IssueError) as caught:
        read()
    assert caught.value.hint == "Try again in a few minutes."
    assert watch.now < 200
    watch.sleep(180)
    assert [account.id for account in read()] == [ACCOUNT]


def test_a_sign_in_that_was_canceled_is_started_again(sso_home):
    pages = []

    def visit(redirect, state):
        connection = HTTPConnection(urlsplit(redirect).netloc, timeout=30)
        connection.request("GET", f"{PATH}?code=x&state={state}")
        pages.append(connection.getresponse().read().decode())
        connection.close()

    with CallbackServer() as server:
        browser = threading.Thread(target=visit, args=(server.redirect, server.state))
        browser.start()
        assert server.wait(30) == "x"
    browser.join(30)
    assert "Start it again." in pages[0]
    sso_home.login()
    assert sso_home.token_file().exists()


def test_an_answer_of_a_network_to_a_sign_in(sso_home, monkeypatch):
    with monkeypatch.context() as wrong, answering(200, b'{"clientId": 7}') as url:
        wrong.setenv("AWS_ENDPOINT_URL_SSO_OIDC", url)
        with pytest.raises(IssueError) as caught:
            sso_home.login()
    assert caught.value.hint == "Check the network, VPN and proxy, and try again."
    sso_home.login()
    assert sso_home.token_file().exists()


def test_a_sign_in_that_the_portal_could_not_end_is_over_in_time(sso_home):
    sso_home.login()
    access = sso_home.token()["accessToken"]
    session = sign_in.find(sso_home.where, "corp")
    sso_home.sim.faults.set(Fault.UNAVAILABLE_503)
    with pytest.raises(IssueError) as caught:
        sign_in.sign_out(session)
    assert caught.value.hint == "Nothing can use that sign-in without the token, and it expires by itself."
    sso_home.sim.faults.clear()
    assert failure(StsSource(), own()).sentence.startswith("You are not signed in to corp")
    client = sign_in.connect(session, "sso")
    assert client.list_accounts(accessToken=access)
    # The portal does this by itself when a session has lasted its time.
    sso_home.sim.portal.sign_out_all()
    with pytest.raises(client.exceptions.UnauthorizedException):
        client.list_accounts(accessToken=access)


def test_a_token_that_another_program_keeps_writing(tmp_path, monkeypatch):
    folder = TokenFolder(tmp_path, tmp_path / "locks")

    def changed_meanwhile(*_, **__):
        raise ChangedMeanwhileError

    with monkeypatch.context() as other:
        other.setattr(atomic_write, "replace", changed_meanwhile)
        with pytest.raises(CredentialsFileError) as caught:
            folder.write("key", {"accessToken": "x"})
    assert caught.value.hint == "Stop that program, then sign in again."
    folder.write("key", {"accessToken": "x"})
    assert folder.read("key") == {"accessToken": "x"}


@not_on_windows
def test_a_token_in_a_folder_that_may_not_be_changed(tmp_path, monkeypatch):
    folder = TokenFolder(tmp_path / "cache", tmp_path / "locks")
    folder.write("key", {"accessToken": "x"})
    path = folder.path("key")
    remove = type(path).unlink

    # Root may ignore the mode of a folder, so the test applies it.
    def as_the_mode_says(file, **how):
        if file == path and not path.parent.stat().st_mode & 0o200:
            raise PermissionError(13, "Permission denied")
        remove(file, **how)

    monkeypatch.setattr(type(path), "unlink", as_the_mode_says)
    path.parent.chmod(0o500)
    with pytest.raises(CredentialsFileError) as caught:
        folder.remove("key")
    assert caught.value.hint == "Check the permissions of its folder."
    path.parent.chmod(0o700)
    assert folder.remove("key")
