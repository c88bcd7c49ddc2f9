"""Signing in: by browser and by device code, and what stands on disk afterwards."""

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

from tests.integration.sso.conftest import ACCOUNT, START, own
from tests.sandbox import has_mode
from tests.waiting import until
from traycreds.adapters.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError, UsageError
from traycreds.sim import Fault


def refusal(corp, **manner) -> IssueError:
    with pytest.raises(IssueError) as caught:
        corp.login(**manner)
    assert caught.value.sentence.endswith(".")
    return caught.value


def test_the_token_is_where_and_as_aws_cli_has_it(corp):
    before = datetime.now(timezone.utc)
    signed_in = corp.login()

    token = corp.token()
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
    assert has_mode(corp.token_file(), 0o600)
    assert has_mode(corp.cache, 0o700)
    assert signed_in.renews
    assert timedelta(minutes=59) < signed_in.expires_at - before < timedelta(minutes=61)
    assert [path.suffix for path in corp.cache.iterdir()] == [".json"] * 2, "the token, and the registration"


def test_botocore_and_aws_cli_use_the_sign_in(corp):
    import botocore.session
    from botocore.tokens import SSOTokenProvider
    from botocore.utils import JSONFileCache

    corp.login()

    provider = SSOTokenProvider(botocore.session.Session(profile="sso"), cache=JSONFileCache(str(corp.cache)))
    assert provider.load_token().get_frozen_token().token == corp.token()["accessToken"]
    told = subprocess.run(
        [sys.executable, "-m", "awscli", "sts", "get-caller-identity", "--profile", "sso", "--query", "Arn"],
        env=corp.sandbox.environment(**corp.endpoints),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "AWSReservedSSO_Admin" in told.stdout
    assert corp.outcomes("CreateToken") == ["OK"], "and neither needs one of its own"


def test_a_role_behind_the_sign_in_gets_its_session(corp):
    corp.sim.world.add_role(f"arn:aws:iam::{ACCOUNT}:role/behind", trust=[f"arn:aws:iam::{ACCOUNT}:root"])
    corp.login("behind")

    source = StsSource()
    assert source.issue(own())
    assert source.issue(own("behind"))


def test_the_page_is_told_how_it_ended_and_shows_no_code(corp):
    corp.login()

    last = until(lambda: corp.visitor.pages[1:], "the last page")[-1]
    assert "You are signed in" in last
    code = parse_qs(urlsplit(corp.visitor.addresses[-1]).query)["code"][0]
    assert code not in last


def test_nothing_secret_is_said_or_logged(corp, caplog):
    caplog.set_level(logging.DEBUG, "traycreds")
    corp.login()
    corp.age(timedelta(minutes=1))
    StsSource().issue(own())

    token = corp.token()
    create = [call.parameters for call in corp.sim.calls if call.action == "CreateToken"]
    secrets = [token[name] for name in ("accessToken", "clientSecret", "refreshToken")]
    secrets += [create[0][name] for name in ("code", "codeVerifier")] + [create[1]["refreshToken"]]
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("traycreds"))
    assert ours
    for secret in secrets:
        assert secret not in ours
        assert secret not in "".join(corp.said)


def test_refused_in_the_browser(corp):
    corp.visitor.answer = "deny"

    error = refusal(corp)

    assert error.kind is FailureKind.SIGN_IN
    assert error.sentence == "The sign-in to corp was refused in the browser."
    assert "refused" in until(lambda: corp.visitor.pages[1:], "the last page")[-1]
    assert not corp.token_file().exists()


def test_nobody_comes(corp):
    corp.visitor.answer = "leave"

    error = refusal(corp, seconds=0.3)

    assert error.sentence == "The sign-in to corp was not confirmed in time."
    assert not corp.token_file().exists()
    port = int(re.search(r"127\.0\.0\.1%3A(\d+)", corp.said[0])[1])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)), "the listener is gone"


