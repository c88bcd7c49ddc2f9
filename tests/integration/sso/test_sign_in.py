"""Signing in: by browser and by device code, and what is on disk afterwards."""

from __future__ import annotations

import logging
import re
import socket
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.integration.sso.conftest import own
from tests.support.sandbox import has_mode
from tests.support.sso_profiles import ACCOUNT, PASSING_FAULTS, START
from tests.support.wait_until import until
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError, UsageError
from traycreds.core.value_class import replace
from traycreds.sim import Fault


def refusal(sso_home, **options) -> IssueError:
    with pytest.raises(IssueError) as caught:
        sso_home.login(**options)
    assert caught.value.sentence.endswith(".")
    return caught.value


def test_the_token_is_where_and_as_aws_cli_has_it(sso_home):
    before = datetime.now(timezone.utc)
    signed_in = sso_home.login()

    token = sso_home.token()
    assert list(token) == [
        "startUrl",
        "region",
        "accessToken",
        "expiresAt",
        "clientId",
        "clientSecret",
        "registrationExpiresAt",
        "refreshToken",
    ]
    assert (token["startUrl"], token["region"]) == (START, "eu-west-1")
    assert all(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", token[n]) for n in ("expiresAt", "registrationExpiresAt")
    )
    assert has_mode(sso_home.token_file(), 0o600)
    assert has_mode(sso_home.cache, 0o700)
    assert signed_in.renews
    assert timedelta(minutes=59) < signed_in.expires_at - before < timedelta(minutes=61)
    assert [path.suffix for path in sso_home.cache.iterdir()] == [".json"] * 2, "the token, and the registration"


def test_botocore_and_aws_cli_use_the_sign_in(sso_home):
    import botocore.session
    from botocore.tokens import SSOTokenProvider
    from botocore.utils import JSONFileCache

    sso_home.login()

    provider = SSOTokenProvider(botocore.session.Session(profile="sso"), cache=JSONFileCache(str(sso_home.cache)))
    assert provider.load_token().get_frozen_token().token == sso_home.token()["accessToken"]
    # By a Python of its own: awscli finds the folder of tokens when it is imported.
    reported = subprocess.run(
        [sys.executable, "-m", "awscli", "sts", "get-caller-identity", "--profile", "sso", "--query", "Arn"],
        env=sso_home.sandbox.environment(**sso_home.endpoints),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "AWSReservedSSO_Admin" in reported.stdout
    assert sso_home.outcomes("CreateToken") == ["OK"], "and neither needs one of its own"


def test_a_role_behind_the_sign_in_gets_its_session(sso_home):
    sso_home.sim.world.add_role(f"arn:aws:iam::{ACCOUNT}:role/behind", trust=[f"arn:aws:iam::{ACCOUNT}:root"])
    sso_home.login("behind")

    source = StsSource()
    assert source.issue(own())
    assert source.issue(own("behind"))


def test_the_page_shows_how_it_ended_and_no_code(sso_home):
    sso_home.login()

    last = until(lambda: sso_home.visitor.pages[1:], "the last page")[-1]
    assert "You are signed in" in last
    code = parse_qs(urlsplit(sso_home.visitor.addresses[-1]).query)["code"][0]
    assert code not in last


def test_nothing_secret_is_reported_or_logged(sso_home, caplog):
    caplog.set_level(logging.DEBUG, "traycreds")
    sso_home.login()
    sso_home.age(timedelta(minutes=1))
    StsSource().issue(own())

    token = sso_home.token()
    create = [call.parameters for call in sso_home.sim.calls if call.action == "CreateToken"]
    secrets = [token[name] for name in ("accessToken", "clientSecret", "refreshToken")]
    secrets += [create[0][name] for name in ("code", "codeVerifier")] + [create[1]["refreshToken"]]
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("traycreds"))
    assert ours
    for secret in secrets:
        assert secret not in ours
        assert secret not in "".join(sso_home.output)


def test_refused_in_the_browser(sso_home):
    sso_home.visitor.answer = "deny"

    error = refusal(sso_home)

    assert error.kind is FailureKind.SIGN_IN
    assert error.sentence == "The sign-in to corp was refused in the browser."
    assert "refused" in until(lambda: sso_home.visitor.pages[1:], "the last page")[-1]
    assert not sso_home.token_file().exists()


def test_nobody_comes(sso_home):
    sso_home.visitor.answer = "leave"

    error = refusal(sso_home, seconds=0.3)

    assert error.sentence == "The sign-in to corp was not confirmed in time."
    assert not sso_home.token_file().exists()
    port = int(re.search(r"127\.0\.0\.1%3A(\d+)", sso_home.output[0])[1])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)), "the listener is gone"


