"""Whose credentials assume which role, for each way that profiles can point at each other.

The facts are those that the SDKs share (Rust's and Java's common test cases, botocore's functional tests), in rows of
our own. `>` in what is expected reads "assumes".
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

import pytest

from tests.property.resolution.pairs import ENVIRONMENT_KEY, secret_of
from tests.property.resolution.recorder import WAYS, Recorder
from tests.support.builders import a_role
from traycreds.aws.sso.token_cache import key_of
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError

ARN = "arn:aws:iam::123456789012:role/"


class Case(NamedTuple):
    """A table of profiles, of which the first is asked for.

    `NAME: SETTINGS` each; `keys` stands for a pair of its own, `role=X` for a role_arn.
    """

    what: str
    profiles: str
    way: str = ""
    refusal: str = ""
    details: tuple[tuple[str, str], ...] = ()


SESSIONS = [
    Case("a role over keys", "A: role=x source_profile=B | B: keys", "B > x"),
    Case("keys of the role's own profile are not its source", "A: keys role=x source_profile=B | B: keys", "B > x"),
    Case("a profile that is its own source", "A: keys role=x source_profile=A", "A > x"),
    Case("a chain of two roles", "A: role=x source_profile=B | B: role=y source_profile=C | C: keys", "(C > y) > x"),
    Case(
        "a chain of three roles",
        "A: role=x source_profile=B | B: role=y source_profile=C | C: role=z source_profile=D | D: keys",
        "((D > z) > y) > x",
    ),
    Case(
        "keys in the middle end a chain",
        "A: role=x source_profile=B | B: keys role=y source_profile=C | C: keys",
        "B > x",
    ),
    Case(
        "keys at the top and in the middle",
        "A: keys role=x source_profile=B | B: keys role=y source_profile=C | C: keys",
        "B > x",
    ),
    Case(
        "the middle is its own source",
        "A: role=x source_profile=B | B: keys role=y source_profile=B",
        "B > x",
    ),
    Case("credentials of the environment", "A: role=x credential_source=Environment", "environment > x"),
    Case("credentials of a container", "A: role=x credential_source=EcsContainer", "container > x"),
    Case("credentials of an instance", "A: role=x credential_source=Ec2InstanceMetadata", "instance > x"),
    Case(
        "credentials of the environment behind a chain",
        "A: role=x source_profile=B | B: role=y credential_source=Environment",
        "(environment > y) > x",
    ),
    Case("a web identity", "A: role=x web_identity_token_file=TOKEN", "web > x"),
    Case(
        "a web identity goes before a source", "A: role=x web_identity_token_file=TOKEN source_profile=gone", "web > x"
    ),
    Case(
        "a web identity as the source",
        "A: role=x source_profile=B | B: role=y web_identity_token_file=TOKEN",
        "(web > y) > x",
    ),
    Case("a sign-in as the source", "A: role=x source_profile=B | B: sso", "(access > 123456789012 Admin) > x"),
    Case("a program as the source", "A: role=x source_profile=B | B: credential_process=PROGRAM", "program > x"),
    Case("a source without a role is nothing", "A: credential_process=PROGRAM source_profile=gone", "program"),
    Case("nor is a credential_source", "A: credential_process=PROGRAM credential_source=Moon", "program"),
    Case(
        "a session name",
        "A: role=x source_profile=B role_session_name=me-too | B: keys",
        "B > x",
        details=(("name", "me-too"),),
    ),
    Case(
        "an external ID",
        "A: role=x source_profile=B external_id=secret-handshake | B: keys",
        "B > x",
        details=(("external_id", "secret-handshake"),),
    ),
    Case(
        "a duration",
        "A: role=x source_profile=B duration_seconds=7200 | B: keys",
        "B > x",
        details=(("duration", "7200"),),
    ),
    Case(
        "a duration that is not a number",
        "A: role=x source_profile=B duration_seconds=2h | B: keys",
        "B > x",
        details=(("duration", ""),),
    ),
    Case(
        "a session name of a web identity",
        "A: role=x web_identity_token_file=TOKEN role_session_name=me-too",
        "web > x",
        details=(("name", "me-too"),),
    ),
    Case(
        "the region of the top",
        "A: role=x source_profile=B region=eu-west-2 | B: keys region=eu-west-1",
        "B > x",
        details=(("region", "eu-west-2"),),
    ),
]

REFUSALS = [
    Case("no source", "A: role=x", refusal="Profile A has a role_arn but no source_profile."),
    Case(
        "two sources",
        "A: role=x source_profile=B credential_source=Environment | B: keys",
        refusal="Profile A has both",
    ),
    Case(
        "two sources further on",
        "A: role=x source_profile=B | B: role=y source_profile=C credential_source=Environment | C: keys",
        refusal='The profile "B" contains both source_profile and credential_source.',
    ),
    Case(
        "a source that does not exist",
        "A: role=x source_profile=gone",
        refusal="Profile gone, which role r needs, is in",
    ),
    Case("a profile that does not exist", "B: keys", refusal="Profile A, which role r needs, is in neither"),
    Case(
        "a source that does not exist, further on",
        "A: role=x source_profile=B | B: role=y source_profile=gone",
        refusal='source_profile "gone" referenced in the profile "B" does not exist',
    ),
    Case(
        "a source without anything",
        "A: role=x source_profile=B | B: region=eu-west-1",
        refusal="Profile B holds no cred",
    ),
    Case(
        "a source without the secret", "A: role=x source_profile=B | B: id", refusal="is missing aws_secret_access_key"
    ),
    Case("a source without the key id", "A: role=x source_profile=B | B: secret", refusal="holds no credentials"),
    Case(
        "an unknown credential_source",
        "A: role=x credential_source=Moon",
        refusal='credential_source of profile A is "Moon".',
    ),
    Case("a circle", "A: role=x source_profile=B | B: role=y source_profile=A", refusal="form a loop"),
    Case("a circle with keys", "A: keys role=x source_profile=B | B: role=y source_profile=A", refusal="form a loop"),
    Case(
        "a circle behind the top",
        "A: role=x source_profile=B | B: role=y source_profile=C | C: role=z source_profile=B",
        refusal="form a loop",
    ),
    Case("its own source without keys", "A: role=x source_profile=A", refusal="form a loop"),
    Case("a web identity without a role", "A: web_identity_token_file=TOKEN", refusal="has no role ARN"),
    Case("keys are no session", "A: keys", refusal="Role r has no session to renew"),
]


@pytest.fixture
def files(home, monkeypatch):
    """Writes the profiles of a row, and all that they may name."""
    (home / ".aws/sso/cache").mkdir(parents=True)
    later = (datetime.now(timezone.utc) + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
    token = {"accessToken": "access", "expiresAt": later}
    (home / f".aws/sso/cache/{key_of('corp')}.json").write_text(json.dumps(token))
    (home / "token").write_text("web-token")
    program = {"Version": 1, "AccessKeyId": key_of_profile("program"), "SessionToken": "t", "Expiration": later}
    (home / "program").write_text(json.dumps({**program, "SecretAccessKey": secret_of(key_of_profile("program"))}))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ENVIRONMENT_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret_of(ENVIRONMENT_KEY))
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/container")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    sso = "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin"

    def settings(name: str, word: str) -> str:
        if word == "sso":
            return sso
        if word in {"keys", "id", "secret"}:
            key = key_of_profile(name)
            both = f"aws_access_key_id = {key}", f"aws_secret_access_key = {secret_of(key)}"
            return "\n".join(both if word == "keys" else both[:1] if word == "id" else both[1:])
        key, _, value = word.partition("=")
        value = {"TOKEN": str(home / "token"), "PROGRAM": f"cat {home / 'program'}"}.get(value, value)
        return f"role_arn = {ARN}{value}" if key == "role" else f"{key} = {value}"

    def write(profiles: str) -> None:
        lines = ["[sso-session corp]", "sso_start_url = https://corp.awsapps.com/start", "sso_region = eu-west-1"]
        for profile in profiles.split(" | "):
            name, _, words = profile.partition(": ")
            lines += [f"[profile {name}]", *(settings(name, word) for word in words.split())]
        (home / ".aws/config").write_text("\n".join(lines) + "\n")

    return write


def key_of_profile(name: str) -> str:
    return f"AKIA{name.upper():0>16}"


def way_of(key: str) -> str:
    """How a key was got, in the words of the table."""
    way = WAYS.get(key, key).replace("web-token", "web")
    for name in ("A", "B", "C", "D", "program"):
        way = way.replace(f"{key_of_profile(name)} and t", name).replace(key_of_profile(name), name)
    way = way.replace(ENVIRONMENT_KEY, "environment")
    return way[1:-1] if way.startswith("(") else way


@pytest.mark.parametrize("row", SESSIONS, ids=lambda row: row.what)
def test_way_to_a_session(files, row):
    files(row.profiles)
    recorder = Recorder(datetime.now(timezone.utc))

    with recorder.listening():
        issued = StsSource().issue(a_role("r", arn=None, source_profile=None, from_profile="A"))

    assert way_of(issued.access_key_id) == row.way
    if row.details:
        assert set(row.details) <= set(recorder.calls[-1].details)


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.what)
def test_refusal(files, row):
    files(row.profiles)
    recorder = Recorder(datetime.now(timezone.utc))

    with recorder.listening(), pytest.raises(IssueError) as caught:
        StsSource().issue(a_role("r", arn=None, source_profile=None, from_profile="A"))

    assert caught.value.kind is FailureKind.BAD_CONFIG
    assert row.refusal in caught.value.sentence
    assert caught.value.hint
    assert recorder.calls == []
