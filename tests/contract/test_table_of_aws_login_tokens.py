"""What `aws login` may have left on file, and what comes of it: used, renewed with a proof of its key, or a sign-in.

The facts are those that the SDKs share on their login providers (the common test cases of Rust and PHP), in rows of our
own; the simulator checks the proofs.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import NamedTuple

import pytest

from tests.support.builders import a_role
from tests.support.sim import AwsSimulator
from traycreds.aws.sso import aws_login
from traycreds.aws.sso.token_cache import login_key_of
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError

EC = pytest.importorskip("awscrt.crypto").EC
HOUR = timedelta(hours=1)
VALID, EXPIRED = HOUR / 5, -HOUR
USED, RENEWED, SIGN_IN = "used", "renewed", "sign in"


class Case(NamedTuple):
    """A token, by how long it lasts yet and what it lacks; what comes of it, and how often AWS is asked."""

    what: str
    left: timedelta
    comes: str
    lacks: str = ""
    adds: dict = {}  # noqa: RUF012 - no row changes it
    content: str | None = None
    refuses: str | None = None


ROWS = [
    Case("valid", VALID, USED),
    Case("no file", VALID, SIGN_IN, content=""),
    Case("no access token", VALID, SIGN_IN, lacks="accessToken"),
    Case("no refresh token", EXPIRED, SIGN_IN, lacks="refreshToken"),
    Case("no client", EXPIRED, SIGN_IN, lacks="clientId"),
    Case("no key for the proof", EXPIRED, SIGN_IN, lacks="dpopKey"),
    Case("expired", EXPIRED, RENEWED),
    Case("expired, and the renewal is refused", EXPIRED, SIGN_IN, refuses="TOKEN_EXPIRED"),
    Case("expired, and the password was changed", EXPIRED, SIGN_IN, refuses="USER_CREDENTIALS_CHANGED"),
    Case("ends within five minutes", timedelta(minutes=4), RENEWED),
    Case("ends after five minutes", timedelta(minutes=6), USED),
    Case("valid, without a refresh token", VALID, SIGN_IN, lacks="refreshToken"),
    Case("valid, without a client", VALID, SIGN_IN, lacks="clientId"),
    Case("valid, with an ID token", VALID, USED, adds={"idToken": "e30.e30.e30"}),
    Case("expired, with an ID token", EXPIRED, RENEWED, adds={"idToken": "e30.e30.e30"}),
    Case("expired, with fields of another tool", EXPIRED, RENEWED, adds={"x_tool": {"version": 3}}),
    Case("expired, with the region of its sign-in", EXPIRED, RENEWED, adds={"signInRegion": "eu-west-2"}),
    Case("an invalid key", EXPIRED, SIGN_IN, adds={"dpopKey": "-----BEGIN EC PRIVATE KEY-----\nAAAA\n"}),
    Case("no JSON", VALID, SIGN_IN, content="token"),
    Case("a list", VALID, SIGN_IN, content="[]"),
]


@pytest.fixture
def login(home, monkeypatch):
    """The simulated service, and a home with profile `console` and the file of its token."""
    # `BOTO_DISABLE_CRT`, which all tests set, keeps `EC` out of botocore.
    monkeypatch.setattr("botocore.credentials.EC", EC)
    with AwsSimulator() as sim:
        owner = sim.world.add_user("owner")
        folder = home / ".aws/login/cache"
        folder.mkdir(parents=True)
        monkeypatch.setenv("AWS_ENDPOINT_URL", sim.url)
        (home / ".aws/config").write_text(
            f"[profile console]\nlogin_session = {owner.principal.arn}\nregion = eu-west-1\n"
        )
        yield sim, owner, folder / f"{login_key_of(owner.principal.arn)}.json"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_token(login, row):
    sim, owner, file = login
    token = {**sim.console.sign_in(owner, left=row.left).token, **row.adds}
    token.pop(row.lacks, None)
    if row.content != "":
        file.write_text(json.dumps(token) if row.content is None else row.content)
    sim.console.refuses = row.refuses
    before = file.read_bytes() if file.exists() else None

    if row.comes == SIGN_IN:
        with pytest.raises(IssueError) as caught:
            issue()
        assert caught.value.hint == "Run: aws login --profile console"
        assert caught.value.kind in {FailureKind.SIGN_IN, FailureKind.SOURCE_EXPIRED}
    else:
        issued = issue()
        after = json.loads(file.read_text())
        assert issued.access_key_id == after["accessToken"]["accessKeyId"]

    renewals = [call.outcome for call in sim.calls if call.action == "CreateOAuth2Token"]
    if row.comes == RENEWED:
        assert renewals == ["OK"]
        changed = {"accessToken", "refreshToken"}
        assert {name: after[name] for name in token if name not in changed} == {
            name: value for name, value in token.items() if name not in changed
        }
        assert all(after[name] != token[name] for name in changed)
    else:
        assert renewals == (["AccessDeniedException"] if row.refuses else [])
        assert (file.read_bytes() if file.exists() else None) == before


@pytest.mark.parametrize("late", [False, True], ids=["has written", "is about to write"])
def test_a_refusal_for_a_token_that_another_tool_has_just_renewed_is_no_end_of_the_sign_in(login, monkeypatch, late):
    sim, owner, file = login
    file.write_text(json.dumps(sim.console.sign_in(owner, left=EXPIRED).token))
    theirs = sim.console.sign_in(owner).token

    def write(*_):
        file.write_text(json.dumps(theirs))

    def refuse(*_):
        if not late:
            write()
        sim.console.refuses = "TOKEN_EXPIRED"
        return genuine(*_)

    genuine = sim.console.create_token
    monkeypatch.setattr(sim.console, "create_token", refuse)
    monkeypatch.setattr(aws_login, "pause", write)
    assert issue().access_key_id == theirs["accessToken"]["accessKeyId"]
    assert json.loads(file.read_text()) == theirs


def issue():
    return StsSource().issue(a_role("r", arn=None, source_profile=None, from_profile="console"))