def test_only_the_one_right_answer_counts(sso_home):
    """Wrong state, path, host, and a second answer: none of them ends or spoils the sign-in."""
    sso_home.visitor.answer = "leave"
    done = []
    thread = threading.Thread(target=lambda: done.append(sso_home.login()))
    thread.start()
    url = urlsplit(until(lambda: sso_home.output, "the address")[0].split()[-1])
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    back = query["redirect_uri"]
    visitor = sso_home.visitor

    assert "Not a sign-in response" in visitor.get(f"{back}?code=x&state=guessed")
    assert "Not a sign-in response" in visitor.get(f"{back}?state={query['state']}")
    assert "Not a sign-in response" in visitor.get(f"{back}?code=x&state={query['state']}", Host="evil.example")
    assert "Not found" in visitor.get(back.replace("/oauth/callback", f"/?code=x&state={query['state']}"))
    with socket.create_connection(("127.0.0.1", urlsplit(back).port)) as silent:
        visitor.answer = "allow"
        visitor.open(url.geturl())
        assert "signed in" in visitor.pages[-1]
        silent.close()
    thread.join(10)
    assert done[0].renews
    assert sso_home.outcomes("CreateToken") == ["OK"]


def test_the_listener_is_on_loopback_alone(sso_home):
    from traycreds.aws.sso.callback_server import CallbackServer

    with CallbackServer() as server:
        assert server._server.server_address[0] == "127.0.0.1"
        assert server.redirect.startswith("http://127.0.0.1:")


def test_every_sign_in_has_its_own_state_and_verifier(sso_home):
    sso_home.login()
    sso_home.login()

    pages = [call.parameters for call in sso_home.sim.calls if call.action == "AuthorizePage"]
    assert len({page["state"] for page in pages}) == 2
    assert len({page["code_challenge"] for page in pages}) == 2
    assert all(len(page["state"]) >= 32 for page in pages)


def test_the_registration_is_kept_until_it_ends_soon(sso_home):
    sso_home.login()
    sso_home.login()
    assert sso_home.actions("RegisterClient") == ["RegisterClient"]

    sso_home.sim.oidc.registration_length = timedelta(hours=1)
    for kept in sso_home.cache.glob("*.json"):
        kept.unlink()
    sso_home.login()
    sso_home.login()
    assert len(sso_home.actions("RegisterClient")) == 3


def test_a_registration_that_aws_lost_is_made_anew_the_next_time(sso_home):
    _confirm_devices(sso_home)
    sso_home.login(device=True)
    sso_home.sim.oidc.forget_clients()

    error = refusal(sso_home, device=True)
    assert error.sentence == "AWS no longer recognizes the registration for corp."
    assert sso_home.login(device=True).renews


def _confirm_devices(sso_home, *, allowed=True):
    """Someone decides about each code as soon as it is said, and not at this machine's browser."""
    sso_home.visitor.answer = "leave"
    message = sso_home.output

    class Hearing(list):
        def append(self, text):
            message.append(text)
            code = re.search(r"the code ([A-Z]{4}-[A-Z]{4})", text)
            if code:
                assert sso_home.sim.oidc.decide_device(code[1], allowed=allowed)

    sso_home.output = Hearing()


def test_device_code(sso_home, monkeypatch):
    monkeypatch.delenv("BROWSER")
    _confirm_devices(sso_home)

    signed_in = sso_home.login()

    assert signed_in.renews
    assert sso_home.actions() == ["RegisterClient", "StartDeviceAuthorization", "CreateToken"]


def test_device_code_when_the_browser_does_not_open(sso_home, monkeypatch):
    import webbrowser

    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    _confirm_devices(sso_home)

    assert sso_home.login().renews
    assert "StartDeviceAuthorization" in sso_home.actions()


def test_a_device_waits_asks_slower_and_bears_faults(sso_home):
    """Nobody has confirmed at the first poll; AWS is throttling requests; the service fails; then it is confirmed."""
    from traycreds.aws.botocore_session import create_anonymous_client
    from traycreds.aws.sso.oidc import Oidc
    from traycreds.aws.sso.sign_in import SignIn, SignInOptions
    from traycreds.aws.sso.token_cache import TokenFolder
    from traycreds.usecases import sign_in

    sso_home.sim.oidc.interval = 1
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            sso_home.sim.faults.set(Fault.ERROR_500, role="CreateToken", times=1)
        if len(pauses) == 4:
            code = re.search(r"the code ([A-Z-]+)", sso_home.output[0])[1]
            sso_home.sim.oidc.decide_device(code, allowed=True)
            sso_home.sim.oidc._devices.update(
                {key: _replaced(device) for key, device in sso_home.sim.oidc._devices.items()}
            )

    session = sign_in.find(sso_home.where, "corp")
    client = create_anonymous_client("sso-oidc", "eu-west-1", connect_timeout=2, read_timeout=2)
    oidc, folder, say = Oidc(client, session), TokenFolder.of_this_user(), sso_home.output.append
    SignIn(session, oidc, folder, report=say, pause=pause).run(SignInOptions(device=True, browser=False))

    assert sso_home.outcomes("CreateToken") == [
        "AuthorizationPendingException",
        "SlowDownException",
        "InternalFailure",
        "OK",
    ]
    assert pauses == [1, 1, 6, 6]


