"""Every program reads the right key, secret and token from each profile that we write, beside profiles of others."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.contract.readers import installed_programs
from tests.contract.readers.fake_s3 import REGION, FakeS3
from tests.contract.readers.programs import PROGRAMS, Program
from tests.support.builders import HOUR, NOW
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.core.model import DEFAULT_PROFILE, Batch, Credentials, ProfileName, ProfileWrite, RoleName
from traycreds.doctor.checks import examine
from traycreds.state.paths import locate

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.readers, pytest.mark.timeout(150)]

PLAIN, ODD, USED = "dev-session", "Team/prod.eu_1+x@y:z%-", "used-session"
"""A profile as most are, one with every sign that a name may have, and the one that becomes the default."""
BEFORE = """\
# Mine: [dev-session] is not here, and aws_access_key_id = AKIANOT0000000000001 counts for nothing.
; [default]
; aws_access_key_id = AKIANOT0000000000002

[base]
aws_access_key_id=AKIAFOREIGN000000001
aws_secret_access_key =  foreign/+/secret
region = eu-west-1

[dev]\t
aws_access_key_id\t=\tAKIAFOREIGN000000002   \t
aws_secret_access_key = foreign=secret==
[empty]

"""
AFTER = """\


[dev-session-2] # someone's, near in name
# ä comment — in UTF-8
aws_access_key_id = AKIAFOREIGN000000003
aws_secret_access_key = foreign
    # an indented comment
credential_process = /usr/bin/false --profile dev-session

[session]
aws_access_key_id = AKIAFOREIGN000000005
aws_secret_access_key = foreign"""


def a_session(number: int, *, lasts: timedelta = HOUR) -> Credentials:
    """A session with the signs that secrets and tokens of AWS have."""
    return Credentials(
        access_key_id=f"ASIAREADERS{number:09d}",
        secret_access_key=f"{number}JalrXUtn/EMI+K7MDENG/bPxRfiCYEXAMPLE+KE",
        session_token=f"IQoJb3JpZ2luX2VjE{number}//////////wEaCXVzLWVhc3Qt+{'aZ09+/' * 80}==",
        expires_at=NOW + lasts,
    )


class File:
    """A credentials file that begins with what is not ours, as its owner and traycreds write it in turn."""

    def __init__(self, home: Path, newline: str = "\n") -> None:
        self._path = home / ".aws" / "credentials"
        self._path.parent.mkdir()
        self._newline = newline
        self._store = CredentialsFile(self._path, lock_dir=home / "locks", now=lambda: NOW, sleep=lambda _: None)
        self.add(BEFORE)

    def add(self, text: str) -> None:
        """The owner adds something."""
        with self._path.open("ab") as file:
            file.write(text.replace("\n", self._newline).encode())
        # A file that has just changed may still be in the middle of a write.
        os.utime(self._path, (1, 1))

    def write(self, sessions: dict[str, Credentials]) -> dict[str, Credentials]:
        """We write these, and give what each profile is by now."""
        sets = [
            ProfileWrite(profile=ProfileName(name), role=RoleName(f"role-of-{name}"), credentials=session)
            for name, session in sessions.items()
        ]
        report = self._store.write(Batch(sets=tuple(sets), copy_default_from=ProfileName(USED)))
        assert not report.refused
        return {**sessions, DEFAULT_PROFILE: sessions[USED]}


@pytest.fixture
def s3():
    with FakeS3() as server:
        yield server


def read(program: Program, s3: FakeS3, wanted: dict[str, Credentials]) -> None:
    """The program, run for each profile at the same time, signs with that profile's session and nothing else."""
    if missing := program.missing():
        pytest.skip(missing)
    s3.accept(wanted.values())
    running = {profile: start(program, s3, f"bucket-{n}", profile) for n, profile in enumerate(wanted)}
    try:
        for n, (profile, process) in enumerate(running.items()):
            output, _ = process.communicate(timeout=120)
            calls, session = s3.calls(f"bucket-{n}"), wanted[profile]
            assert {(call.access_key_id, call.session_token, call.refusal) for call in calls} == {
                (session.access_key_id, session.session_token, None)
            }, (profile, output, calls)
            assert all(program.agent in call.user_agent for call in calls), calls
            assert process.returncode == program.exit_code, output
    finally:
        for process in running.values():
            process.kill()
            process.communicate()


