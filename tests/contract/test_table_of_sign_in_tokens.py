"""What a sign-in token on file may look like, and what comes of it: whether it is used, renewed, or a sign-in is needed.

The facts are those that the SDKs share on tokens of IAM Identity Center (botocore's table of its SSOTokenProvider), and
of tools that write them otherwise, in rows of our own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

import pytest

from tests.property.resolution.recorder import Recorder
from tests.support.builders import a_role
from traycreds.aws.sso.token_cache import key_of
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError

START = "https://corp.awsapps.com/start"
CONFIG = f"""\
[sso-session corp]
sso_start_url = {START}
sso_region = eu-west-1
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin
[profile legacy]
sso_start_url = {START}
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = Admin
"""
HOUR = timedelta(hours=1)
USED = "access"
RENEWED = "renewed-refresh"
SIGN_IN = ""


@dataclass
class moment:  # noqa: N801 - reads as the text that it becomes
    """A moment as a file has it, counted from when it is written: the rows may be minutes old by then."""

    left: timedelta
    form: str = "%Y-%m-%dT%H:%M:%SZ"
    zone: timezone = timezone.utc

    def __str__(self):
        return (datetime.now(timezone.utc) + self.left).astimezone(self.zone).strftime(self.form)


def in_json(token: object) -> str:
    return json.dumps(token, default=str)


def token(left: timedelta = 8 * HOUR, **changes):
    """A token with all that there is; None takes a field out."""
    whole = {
        "startUrl": START,
        "region": "eu-west-1",
        "accessToken": "access",
        "expiresAt": moment(left),
        "clientId": "client",
        "clientSecret": "client secret",
        "registrationExpiresAt": moment(24 * HOUR),
        "refreshToken": "refresh",
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def bare(left: timedelta):
    """A token that says no more than it must."""
    return {"accessToken": "access", "expiresAt": moment(left)}


class Case(NamedTuple):
    """A token, and which access token opens the portal, if any; what is on file afterwards."""

    what: str
    token: object
    opens: str
    kept: dict = {}  # noqa: RUF012 - no row changes it
    gone: tuple[str, ...] = ()


NO_ZONE = "%Y-%m-%dT%H:%M:%S"
WEST, EAST = timezone(-7 * HOUR), timezone(2 * HOUR)
ROWS = [
    Case("all that there is", token(), USED),
    Case("no more than it must have", bare(HOUR), USED),
    Case("no more than it must have, and expired", bare(-HOUR), SIGN_IN),
    Case("no end, so that it is renewed, where botocore asks for a sign-in", token(expiresAt=None), RENEWED),
    Case("no end, and no refresh token", token(expiresAt=None, refreshToken=None), SIGN_IN),
    Case("no access token", token(accessToken=None), SIGN_IN),
    Case("expired", token(-HOUR), RENEWED, kept={"refreshToken": "refresh-2", "accessToken": RENEWED}),
    Case("ends within a quarter of an hour", token(HOUR / 5), RENEWED),
    Case("ends after a quarter of an hour", token(HOUR), USED),
    Case(
        "expired, and AWS gives no new refresh token",
        token(-HOUR, refreshToken="last"),
        "renewed-last",
        gone=("refreshToken",),
    ),
    Case("expired, and so has its registration", token(-HOUR, registrationExpiresAt=moment(-HOUR)), SIGN_IN),
    Case("expired, and the refresh token is refused", token(-HOUR, refreshToken="refused"), SIGN_IN),
    Case("ends soon, and the refresh token is refused", token(HOUR / 5, refreshToken="refused"), USED),
    Case("expired, without a refresh token", token(-HOUR, refreshToken=None), SIGN_IN),
    Case("expired, without a client", token(-HOUR, clientId=None), SIGN_IN),
    Case("expired, without the secret of the client", token(-HOUR, clientSecret=None), SIGN_IN),
    Case("expired, without the end of its registration", token(-HOUR, registrationExpiresAt=None), SIGN_IN),
    Case("usable, without the end of its registration", token(registrationExpiresAt=None), USED),
    Case("expired, without a region", token(-HOUR, region=None), RENEWED),
    Case("expired, with the region of an older session", token(-HOUR, region="us-east-1"), RENEWED),
    Case("expired, without a start URL", token(-HOUR, startUrl=None), RENEWED),
    Case(
        "expired, with fields of another tool",
        token(-HOUR, x_tool={"version": 3}, registrationName="cli"),
        RENEWED,
        kept={"x_tool": {"version": 3}, "registrationName": "cli", "clientSecret": "client secret"},
    ),
    Case("an end with an offset of zero", token(expiresAt=moment(HOUR, "%Y-%m-%dT%H:%M:%S+00:00")), USED),
    Case("an end with an offset to the east", token(expiresAt=moment(HOUR, "%Y-%m-%dT%H:%M:%S+02:00", EAST)), USED),
    Case(
        "a past end with an offset to the east",
        token(expiresAt=moment(-HOUR, "%Y-%m-%dT%H:%M:%S+02:00", EAST)),
        RENEWED,
    ),
    Case("an end with an offset to the west", token(expiresAt=moment(HOUR, "%Y-%m-%dT%H:%M:%S-07:00", WEST)), USED),
    Case(
        "a past end with an offset to the west",
        token(expiresAt=moment(-HOUR, "%Y-%m-%dT%H:%M:%S-07:00", WEST)),
        RENEWED,
    ),
    Case("an end in UTC, by its name", token(expiresAt=moment(HOUR, "%Y-%m-%dT%H:%M:%SUTC")), USED),
    Case("a past end in UTC, by its name", token(expiresAt=moment(-HOUR, "%Y-%m-%dT%H:%M:%SUTC")), RENEWED),
    Case("an end with fractions of a second", token(expiresAt=moment(HOUR, "%Y-%m-%dT%H:%M:%S.123Z")), USED),
    Case("a past end with fractions of a second", token(expiresAt=moment(-HOUR, "%Y-%m-%dT%H:%M:%S.123Z")), RENEWED),
    Case("an end without a zone", token(expiresAt=moment(HOUR, NO_ZONE)), RENEWED),
    Case(
        "an end without a zone, and no refresh token",
        token(expiresAt=moment(HOUR, NO_ZONE), refreshToken=None),
        SIGN_IN,
    ),
    Case("an end that is no moment", token(expiresAt="soon"), RENEWED),
    Case("an end that is no moment, and no refresh token", token(expiresAt="soon", refreshToken=None), SIGN_IN),
    Case("an end that is a number", token(expiresAt=1795937273), RENEWED),
    Case("an end that is a number, and no refresh token", token(expiresAt=1795937273, refreshToken=None), SIGN_IN),
    Case("an access token that is a number", token(accessToken=7), SIGN_IN),
    Case("an empty access token", token(accessToken=""), SIGN_IN),
    Case("an empty file", "", SIGN_IN),
    Case("no JSON", "token", SIGN_IN),
    Case("a list", [], SIGN_IN),
    Case("no file", None, SIGN_IN),
]


@pytest.fixture
def cache(home):
    folder = home / ".aws/sso/cache"
    folder.mkdir(parents=True)
    (home / ".aws/config").write_text(CONFIG)
    return folder


def issue(profile: str) -> tuple[Recorder, object]:
    recorder = Recorder(datetime.now(timezone.utc))
    with recorder.listening():
        try:
            return recorder, StsSource().issue(a_role("r", arn=None, source_profile=None, from_profile=profile))
        except IssueError as error:
            return recorder, error


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_token_of_an_sso_session(cache, row):
    file = cache / f"{key_of('corp')}.json"
    if row.token is not None:
        file.write_text(row.token if isinstance(row.token, str) else in_json(row.token))
    before = file.read_bytes() if file.exists() else None

    recorder, came = issue("sso")

    assert [call.key for call in recorder.calls if call.action == "GetRoleCredentials"] == [row.opens] * bool(row.opens)
    if not row.opens:
        assert isinstance(came, IssueError)
        assert (came.kind, came.hint) == (FailureKind.SIGN_IN, "Run: traycreds login corp")
    renewals = [call.host for call in recorder.calls if call.action == "CreateToken"]
    if row.opens.startswith("renewed"):
        assert renewals == ["oidc.eu-west-1.amazonaws.com"]
        after = json.loads(file.read_text())
        assert {**after, "accessToken": row.opens, **row.kept} == after
        assert not set(row.gone) & set(after)
    else:
        assert (file.read_bytes() if file.exists() else None) == before


@pytest.mark.parametrize(("left", "opens"), [(HOUR, True), (HOUR / 5, True), (-HOUR, False)])
def test_token_of_a_start_url_is_used_but_never_renewed(cache, left, opens):
    """Tools that sign in without an sso-session cannot renew; what looks as if it could be is left alone, as in botocore."""
    (cache / f"{key_of(START)}.json").write_text(in_json(token(left)))

    recorder, came = issue("legacy")

    assert [call.action for call in recorder.calls] == ["GetRoleCredentials"] * opens
    assert opens or (came.kind, came.hint) == (FailureKind.SIGN_IN, "Run: traycreds login legacy")