def _replaced(device):
    """As if its last poll were long ago."""
    return replace(device, polled_at=None)


def test_a_device_that_is_refused(sso_home):
    _confirm_devices(sso_home, allowed=False)

    error = refusal(sso_home, device=True)

    assert error.sentence == "The sign-in to corp was refused."
    assert not sso_home.token_file().exists()


def test_a_device_code_that_expires(sso_home):
    sso_home.sim.oidc.device_length = timedelta(seconds=2)
    sso_home.visitor.answer = "leave"

    assert refusal(sso_home, device=True).sentence in (
        "The sign-in to corp was not confirmed in time.",
        "The code for the sign-in to corp has expired.",
    )


def test_legacy_profiles_sign_in_by_device_code_under_their_start_url(sso_home):
    sso_home.sim.oidc.interval = 1
    # The visitor opens the page with the code in it and allows the request.
    signed_in = sso_home.login("old")

    assert not signed_in.renews
    token = sso_home.token(START)
    assert "refreshToken" not in token
    assert signed_in.expires_at - datetime.now(timezone.utc) > timedelta(hours=7)
    assert StsSource().issue(own("old"))


@pytest.mark.parametrize(("fault", "kind"), PASSING_FAULTS, ids=lambda value: value.name)
@pytest.mark.parametrize("action", ["RegisterClient", "CreateToken"])
def test_faults_of_the_service_leave_the_old_token_alone(sso_home, action, fault, kind):
    sso_home.login()
    before = sso_home.token_file().read_bytes()
    if action == "RegisterClient":
        for kept in sso_home.cache.glob("*.json"):
            if kept != sso_home.token_file():
                kept.unlink()
    sso_home.sim.faults.set(fault, role=action)

    error = refusal(sso_home)

    # The user who waits tries again, so it does not matter how soon it would be by itself.
    assert error.kind is (FailureKind.NETWORK if kind is FailureKind.ANSWER else kind)
    assert sso_home.token_file().read_bytes() == before
    sso_home.sim.faults.clear()
    assert sso_home.login().renews


def test_which_sign_in_a_name_means(sso_home):
    from traycreds.usecases import sign_in

    sso_home.sandbox.add_role("mine", source="sso")

    def label(word):
        found = sign_in.find(sso_home.where, word)
        return found.name, found.label

    assert label("corp") == label("sso") == label("behind") == label("mine") == ("corp", "corp")
    assert label("old") == (None, "old")


@pytest.mark.parametrize(
    ("word", "sentence", "hint"),
    [
        ("crop", "There is no sso-session, profile or role crop.", "Did you mean corp?"),
        ("zzz", "There is no sso-session, profile or role zzz.", "The sso-sessions are: corp, half."),
        ("keys", "keys does not use IAM Identity Center.", "The sso-sessions are: corp, half."),
        ("half", "The sso-session half has no sso_region.", "Add it to ~/.aws/config."),
        ("lost", "Profile lost names the sso-session nowhere, which does not exist.", "fix the profile"),
    ],
)
def test_names_that_mean_none(sso_home, word, sentence, hint):
    from traycreds.usecases import sign_in

    sso_home.more_config("""
        [sso-session half]
        sso_start_url = https://x.example/start
        [profile lost]
        sso_session = nowhere
        sso_account_id = 1
        sso_role_name = x
    """)

    with pytest.raises(UsageError) as caught:
        sign_in.find(sso_home.where, word)

    assert caught.value.sentence == sentence
    assert hint in caught.value.hint


def test_a_page_elsewhere_cannot_take_part_in_the_simulators_page(sso_home):
    """The simulator is strict where AWS is: no foreign redirect, no plain challenge, PKCE verified, codes once."""
    sso_home.login()
    client_id = sso_home.token()["clientId"]
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": "http://127.0.0.1:1/oauth/callback",
        "state": "s",
        "code_challenge_method": "S256",
        "code_challenge": "c",
    }
    for changes in (
        {"redirect_uri": "http://evil.example/oauth/callback"},
        {"redirect_uri": "http://127.0.0.1:1/elsewhere"},
        {"code_challenge_method": "plain"},
        {"client_id": "nobody"},
        {"state": ""},
    ):
        page = sso_home.visitor.get(f"{sso_home.sim.url}/authorize?{urlencode(query | changes)}")
        assert "This does not work" in page
