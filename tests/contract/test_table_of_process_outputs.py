"""What a credential_process may print, and what comes of it: as a role of its own, and as the source of another role.

The form is that of the AWS SDKs and Tools Reference Guide ("Process credential provider"). Whatever else a program
prints is reported in one sentence with a remedy, which quotes nothing of it.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

import pytest

from tests.property.resolution.pairs import secret_of
from tests.property.resolution.recorder import Recorder
from tests.support.builders import a_role
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError

KEY = "ASIAIOSFODNN7EXAMPLE"
SECRET, TOKEN = secret_of(KEY), "t0k3n-t0k3n-t0k3n"
GOOD = {
    "Version": 1,
    "AccessKeyId": KEY,
    "SecretAccessKey": SECRET,
    "SessionToken": TOKEN,
    "Expiration": "2036-01-01T12:00:00Z",
}
NOON = datetime(2036, 1, 1, 12, tzinfo=timezone.utc)
FIVE_MINUTES = timedelta(minutes=5)

FAILED = "its credential_process failed"
UNUSABLE = "got no usable credentials"
FORM = f"{UNUSABLE}: its output is not in"
TEXT = f"{UNUSABLE}: a key or token among them"
ENDLESS = "Role r has no session to renew"
NO_TOKEN = "Role r has no session to write"


def but(**changes):
    """The good answer, with changes; None takes a field out."""
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not None}


class Case(NamedTuple):
    """What is printed, and what is said: of a role of its own, and where that differs, of a role behind it."""

    what: str
    printed: object
    message: str = ""
    behind: str | None = None
    ends: datetime | timedelta = NOON
    exits: int = 0
    complains: str = ""


ROWS = [
    Case("all that there is", GOOD),
    Case("an end with an offset of zero", but(Expiration="2036-01-01T12:00:00+00:00")),
    Case("an end with an offset", but(Expiration="2036-01-01T14:00:00+02:00")),
    Case("an end with an offset to the west", but(Expiration="2036-01-01T05:00:00-07:00")),
    Case("fractions of a second", but(Expiration="2036-01-01T12:00:00.000Z")),
    Case("an end in five minutes", lambda end: but(Expiration=end.isoformat()), ends=FIVE_MINUTES),
    Case("an account", but(AccountId="123456789012")),
    Case("an unknown field", but(Origin="s3cr3t")),
    Case("lines and blanks around it", f"\n\n  {json.dumps(GOOD, indent=4)}\n\n"),
    Case("a version with a fraction of nothing", but(Version=1.0)),
    Case("words on stderr", GOOD, complains="s3cr3t: new version available"),
    Case("no end", but(Expiration=None), ENDLESS, behind=""),
    Case("an end that is null", {**GOOD, "Expiration": None}, ENDLESS, behind=""),
    Case("no token and no end", but(SessionToken=None, Expiration=None), ENDLESS, behind=""),
    Case("no token", but(SessionToken=None), NO_TOKEN, behind=""),
    Case("a token that is null", {**GOOD, "SessionToken": None}, NO_TOKEN, behind=""),
    Case("an empty token", but(SessionToken=""), NO_TOKEN, behind=""),
    Case("nothing", "", UNUSABLE),
    Case("no JSON", "s3cr3t", UNUSABLE),
    Case("half of it", json.dumps(GOOD)[:-20], UNUSABLE),
    Case("two answers", f"{json.dumps(GOOD)}\n{json.dumps(GOOD)}", UNUSABLE),
    Case("a byte order mark", f"\ufeff{json.dumps(GOOD)}", UNUSABLE),
    Case("bytes that are no UTF-8", b"\xff\xfe{}", UNUSABLE),
    Case("a list", [GOOD], FORM),
    Case("a text", '"s3cr3t"', FORM),
    Case("a number", "42", FORM),
    Case("null", "null", FORM),
    Case("the form of STS", {"Credentials": GOOD}, FAILED),
    Case("keys in lower case", {name.lower(): value for name, value in GOOD.items()}, FAILED),
    Case("no version", but(Version=None), FAILED),
    Case("version 2", but(Version=2), FAILED),
    Case("a version in quotes", but(Version="1"), FAILED),
    Case("no key id", but(AccessKeyId=None), FAILED),
    Case("no secret", but(SecretAccessKey=None), FAILED),
    Case("a key id that is null", {**GOOD, "AccessKeyId": None}, TEXT),
    Case("a key id that is a number", but(AccessKeyId=5), TEXT),
    Case("an empty key id", but(AccessKeyId=""), TEXT),
    Case("an empty secret", but(SecretAccessKey=""), TEXT),
    Case("a secret of two lines", but(SecretAccessKey="s3cr3t\ns3cr3t"), TEXT),
    Case("blanks around the token", but(SessionToken=f" {TOKEN} "), TEXT),
    Case("a comment behind the token", but(SessionToken=f"{TOKEN} # s3cr3t"), TEXT),
    Case("a line break in the token", but(SessionToken=f"{TOKEN}\n{TOKEN}"), TEXT),
    Case("a token that is an object", but(SessionToken={"Value": TOKEN}), TEXT),
    Case("an end without a zone", but(Expiration="2036-01-01T12:00:00"), f"{UNUSABLE}: their Expiration names no time"),
    Case("an end that is a date", but(Expiration="2036-01-01"), f"{UNUSABLE}: their Expiration names no time zone"),
    Case("an end that is past", but(Expiration="2020-01-01T00:00:00Z"), f"{UNUSABLE}: they have already expired"),
    Case("an end that is no moment", but(Expiration="s3cr3t"), UNUSABLE),
    Case("an empty end", but(Expiration=""), UNUSABLE),
    Case("an end that is a number", but(Expiration=2082801600), FORM),
    Case("an end in the year 10000", but(Expiration="10000-01-01T00:00:00Z"), UNUSABLE),
    Case("it fails", "", FAILED, exits=1, complains="s3cr3t"),
    Case("it fails, with an answer", GOOD, FAILED, exits=255),
    Case("it fails, with words that are no UTF-8", "", UNUSABLE, exits=1, complains="\udcff"),
]

COMMANDS = [
    ("that is empty", "", "got no credentials: credential_process names no program. Write the program"),
    ("of an empty word", '""', "got no credentials: credential_process names no program. Write the program"),
    (
        "of a program that is not there",
        "/nowhere/tool --json",
        "got no credentials: /nowhere/tool, which credential_process names, cannot be run: no such file",
    ),
    ("with an open quote", '"/bin/cat file', "credential_process has a quote that is not closed. Close the quote"),
    ("that is for a shell", "cat /dev/null | cat", "got no credentials: credential_process uses |, which only a shell"),
]


@pytest.fixture
def prints(home):
    """Has the program of profile `p` print something; profile `q` has a role with `p` as its source."""
    (home / ".aws").mkdir()

    def write(row: Case) -> None:
        printed = row.printed if isinstance(row.printed, str | bytes) else json.dumps(row.printed)
        script = home / "program.py"
        script.write_text(
            f"import sys\nsys.stdout.buffer.write({printed if isinstance(printed, bytes) else printed.encode()!r})\n"
            f"sys.stderr.buffer.write({row.complains.encode(errors='surrogateescape')!r})\nsys.exit({row.exits})\n"
        )
        command(f'"{sys.executable}" -S -I "{script}"')

    def command(words: str) -> None:
        (home / ".aws/config").write_text(
            f"[profile p]\ncredential_process = {words}\n"
            "[profile q]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = p\n"
        )

    write.command = command
    return write


def issue(profile: str):
    with Recorder(datetime.now(timezone.utc)).listening():
        return StsSource().issue(a_role("r", arn=None, source_profile=None, from_profile=profile))


def check_refusal(profile: str, message: str) -> None:
    with pytest.raises(IssueError) as caught:
        issue(profile)
    error = caught.value
    assert message in str(error)
    # Keys without an end are long-lived, and the next run prints no end either.
    lasting = message == ENDLESS
    assert error.kind is (FailureKind.BAD_CONFIG if lasting else FailureKind.PROGRAM)
    assert error.hint.endswith(".")
    assert not [secret for secret in (SECRET, TOKEN, "s3cr3t") if secret in str(error)]


def dated(row: Case) -> Case:
    """The row with its end counted from now: tests may run long after this module is loaded."""
    if not callable(row.printed):
        return row
    end = (datetime.now(timezone.utc) + row.ends).replace(microsecond=0)
    return row._replace(printed=row.printed(end), ends=end)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what)
def test_output(prints, row):
    row = dated(row)
    prints(row)
    behind = row.message if row.behind is None else row.behind

    if row.message:
        check_refusal("p", row.message)
    else:
        issued = issue("p")
        assert (issued.access_key_id, issued.secret_access_key, issued.session_token) == (KEY, SECRET, TOKEN)
        assert issued.expires_at == row.ends
    if behind:
        check_refusal("q", behind)
    else:
        assert issue("q")


@pytest.mark.parametrize(("what", "command", "message"), COMMANDS, ids=[row[0] for row in COMMANDS])
def test_command(prints, what, command, message):
    prints.command(command)
    check_refusal("p", message)
    check_refusal("q", message)