def test_only_the_one_right_answer_counts(corp):
    """Wrong state, path, host, and a second answer: none of them ends or spoils the sign-in."""
    corp.visitor.answer = "leave"
    done = []
    thread = threading.Thread(target=lambda: done.append(corp.login()))
    thread.start()
    url = urlsplit(until(lambda: corp.said, "the address")[0].split()[-1])
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    back = query["redirect_uri"]
    visitor = corp.visitor

    assert "no answer" in visitor.get(f"{back}?code=x&state=guessed")
    assert "no answer" in visitor.get(f"{back}?state={query['state']}")
    assert "no answer" in visitor.get(f"{back}?code=x&state={query['state']}", Host="evil.example")
    assert "Not found" in visitor.get(back.replace("/oauth/callback", f"/?code=x&state={query['state']}"))
    with socket.create_connection(("127.0.0.1", urlsplit(back).port)) as silent:
        visitor.answer = "allow"
        visitor.open(url.geturl())
        assert "signed in" in visitor.pages[-1]
        silent.close()
    thread.join(10)
    assert done[0].renews
    assert corp.outcomes("CreateToken") == ["OK"]


def test_the_listener_is_on_loopback_alone(corp):
    from traycreds.adapters.ssoloopback import Loopback

    with Loopback() as ear:
        assert ear._server.server_address[0] == "127.0.0.1"
        assert ear.redirect.startswith("http://127.0.0.1:")


def test_every_sign_in_has_its_own_state_and_verifier(corp):
    corp.login()
    corp.login()

    pages = [call.parameters for call in corp.sim.calls if call.action == "AuthorizePage"]
    assert len({page["state"] for page in pages}) == 2
    assert len({page["code_challenge"] for page in pages}) == 2
    assert all(len(page["state"]) >= 32 for page in pages)


def test_the_registration_is_kept_until_it_ends_soon(corp):
    corp.login()
    corp.login()
    assert corp.actions("RegisterClient") == ["RegisterClient"]

    corp.sim.oidc.registration_length = timedelta(hours=1)
    for kept in corp.cache.glob("*.json"):
        kept.unlink()
    corp.login()
    corp.login()
    assert len(corp.actions("RegisterClient")) == 3


def test_a_registration_that_aws_lost_is_made_anew_the_next_time(corp):
    _confirm_devices(corp)
    corp.login(device=True)
    corp.sim.oidc.forget_clients()

    error = refusal(corp, device=True)
    assert error.sentence == "AWS does not know the registration for corp any more."
    assert corp.login(device=True).renews


def _confirm_devices(corp, *, allowed=True):
    """Somebody decides about each code as soon as it is said, and not at this machine's browser."""
    corp.visitor.answer = "leave"
    said = corp.said

    class Hearing(list):
        def append(self, text):
            said.append(text)
            code = re.search(r"the code ([A-Z]{4}-[A-Z]{4})", text)
            if code:
                assert corp.sim.oidc.decide_device(code[1], allowed=allowed)

    corp.said = Hearing()


def test_device_code(corp, monkeypatch):
    monkeypatch.delenv("BROWSER")
    _confirm_devices(corp)

    signed_in = corp.login()

    assert signed_in.renews
    assert corp.actions() == ["RegisterClient", "StartDeviceAuthorization", "CreateToken"]


def test_device_code_when_the_browser_does_not_open(corp, monkeypatch):
    import webbrowser

    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    _confirm_devices(corp)

    assert corp.login().renews
    assert "StartDeviceAuthorization" in corp.actions()