def start(program: Program, s3: FakeS3, bucket: str, profile: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        program.command(s3.host, bucket),
        env={
            **os.environ,
            "AWS_PROFILE": profile,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "NODE_PATH": str(installed_programs.JAVASCRIPT),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_it_reads_each_profile_beside_those_of_others(program, s3, home):
    file = File(home)
    wanted = file.write({PLAIN: a_session(1), ODD: a_session(2), USED: a_session(3)})
    file.add(AFTER)
    read(program, s3, {name: wanted[name] for name in (DEFAULT_PROFILE, PLAIN, ODD)})


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_it_reads_the_new_session_after_a_refresh_of_a_file_with_crlf(program, s3, home):
    file = File(home, newline="\r\n")
    file.write({PLAIN: a_session(1), USED: a_session(2)})
    file.add(AFTER)
    wanted = file.write({PLAIN: a_session(3, lasts=2 * HOUR), USED: a_session(4, lasts=2 * HOUR)})
    read(program, s3, {PLAIN: wanted[PLAIN]})


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        (
            "AWS SDK for Ruby v3",
            f"[profile {PLAIN}]\naws_access_key_id = AKIAFOREIGN000000006\n",
            "the SDK for Ruby reads its keys as those of dev-session",
        ),
        ("AWS SDK for C++ (in pyarrow)", "[indented]\n  region = eu-west-1\n", "read nothing of the file"),
        ("AWS SDK for Rust (in pylance)", "[indented]\n  region = eu-west-1\n", "read nothing of the file"),
        ("AWS Common Runtime in C (in awscrt)", "[indented]\n  region = eu-west-1\n", "read nothing of the file"),
        ("AWS SDK for JavaScript v3", "[__proto__]\nregion = eu-west-1\n", "reads nothing of a file"),
    ],
    ids=["ruby", "c++", "rust", "c", "javascript"],
)
def test_doctor_names_what_of_others_makes_a_program_miss_the_session(s3, home, name, text, what):
    (program,) = (program for program in PROGRAMS if program.name == name)
    file = File(home)
    wanted = {PLAIN: file.write({PLAIN: a_session(1), USED: a_session(2)})[PLAIN]}
    file.add(text)
    if missing := program.missing():
        pytest.skip(missing)
    s3.accept(wanted.values())
    with start(program, s3, "bucket", PLAIN) as process:
        process.communicate(timeout=120)
    assert process.returncode != 0
    assert not [call for call in s3.calls("bucket") if call.refusal is None]
    assert what in " ".join(finding.what for finding in examine(locate(os.environ)))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"aws_access_key_id": "ASIAREADERS000000009"}, "InvalidAccessKeyId"),
        ({"aws_secret_access_key": "another"}, "SignatureDoesNotMatch"),
        ({"aws_session_token": "another"}, "InvalidToken"),
        ({"aws_session_token": None}, "InvalidToken"),
    ],
    ids=["key", "secret", "token", "no-token"],
)
def test_the_fake_s3_refuses_what_is_not_the_session_of_the_profile(s3, changed, code):
    session = a_session(1)
    keys = {
        "aws_access_key_id": session.access_key_id,
        "aws_secret_access_key": session.secret_access_key,
        "aws_session_token": session.session_token,
    }
    s3.accept([session])
    with closing(client(s3, keys)) as right:
        assert right.list_objects_v2(Bucket="right")["KeyCount"] == 1
    with closing(client(s3, {**keys, **changed})) as wrong, pytest.raises(ClientError, match=code):
        wrong.list_objects_v2(Bucket="wrong")
    assert [call.refusal for call in s3.calls("right")] == [None]
    assert [call.refusal for call in s3.calls("wrong")] == [code]


def client(s3, keys):
    return boto3.session.Session(region_name=REGION, **keys).client("s3", endpoint_url=f"http://{s3.host}")


def test_the_page_on_platforms_names_exactly_these():
    names = [program.name for program in PROGRAMS]
    claim = f"from each profile: {', '.join(names[:-1])} and {names[-1]}."
    assert claim in " ".join((ROOT / "docs" / "platforms.md").read_text(encoding="utf-8").split())
