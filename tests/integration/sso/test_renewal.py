"""Silent renewal of a sign-in: when, by whom, and what faults and rivals do to it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import ClassVar

import pytest

from tests.integration.sso.conftest import own
from tests.support.sandbox import has_mode
from tests.support.sso_profiles import START
from traycreds.aws.sso.token_cache import TokenFolder, key_of
from traycreds.aws.sso.token_refresh import Tokens
from traycreds.aws.sts import StsSource
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError
from traycreds.core.text import rfc_3339
from traycreds.files import atomic_write
from traycreds.sim import Fault

MINUTE = timedelta(minutes=1)
EXPIRED = -MINUTE


@pytest.fixture
def source():
    return StsSource(connect_timeout=2, read_timeout=2)


def failure(source, role=None) -> IssueError:
    with pytest.raises(IssueError) as caught:
        source.issue(role or own())
    return caught.value


@pytest.mark.parametrize("left", [EXPIRED, 14 * MINUTE], ids=["expired", "ends soon"])
def test_renewed_once_and_written_for_all_tools(sso_home, source, left):
    sso_home.login()
    sso_home.age(left)
    old = sso_home.token()

    source.issue(own())
    source.issue(own())

    new = sso_home.token()
    assert sso_home.outcomes("CreateToken") == ["OK", "OK"], "the sign-in, and one renewal"
    assert set(new) == set(old)
    assert [name for name in old if new[name] != old[name]] == ["accessToken", "expiresAt", "refreshToken"]
    assert has_mode(sso_home.token_file(), 0o600)


def test_not_before_its_time(sso_home, source):
    sso_home.login()
    sso_home.age(16 * MINUTE)

    source.issue(own())

    assert sso_home.outcomes("CreateToken") == ["OK"]


def test_renewals_go_on_for_as_long_as_the_sign_in_does(sso_home, source):
    sso_home.login()
    for _ in range(5):
        sso_home.age(EXPIRED)
        assert source.issue(own())

    assert sso_home.outcomes("CreateToken") == ["OK"] * 6


def test_when_aws_refuses_it_is_asked_once_and_the_user_signs_in(sso_home, source):
    sso_home.login()
    before = sso_home.age(EXPIRED)
    sso_home.sim.oidc.revoke()

    for _ in range(3):
        error = failure(source)
        assert error.kind is FailureKind.SIGN_IN
        assert error.hint == "Run: traycreds login corp"
    assert sso_home.outcomes("CreateToken") == ["OK", "InvalidGrantException"]
    assert sso_home.token_file().read_bytes() == before, "no token is ever evicted"

    sso_home.login()
    assert source.issue(own())


def test_a_refused_token_serves_to_its_end(sso_home, source):
    sso_home.login()
    sso_home.age(5 * MINUTE)
    sso_home.sim.oidc.revoke(access=False)

    assert source.issue(own())
    assert source.issue(own())
    assert sso_home.outcomes("CreateToken") == ["OK", "InvalidGrantException"]


def test_a_registration_that_has_ended_renews_nothing(sso_home, source):
    sso_home.login()
    sso_home.age(EXPIRED, registrationExpiresAt=rfc_3339(datetime.now(timezone.utc) - MINUTE))

    assert failure(source).kind is FailureKind.SIGN_IN
    assert sso_home.outcomes("CreateToken") == ["OK"]


FAULTS = pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.THROTTLE, FailureKind.THROTTLED),
        (Fault.ERROR_500, FailureKind.ANSWER),
        (Fault.UNAVAILABLE_503, FailureKind.ANSWER),
        (Fault.PROXY_502, FailureKind.ANSWER),
        (Fault.DROP, FailureKind.ANSWER),
        (Fault.HANG, FailureKind.ANSWER),
    ],
    ids=lambda value: value.name,
)


@FAULTS
def test_a_fault_of_the_service_is_no_end_of_the_sign_in(sso_home, fault, kind):
    sso_home.login()
    before = sso_home.age(EXPIRED)
    sso_home.sim.faults.set(fault, role="CreateToken")
    source = StsSource(connect_timeout=1.5, read_timeout=1.5)

    assert failure(source).kind is kind
    assert sso_home.token_file().read_bytes() == before
    sso_home.sim.faults.clear()
    assert source.issue(own())


@FAULTS
def test_a_fault_with_time_left_is_not_even_noticed(sso_home, fault, kind):
    sso_home.login()
    sso_home.age(5 * MINUTE)
    sso_home.sim.faults.set(fault, role="CreateToken")
    source = StsSource(connect_timeout=1.5, read_timeout=1.5)

    assert source.issue(own())
    assert source.issue(own())
    assert len(sso_home.outcomes("CreateToken")) == 2, "and not retried at once"


def test_an_answer_that_is_lost_is_not_asked_for_twice(sso_home):
    """The refresh token may have been used up: a second try within the call could end the whole sign-in."""
    sso_home.login()
    sso_home.age(EXPIRED)
    sso_home.sim.faults.set(Fault.DROP, role="CreateToken")

    failure(StsSource(connect_timeout=2, read_timeout=2))

    assert sso_home.outcomes("CreateToken") == ["OK", "drop"]


def roles_of_one_session(sso_home, count):
    sso_home.add_profiles(count)
    return [own(f"p{n}") for n in range(count)]


def test_thirty_roles_of_one_expired_token_renew_it_once(sso_home, source):
    roles = roles_of_one_session(sso_home, 30)
    sso_home.login()
    sso_home.age(EXPIRED)

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(source.issue, roles))) == 30
    assert sso_home.outcomes("CreateToken") == ["OK", "OK"]


def test_thirty_roles_share_a_hanging_service_instead_of_queueing_for_it(sso_home):
    roles = roles_of_one_session(sso_home, 30)
    sso_home.login()
    sso_home.age(EXPIRED)
    sso_home.sim.faults.set(Fault.HANG, role="CreateToken")
    source = StsSource(connect_timeout=1, read_timeout=1)

    started = time.monotonic()
    with ThreadPoolExecutor(30) as pool:
        errors = list(pool.map(lambda role: failure(source, role), roles))
    assert {error.kind for error in errors} == {FailureKind.ANSWER}
    assert time.monotonic() - started < 20, "thirty that queue take a minute"
    assert len(sso_home.outcomes("CreateToken")) <= 4


RIVAL = """
import sys
from datetime import timedelta
from tests.support.builders import a_role
from traycreds.aws.sts import StsSource

