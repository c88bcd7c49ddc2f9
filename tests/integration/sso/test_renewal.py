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

from tests.integration.sso.conftest import START, own
from tests.sandbox import has_mode
from traycreds.adapters import files
from traycreds.adapters.ssocache import TokenFolder, key_of, moment, written
from traycreds.adapters.ssotokens import Tokens
from traycreds.adapters.sts import StsSource
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError
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
def test_renewed_once_and_written_for_all_tools(corp, source, left):
    corp.login()
    corp.age(left)
    old = corp.token()

    source.issue(own())
    source.issue(own())

    new = corp.token()
    assert corp.outcomes("CreateToken") == ["OK", "OK"], "the sign-in, and one renewal"
    assert set(new) == set(old)
    assert [name for name in old if new[name] != old[name]] == ["accessToken", "expiresAt", "refreshToken"]
    assert has_mode(corp.token_file(), 0o600)


def test_not_before_its_time(corp, source):
    corp.login()
    corp.age(16 * MINUTE)

    source.issue(own())

    assert corp.outcomes("CreateToken") == ["OK"]


def test_renewals_go_on_for_as_long_as_the_sign_in_does(corp, source):
    corp.login()
    for _ in range(5):
        corp.age(EXPIRED)
        assert source.issue(own())

    assert corp.outcomes("CreateToken") == ["OK"] * 6


def test_when_aws_refuses_it_is_asked_once_and_the_user_signs_in(corp, source):
    corp.login()
    before = corp.age(EXPIRED)
    corp.sim.oidc.revoke()

    for _ in range(3):
        error = failure(source)
        assert error.kind is FailureKind.SIGN_IN
        assert error.hint == "Run: traycreds login corp"
    assert corp.outcomes("CreateToken") == ["OK", "InvalidGrantException"]
    assert corp.token_file().read_bytes() == before, "no token is ever evicted"

    corp.login()
    assert source.issue(own())


def test_a_refused_token_serves_to_its_end(corp, source):
    corp.login()
    corp.age(5 * MINUTE)
    corp.sim.oidc.revoke(access=False)

    assert source.issue(own())
    assert source.issue(own())
    assert corp.outcomes("CreateToken") == ["OK", "InvalidGrantException"]


def test_a_registration_that_has_ended_renews_nothing(corp, source):
    corp.login()
    corp.age(EXPIRED, registrationExpiresAt=written(datetime.now(timezone.utc) - MINUTE))

    assert failure(source).kind is FailureKind.SIGN_IN
    assert corp.outcomes("CreateToken") == ["OK"]


FAULTS = pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.THROTTLE, FailureKind.THROTTLED),
        (Fault.ERROR_500, FailureKind.NETWORK),
        (Fault.UNAVAILABLE_503, FailureKind.NETWORK),
        (Fault.PROXY_502, FailureKind.NETWORK),
        (Fault.DROP, FailureKind.NETWORK),
        (Fault.HANG, FailureKind.NETWORK),
    ],
    ids=lambda value: value.name,
)


@FAULTS
def test_a_fault_of_the_service_is_no_end_of_the_sign_in(corp, fault, kind):
    corp.login()
    before = corp.age(EXPIRED)
    corp.sim.faults.set(fault, role="CreateToken")
    source = StsSource(connect_timeout=1.5, read_timeout=1.5)

    assert failure(source).kind is kind
    assert corp.token_file().read_bytes() == before
    corp.sim.faults.clear()
    assert source.issue(own())


@FAULTS
def test_a_fault_with_time_left_is_not_even_noticed(corp, fault, kind):
    corp.login()
    corp.age(5 * MINUTE)
    corp.sim.faults.set(fault, role="CreateToken")
    source = StsSource(connect_timeout=1.5, read_timeout=1.5)

    assert source.issue(own())
    assert source.issue(own())
    assert len(corp.outcomes("CreateToken")) == 2, "and not tried again at once"


def test_an_answer_that_is_lost_is_not_asked_for_twice(corp):
    """The refresh token may have been used up: a second try within the call could end the whole sign-in."""
    corp.login()
    corp.age(EXPIRED)
    corp.sim.faults.set(Fault.DROP, role="CreateToken")

    failure(StsSource(connect_timeout=2, read_timeout=2))

    assert corp.outcomes("CreateToken") == ["OK", "drop"]


def roles_of_one_session(corp, count):
    accounts = [f"{n:012d}" for n in range(1, count + 1)]
    corp.assign(*((account, "Admin") for account in accounts))
    corp.more_config(
        "".join(
            f"[profile p{n}]\nsso_session = corp\nsso_account_id = {account}\nsso_role_name = Admin\n"
            for n, account in enumerate(accounts)
        )
    )
    return [own(f"p{n}") for n in range(count)]


def test_thirty_roles_of_one_expired_token_renew_it_once(corp, source):
    roles = roles_of_one_session(corp, 30)
    corp.login()
    corp.age(EXPIRED)

    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(source.issue, roles))) == 30
    assert corp.outcomes("CreateToken") == ["OK", "OK"]


def test_thirty_roles_share_a_hanging_service_instead_of_queueing_for_it(corp):
    roles = roles_of_one_session(corp, 30)
    corp.login()
    corp.age(EXPIRED)
    corp.sim.faults.set(Fault.HANG, role="CreateToken")
    source = StsSource(connect_timeout=1, read_timeout=1)

    started = time.monotonic()
    with ThreadPoolExecutor(30) as pool:
        errors = list(pool.map(lambda role: failure(source, role), roles))
    assert {error.kind for error in errors} == {FailureKind.NETWORK}
    assert time.monotonic() - started < 8
    assert len(corp.outcomes("CreateToken")) <= 4


