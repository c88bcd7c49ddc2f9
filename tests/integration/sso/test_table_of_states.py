"""Each state of a sign-in, and each refusal of its service, over HTTP: docs/aws-behaviour.md#iam-identity-center-sign-ins."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sso.conftest import own
from tests.support.sso_profiles import START
from traycreds.aws.sso.token_cache import TokenFolder, key_of
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind as Kind
from traycreds.core.errors import IssueError
from traycreds.core.text import rfc_3339
from traycreds.sim import Fault, faults

MINUTE = timedelta(minutes=1)
NONE = "You are not signed in to corp, which role sso needs."
EXPIRED = "The sign-in behind role sso has expired."
LOGIN = "Run: traycreds login corp"
GOOD = None
"""The role gets its session."""


def none(sso_home):
    pass


def valid(sso_home):
    sso_home.login()


def ends_soon(sso_home):
    sso_home.login()
    sso_home.age(14 * MINUTE)


def expired(sso_home):
    sso_home.login()
    sso_home.age(-MINUTE)


def refused(sso_home):
    expired(sso_home)
    sso_home.sim.oidc.revoke()


def without_refresh_token(sso_home):
    expired(sso_home)
    token = sso_home.token()
    del token["refreshToken"]
    sso_home.write(token)


def without_region(sso_home):
    expired(sso_home)
    token = sso_home.token()
    del token["region"]
    sso_home.write(token)


def registration_over(sso_home):
    sso_home.login()
    sso_home.age(-MINUTE, registrationExpiresAt=rfc_3339(datetime.now(timezone.utc) - MINUTE))


def refused_with_time_left(sso_home):
    sso_home.login()
    sso_home.age(5 * MINUTE)
    sso_home.sim.oidc.revoke(access=False)


def unknown_to_the_portal(sso_home):
    sso_home.login()
    sso_home.sim.portal.sign_out_all()


def not_assigned(sso_home):
    sso_home.assign(("222233334444", "Other"))
    sso_home.login()


def garbage(sso_home):
    sso_home.login()
    sso_home.token_file().write_text("garbage")


def no_such_account(sso_home):
    sso_home.login()
    sso_home.answers(404, "ResourceNotFoundException", "GetRoleCredentials")


@pytest.mark.parametrize(
    ("state", "renewals", "message"),
    [
        (none, [], (Kind.SIGN_IN, NONE, LOGIN)),
        (valid, [], GOOD),
        (ends_soon, ["OK"], GOOD),
        (expired, ["OK"], GOOD),
        (refused, ["InvalidGrantException"], (Kind.SIGN_IN, EXPIRED, LOGIN)),
        (without_refresh_token, [], (Kind.SIGN_IN, EXPIRED, LOGIN)),
        (without_region, ["OK"], GOOD),
        (registration_over, [], (Kind.SIGN_IN, EXPIRED, LOGIN)),
        (refused_with_time_left, ["InvalidGrantException"], GOOD),
        (unknown_to_the_portal, [], (Kind.SIGN_IN, EXPIRED, LOGIN)),
        (
            not_assigned,
            [],
            (
                Kind.DENIED,
                "The sign-in of profile sso has no access to the account and role that role sso needs.",
                "Check",
            ),
        ),
        (
            no_such_account,
            [],
            (Kind.BAD_CONFIG, "IAM Identity Center does not know the account or role that", "Fix"),
        ),
        (garbage, [], (Kind.SIGN_IN, NONE, LOGIN)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_state_of_the_token(sso_home, state, renewals, message):
    state(sso_home)
    before = sso_home.outcomes("CreateToken")

    if message is GOOD:
        assert StsSource().issue(own())
    else:
        kind, sentence, hint = message
        with pytest.raises(IssueError) as caught:
            StsSource().issue(own())
        assert caught.value.kind is kind
        assert caught.value.sentence.startswith(sentence)
        assert caught.value.hint.startswith(hint)
    assert sso_home.outcomes("CreateToken")[len(before) :] == renewals


def test_a_legacy_profile_never_renews(sso_home):
    sso_home.sim.oidc.interval = 1
    sso_home.login("old")
    token = sso_home.token(START)
    sso_home.write({**token, "expiresAt": rfc_3339(datetime.now(timezone.utc) - MINUTE)}, START)

    with pytest.raises(IssueError) as caught:
        StsSource().issue(own("old"))
    assert caught.value.kind is Kind.SIGN_IN
    assert caught.value.hint == "Run: traycreds login old"
    assert key_of(START) in str(sso_home.token_file(START))


SERVICE = [
    (400, "AccessDeniedException", Kind.SIGN_IN, "The sign-in to corp was refused.", "sign in again"),
    (400, "ExpiredTokenException", Kind.SIGN_IN, "The code for the sign-in to corp has expired.", "Sign in again."),
    (
        401,
        "InvalidClientException",
        Kind.SIGN_IN,
        "AWS no longer recognizes the registration for corp.",
        "Sign in again to register again.",
    ),
    (
        400,
        "InvalidGrantException",
        Kind.SIGN_IN,
        "AWS did not accept the browser's response for corp.",
        "Sign in again.",
    ),
    (
        400,
        "InvalidRequestException",
        Kind.BAD_CONFIG,
        "AWS does not accept the request to sign in to corp",
        "Check sso_start_url and sso_region in ~/.aws/config.",
    ),
    (
        400,
        "InvalidScopeException",
        Kind.BAD_CONFIG,
        "AWS does not recognize a scope of corp.",
        "Fix sso_registration_scopes in ~/.aws/config.",
    ),
    (
        400,
        "SlowDownException",
        Kind.THROTTLED,
        "The sign-in service in eu-west-1 is throttling requests.",
        "Try again in a minute.",
    ),
    (
        500,
        "InternalServerException",
        Kind.NETWORK,
        "The sign-in service in eu-west-1 has an internal error",
        "Try again later.",
    ),
    (503, "SomethingNew", Kind.NETWORK, "The sign-in service in eu-west-1 has an internal error", "Try again later."),
]


@pytest.mark.parametrize(
    ("status", "code", "kind", "sentence", "hint"), SERVICE, ids=[f"{row[0]} {row[1]}" for row in SERVICE]
)
@pytest.mark.parametrize("action", ["RegisterClient", "CreateToken"])
def test_refusal_of_the_sign_in_service(sso_home, action, status, code, kind, sentence, hint):
    sso_home.answers(status, code, action)

    with pytest.raises(IssueError) as caught:
        sso_home.login()
    assert caught.value.kind is kind
    assert caught.value.sentence.startswith(sentence)
    assert hint in caught.value.hint
    assert code in sso_home.outcomes(action)
    assert not sso_home.token_file().exists()

    # The trouble has passed, or the user has corrected its cause.
    sso_home.sim.faults.clear()
    sso_home.login()
    assert sso_home.token_file().exists()


def test_a_sign_in_service_that_cannot_be_reached(sso_home, monkeypatch):
    with monkeypatch.context() as wrong:
        wrong.setenv("AWS_ENDPOINT_URL_SSO_OIDC", "http://127.0.0.1:9")
        with pytest.raises(IssueError) as caught:
            sso_home.login()
    assert caught.value.hint == "Check the network, VPN and proxy, and sso_region."
    sso_home.login()
    assert sso_home.token_file().exists()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "InternalServerException"),
        (503, "SomethingNew"),
        (400, "SlowDownException"),
        (429, "TooManyRequestsException"),
    ],
)
def test_no_fault_of_the_service_takes_a_token_away(sso_home, status, code):
    expired(sso_home)
    before = sso_home.token_file().read_bytes()
    sso_home.answers(status, code, "CreateToken")

    with pytest.raises(IssueError) as caught:
        StsSource().issue(own())
    assert caught.value.kind in (Kind.ANSWER, Kind.THROTTLED)
    assert sso_home.token_file().read_bytes() == before
    sso_home.sim.faults.clear()
    assert StsSource().issue(own())


@pytest.fixture
def sso_home(sso_home, monkeypatch):
    """With refusals of any code, and tokens as a tool might leave them."""

    def answers(status, code, action):
        monkeypatch.setitem(faults.ANSWERS, Fault.INVALID_TOKEN, (status, code, "Words of AWS"))
        sso_home.sim.faults.set(Fault.INVALID_TOKEN, role=action if action != "GetRoleCredentials" else "Admin")

    def write(token, name="corp"):
        TokenFolder(sso_home.cache, sso_home.cache / "locks").write(key_of(name), token)

    sso_home.answers, sso_home.write = answers, write
    return sso_home