role = a_role("sso", arn=None, source_profile=None, from_profile="sso")
sys.stdin.readline()
for _ in range(int(sys.argv[1])):
    StsSource().issue(role)
"""


def test_processes_that_renew_at_once_log_nobody_out(sso_home):
    """Every token is due as soon as it is issued, so that every issue renews; a token used twice would end all."""
    sso_home.sim.oidc.token_length = timedelta(minutes=10)
    sso_home.login()
    rounds = 8
    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", RIVAL, str(rounds)],
            env=sso_home.sandbox.environment(PYTHONPATH=str(ROOT), **sso_home.endpoints),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for rival in rivals:
        rival.stdin.write("go\n")
        rival.stdin.flush()
    for rival in rivals:
        _, stderr = rival.communicate(timeout=50)
        assert rival.returncode == 0, stderr

    assert set(sso_home.outcomes("CreateToken")) == {"OK"}
    assert len(sso_home.outcomes("CreateToken")) == 1 + 3 * rounds
    assert StsSource().issue(own())


ROOT = Path(__file__).parents[3]


# What the lock cannot keep out, and what disks do: on the folder itself, with no service behind it.


class SharedToken:
    """A folder with one token, and how often it was renewed."""

    def __init__(self, folder) -> None:
        self.files = TokenFolder(folder / "cache", folder / "locks")
        self.tokens = Tokens(self.files)
        self.key = key_of("corp")
        self.calls = 0
        self.put("r0", EXPIRED)

    def put(self, refresh, left=60 * MINUTE):
        now = datetime.now(timezone.utc)
        self.files.write(
            self.key,
            {
                "startUrl": START,
                "region": "eu-west-1",
                "accessToken": f"access of {refresh}",
                "expiresAt": rfc_3339(now + left),
                "clientId": "c",
                "clientSecret": "s",
                "registrationExpiresAt": rfc_3339(now + 60 * MINUTE),
                "refreshToken": refresh,
            },
        )

    def renew(self, token):
        self.calls += 1
        end = rfc_3339(datetime.now(timezone.utc) + 60 * MINUTE)
        return {"accessToken": "new", "expiresAt": end, "refreshToken": f"r{self.calls}"}

    def fresh(self):
        return self.tokens.fresh(self.key, self.renew)


@pytest.fixture
def shared(tmp_path):
    return SharedToken(tmp_path)


class RefusedError(Exception):
    response: ClassVar = {"Error": {"Code": "InvalidGrantException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}


def test_another_tools_renewal_counts_when_ours_is_refused_for_it(shared):
    def renew(token):
        # The AWS CLI takes no lock, so its renewal may come first.
        shared.put("theirs")
        raise RefusedError

    assert shared.tokens.fresh(shared.key, renew)["accessToken"] == "access of theirs"
    assert shared.fresh()["accessToken"] == "access of theirs"
    assert shared.calls == 0


@pytest.mark.logs_warnings
def test_a_full_disk_loses_no_renewed_token(shared, monkeypatch):
    def full(*_, **__):
        raise CredentialsFileError("There is no space left.", "Free some.")

    with monkeypatch.context() as disk:
        disk.setattr(atomic_write, "replace", full)
        assert shared.fresh()["accessToken"] == "new"
        assert shared.fresh()["accessToken"] == "new", "from memory"
    assert shared.files.read(shared.key)["refreshToken"] == "r0"

    assert shared.fresh()["refreshToken"] == "r1"
    assert shared.files.read(shared.key)["refreshToken"] == "r1", "written as soon as the disk allows"
    assert shared.calls == 1


@pytest.mark.logs_warnings
def test_a_sign_in_meanwhile_beats_the_token_in_memory(shared, monkeypatch):
    def full(*_, **__):
        raise CredentialsFileError("There is no space left.", "Free some.")

    with monkeypatch.context() as disk:
        disk.setattr(atomic_write, "replace", full)
        shared.fresh()
    shared.put("signed in again")

    assert shared.fresh()["refreshToken"] == "signed in again"
    assert shared.files.read(shared.key)["refreshToken"] == "signed in again"


def test_a_token_renewed_without_a_new_refresh_token_has_none(shared):
    shared.tokens.fresh(
        shared.key, lambda _: {"accessToken": "last", "expiresAt": rfc_3339(datetime.now(timezone.utc))}
    )

    assert "refreshToken" not in shared.files.read(shared.key)


def test_a_lock_that_another_process_never_gives_back(shared, monkeypatch):
    held, done = threading.Event(), threading.Event()

    def hold():
        with shared.files.locked(shared.key):
            held.set()
            done.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(5)
    patient = TokenFolder.locked

    def hasty(self, key, *, patience=0.1):
        return patient(self, key, patience=patience)

    monkeypatch.setattr(TokenFolder, "locked", hasty)
    with pytest.raises(IssueError) as caught:
        shared.fresh()
    done.set()
    thread.join()
    assert caught.value.kind is FailureKind.NETWORK
    assert "busy" in caught.value.sentence
    assert shared.fresh()["accessToken"] == "new"


@pytest.mark.parametrize("text", [b"", b"\xff", b"[]", b"null", b"{"])
def test_a_file_that_is_no_token(shared, text):
    shared.files.path(shared.key).write_bytes(text)

    assert shared.fresh() is None
    assert shared.calls == 0


def test_a_linked_token_file_stays_a_link(shared, tmp_path):
    path = shared.files.path(shared.key)
    target = tmp_path / "elsewhere.json"
    path.rename(target)
    path.symlink_to(target)

    shared.fresh()

    assert path.is_symlink()
    assert json.loads(target.read_text())["refreshToken"] == "r1"
