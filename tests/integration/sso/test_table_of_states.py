"""Each state of a sign-in, and each refusal of its service, in the tables of aws-facts.md (1.5), over HTTP: what comes of it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sso.conftest import START, own
from traycreds.adapters.ssocache import TokenFolder, key_of, written
from traycreds.adapters.sts import StsSource
from traycreds.core.errors import FailureKind as Kind
from traycreds.core.errors import IssueError
from traycreds.sim import Fault, faults

MINUTE = timedelta(minutes=1)
EXPIRED = "The sign-in behind role sso has expired."
LOGIN = "Run: traycreds login corp"
GOOD = None
"""The role gets its session."""


def none(corp):
    pass


def valid(corp):
    corp.login()


def ends_soon(corp):
    corp.login()
    corp.age(14 * MINUTE)


def expired(corp):
    corp.login()
    corp.age(-MINUTE)


def refused(corp):
    expired(corp)
    corp.sim.oidc.revoke()


def without_refresh_token(corp):
    expired(corp)
    token = corp.token()
    del token["refreshToken"]
    corp.write(token)


def registration_over(corp):
    corp.login()
    corp.age(-MINUTE, registrationExpiresAt=written(datetime.now(timezone.utc) - MINUTE))


def refused_with_time_left(corp):
    corp.login()
    corp.age(5 * MINUTE)
    corp.sim.oidc.revoke(access=False)


def unknown_to_the_portal(corp):
    corp.login()
    corp.sim.portal.sign_out_all()


def not_assigned(corp):
    corp.assign(("222233334444", "Other"))
    corp.login()


def garbage(corp):
    corp.login()
    corp.token_file().write_text("garbage")


def no_such_account(corp):
    corp.login()
    corp.answers(404, "ResourceNotFoundException", "GetRoleCredentials")


@pytest.mark.parametrize(
    ("state", "renewals", "said"),
    [
        (none, [], (Kind.SIGN_IN, EXPIRED, LOGIN)),
        (valid, [], GOOD),
        (ends_soon, ["OK"], GOOD),
        (expired, ["OK"], GOOD),
        (refused, ["InvalidGrantException"], (Kind.SIGN_IN, EXPIRED, LOGIN)),
        (without_refresh_token, [], (Kind.SIGN_IN, EXPIRED, LOGIN)),
        (registration_over, [], (Kind.SIGN_IN, EXPIRED, LOGIN)),
        (refused_with_time_left, ["InvalidGrantException"], GOOD),
        (unknown_to_the_portal, [], (Kind.SIGN_IN, EXPIRED, LOGIN)),
        (
            not_assigned,
            [],
            (Kind.DENIED, "Profile sso is not assigned the account and role that role sso asks for.", "Check"),
        ),
        (
            no_such_account,
            [],
            (Kind.BAD_CONFIG, "IAM Identity Center does not know the account or role that", "Correct"),
        ),
        (garbage, [], (Kind.SIGN_IN, EXPIRED, LOGIN)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_state_of_the_token(corp, state, renewals, said):
    state(corp)
    before = corp.outcomes("CreateToken")

    if said is GOOD:
        assert StsSource().issue(own())
    else:
        kind, sentence, hint = said
        with pytest.raises(IssueError) as caught:
            StsSource().issue(own())
        assert caught.value.kind is kind
        assert caught.value.sentence.startswith(sentence)
        assert caught.value.hint.startswith(hint)
    assert corp.outcomes("CreateToken")[len(before) :] == renewals


def test_a_legacy_profile_never_renews(corp):
    corp.sim.oidc.interval = 1
    corp.login("old")
    token = corp.token(START)
    corp.write({**token, "expiresAt": written(datetime.now(timezone.utc) - MINUTE)}, START)

    with pytest.raises(IssueError) as caught:
        StsSource().issue(own("old"))
    assert caught.value.kind is Kind.SIGN_IN
    assert caught.value.hint == "Run: traycreds login old"
    assert key_of(START) in str(corp.token_file(START))


SERVICE = [
    (400, "AccessDeniedException", Kind.SIGN_IN, "The sign-in to corp was refused.", "sign in again"),
    (400, "ExpiredTokenException", Kind.SIGN_IN, "The code of the sign-in to corp has expired.", "Sign in again."),
    (401, "InvalidClientException", Kind.SIGN_IN, "AWS does not know the registration for corp any more.", "anew"),
    (400, "InvalidGrantException", Kind.SIGN_IN, "AWS did not accept the answer of the browser for corp.", "Sign in"),
    (
        400,
        "InvalidRequestException",
        Kind.BAD_CONFIG,
        "AWS does not accept the request to sign in to corp",
        "sso_start_url",
    ),
    (400, "InvalidScopeException", Kind.BAD_CONFIG, "AWS does not know a scope of corp.", "sso_registration_scopes"),
    (400, "SlowDownException", Kind.THROTTLED, "The sign-in service of eu-west-1 asks to slow down.", "in a minute"),
    (500, "InternalServerException", Kind.NETWORK, "The sign-in service of eu-west-1 is out of order", "later"),
    (503, "SomethingNew", Kind.NETWORK, "The sign-in service of eu-west-1 is out of order", "later"),
]


@pytest.mark.parametrize(
    ("status", "code", "kind", "sentence", "hint"), SERVICE, ids=[f"{row[0]} {row[1]}" for row in SERVICE]
)
@pytest.mark.parametrize("action", ["RegisterClient", "CreateToken"])
def test_refusal_of_the_sign_in_service(corp, action, status, code, kind, sentence, hint):
    corp.answers(status, code, action)

    with pytest.raises(IssueError) as caught:
        corp.login()
    assert caught.value.kind is kind
    assert caught.value.sentence.startswith(sentence)
    assert hint in caught.value.hint
    assert code in corp.outcomes(action)
    assert not corp.token_file().exists()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "InternalServerException"),
        (503, "SomethingNew"),
        (400, "SlowDownException"),
        (429, "TooManyRequestsException"),
    ],
)
def test_no_fault_of_the_service_takes_a_token_away(corp, status, code):
    expired(corp)
    before = corp.token_file().read_bytes()
    corp.answers(status, code, "CreateToken")

    with pytest.raises(IssueError) as caught:
        StsSource().issue(own())
    assert caught.value.kind in (Kind.NETWORK, Kind.THROTTLED)
    assert corp.token_file().read_bytes() == before
    corp.sim.faults.clear()
    assert StsSource().issue(own())


@pytest.fixture
def corp(corp, monkeypatch):
    """With refusals of any code, and tokens as a tool might leave them."""

    def answers(status, code, action):
        monkeypatch.setitem(faults.ANSWERS, Fault.INVALID_TOKEN, (status, code, "Words of AWS"))
        corp.sim.faults.set(Fault.INVALID_TOKEN, role=action if action != "GetRoleCredentials" else "Admin")

    def write(token, name="corp"):
        TokenFolder(corp.cache, corp.cache / "locks").write(key_of(name), token)

    corp.answers, corp.write = answers, write
    return corp