RIVAL = """
import sys
from datetime import timedelta
from tests.builders import a_role
from traycreds.adapters.sts import StsSource

role = a_role("sso", arn=None, source_profile=None, from_profile="sso")
sys.stdin.readline()
for _ in range(int(sys.argv[1])):
    StsSource().issue(role)
"""


def test_processes_that_renew_at_once_log_nobody_out(corp):
    """Every token is due as soon as it is issued, so that every issue renews; a token used twice would end all."""
    corp.sim.oidc.token_length = timedelta(minutes=10)
    corp.login()
    rounds = 8
    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", RIVAL, str(rounds)],
            env=corp.sandbox.environment(PYTHONPATH=str(ROOT), **corp.endpoints),
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

    assert set(corp.outcomes("CreateToken")) == {"OK"}
    assert len(corp.outcomes("CreateToken")) == 1 + 3 * rounds
    assert StsSource().issue(own())


ROOT = Path(__file__).parents[3]


# What the lock cannot keep out, and what disks do: on the folder itself, with no service behind it.


class Shelf:
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
                "expiresAt": written(now + left),
                "clientId": "c",
                "clientSecret": "s",
                "registrationExpiresAt": written(now + 60 * MINUTE),
                "refreshToken": refresh,
            },
        )

    def renew(self, token):
        self.calls += 1
        end = written(datetime.now(timezone.utc) + 60 * MINUTE)
        return {"accessToken": "new", "expiresAt": end, "refreshToken": f"r{self.calls}"}

    def fresh(self):
        return self.tokens.fresh(self.key, self.renew)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


class RefusedError(Exception):
    response: ClassVar = {"Error": {"Code": "InvalidGrantException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}


def test_another_tools_renewal_counts_when_ours_is_refused_for_it(shelf):
    def renew(token):
        shelf.put("theirs")  # aws cli, which takes no lock, was faster
        raise RefusedError

    assert shelf.tokens.fresh(shelf.key, renew)["accessToken"] == "access of theirs"
    assert shelf.fresh()["accessToken"] == "access of theirs"
    assert shelf.calls == 0


@pytest.mark.logs_warnings
def test_a_full_disk_loses_no_renewed_token(shelf, monkeypatch):
    def full(*_, **__):
        raise CredentialsFileError("There is no space left.", "Free some.")

    with monkeypatch.context() as disk:
        disk.setattr(files, "replace", full)
        assert shelf.fresh()["accessToken"] == "new"
        assert shelf.fresh()["accessToken"] == "new", "from memory"
    assert shelf.files.read(shelf.key)["refreshToken"] == "r0"

    assert shelf.fresh()["refreshToken"] == "r1"
    assert shelf.files.read(shelf.key)["refreshToken"] == "r1", "written as soon as the disk allows"
    assert shelf.calls == 1


@pytest.mark.logs_warnings
def test_a_sign_in_meanwhile_beats_the_token_in_memory(shelf, monkeypatch):
    def full(*_, **__):
        raise CredentialsFileError("There is no space left.", "Free some.")

    with monkeypatch.context() as disk:
        disk.setattr(files, "replace", full)
        shelf.fresh()
    shelf.put("signed in anew")

    assert shelf.fresh()["refreshToken"] == "signed in anew"
    assert shelf.files.read(shelf.key)["refreshToken"] == "signed in anew"


def test_a_token_renewed_without_a_new_refresh_token_has_none(shelf):
    shelf.tokens.fresh(shelf.key, lambda _: {"accessToken": "last", "expiresAt": written(datetime.now(timezone.utc))})

    assert "refreshToken" not in shelf.files.read(shelf.key)


def test_a_lock_that_another_process_never_gives_back(shelf, monkeypatch):
    held, done = threading.Event(), threading.Event()

    def hold():
        with shelf.files.locked(shelf.key):
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
        shelf.fresh()
    done.set()
    thread.join()
    assert caught.value.kind is FailureKind.NETWORK
    assert "busy" in caught.value.sentence
    assert shelf.fresh()["accessToken"] == "new"


@pytest.mark.parametrize("text", [b"", b"\xff", b"[]", b"null", b"{"])
def test_a_file_that_is_no_token(shelf, text):
    shelf.files.path(shelf.key).write_bytes(text)

    assert shelf.fresh() is None
    assert shelf.calls == 0


@pytest.mark.parametrize(
    "text",
    ["2026-11-24T12:00:00Z", "2026-11-24T12:00:00UTC", "2026-11-24T14:00:00+02:00", "2026-11-24T12:00:00"],
)
def test_moments_as_tools_write_them(text):
    assert moment(text) == datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize("value", [None, 5, "", "soon"])
def test_what_is_no_moment(value):
    assert moment(value) is None


def test_a_linked_token_file_stays_a_link(shelf, tmp_path):
    path = shelf.files.path(shelf.key)
    target = tmp_path / "elsewhere.json"
    path.rename(target)
    path.symlink_to(target)

    shelf.fresh()

    assert path.is_symlink()
    assert json.loads(target.read_text())["refreshToken"] == "r1"