def test_a_device_waits_asks_slower_and_bears_faults(corp):
    """Nobody has confirmed at the first poll; AWS asks to slow down; the service fails; then it is confirmed."""
    from traycreds.adapters.ssocache import TokenFolder
    from traycreds.adapters.ssologin import Manner, SignIn
    from traycreds.adapters.ssooidc import Oidc
    from traycreds.adapters.stsdoor import create_anonymous_client
    from traycreds.app import login

    corp.sim.oidc.interval = 1
    pauses = []

    def pause(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            corp.sim.faults.set(Fault.ERROR_500, role="CreateToken", times=1)
        if len(pauses) == 4:
            code = re.search(r"the code ([A-Z-]+)", corp.said[0])[1]
            corp.sim.oidc.decide_device(code, allowed=True)
            corp.sim.oidc._devices.update({key: _replaced(device) for key, device in corp.sim.oidc._devices.items()})

    session = login.find(corp.where, "corp")
    client = create_anonymous_client("sso-oidc", "eu-west-1", connect_timeout=2, read_timeout=2)
    sign_in = SignIn(session, Oidc(client, session), TokenFolder.of_this_user(), say=corp.said.append, pause=pause)
    sign_in.run(Manner(device=True, browser=False))

    assert corp.outcomes("CreateToken") == [
        "AuthorizationPendingException",
        "SlowDownException",
        "InternalFailure",
        "OK",
    ]
    assert pauses == [1, 1, 6, 6]


def _replaced(device):
    """As if its last poll were long ago."""
    from dataclasses import replace

    return replace(device, polled_at=None)


def test_a_device_that_is_refused(corp):
    _confirm_devices(corp, allowed=False)

    error = refusal(corp, device=True)

    assert error.sentence == "The sign-in to corp was refused."
    assert not corp.token_file().exists()


def test_a_device_code_that_expires(corp):
    corp.sim.oidc.device_length = timedelta(seconds=2)
    corp.visitor.answer = "leave"

    assert refusal(corp, device=True).sentence in (
        "The sign-in to corp was not confirmed in time.",
        "The code of the sign-in to corp has expired.",
    )


def test_legacy_profiles_sign_in_by_device_code_under_their_start_url(corp):
    corp.sim.oidc.interval = 1
    signed_in = corp.login("old")  # the visitor opens the page with the code in it, and allows

    assert not signed_in.renews
    token = corp.token(START)
    assert "refreshToken" not in token
    assert signed_in.expires_at - datetime.now(timezone.utc) > timedelta(hours=7)
    assert StsSource().issue(own("old"))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.THROTTLE, FailureKind.THROTTLED),
        (Fault.ERROR_500, FailureKind.NETWORK),
        (Fault.PROXY_502, FailureKind.NETWORK),
        (Fault.DROP, FailureKind.NETWORK),
    ],
    ids=lambda value: value.name,
)
@pytest.mark.parametrize("action", ["RegisterClient", "CreateToken"])
def test_faults_of_the_service_leave_the_old_token_alone(corp, action, fault, kind):
    corp.login()
    before = corp.token_file().read_bytes()
    if action == "RegisterClient":
        for kept in corp.cache.glob("*.json"):
            if kept != corp.token_file():
                kept.unlink()
    corp.sim.faults.set(fault, role=action)

    error = refusal(corp)

    assert error.kind is kind
    assert corp.token_file().read_bytes() == before
    corp.sim.faults.clear()
    assert corp.login().renews


def test_which_sign_in_a_name_means(corp):
    from traycreds.app import login

    corp.sandbox.add_role("mine", source="sso")

    def label(word):
        found = login.find(corp.where, word)
        return found.name, found.label

    assert label("corp") == label("sso") == label("behind") == label("mine") == ("corp", "corp")
    assert label("old") == (None, "old")


@pytest.mark.parametrize(
    ("word", "sentence", "hint"),
    [
        ("crop", "There is no sso-session, profile or role crop.", "Did you mean corp?"),
        ("zzz", "There is no sso-session, profile or role zzz.", "The sso-sessions are: corp, half."),
        ("keys", "keys uses no sign-in of IAM Identity Center.", "The sso-sessions are: corp, half."),
        ("half", "The sso-session half has no sso_region.", "Add it to ~/.aws/config."),
        ("lost", "Profile lost names the sso-session nowhere, which does not exist.", "correct the profile"),
    ],
)
def test_names_that_mean_none(corp, word, sentence, hint):
    from traycreds.app import login

    corp.more_config("""
        [sso-session half]
        sso_start_url = https://x.example/start
        [profile lost]
        sso_session = nowhere
        sso_account_id = 1
        sso_role_name = x
    """)

    with pytest.raises(UsageError) as caught:
        login.find(corp.where, word)

    assert caught.value.sentence == sentence
    assert hint in caught.value.hint


def test_a_page_elsewhere_cannot_take_part_in_the_simulators_page(corp):
    """The simulator is strict where AWS is: no foreign redirect, no plain challenge, PKCE verified, codes once."""
    corp.login()
    client_id = corp.token()["clientId"]
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
        page = corp.visitor.get(f"{corp.sim.url}/authorize?{urlencode(query | changes)}")
        assert "This does not work" in page
