"""Listing what a sign-in opens: hundreds of accounts, AWS's limit, the day's memory."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest

from tests.support.sandbox import has_mode
from tests.support.sso_profiles import ACCOUNT
from tests.windows.mark import on_wine
from traycreds.aws.sso.accounts import TRIES, AccountList, Pace
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.aws.sso.token_refresh import Tokens
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.value_class import replace
from traycreds.sim import Fault
from traycreds.sim.identity_center import as_json
from traycreds.usecases import sign_in

LIMIT = 80 if on_wine else 100
"""Calls a second that the portal takes; Wine makes no more than a hundred or so."""
HUNDREDS = [f"{n:012d}" for n in range(1, 301)]


class AccountLister:
    """Lists for the session `corp`, at a pace and a time of the test's."""

    def __init__(self, sso_home, folder) -> None:
        self.sso_home = sso_home
        self.folder = folder
        self.later = timedelta(0)

    def list(self, fastest=2000.0, **options):
        session = sign_in.find(self.sso_home.where, "corp")
        tokens = Tokens(TokenFolder.of_this_user())
        return AccountList(
            session,
            tokens,
            lambda service: sign_in.connect(session, service),
            self.folder,
            pace=Pace(fastest=fastest),
            now=lambda: datetime.now(timezone.utc) + self.later,
        ).read(**options)


@pytest.fixture
def lister(sso_home, tmp_path):
    return AccountLister(sso_home, tmp_path / "state")


def failure(lister, **options) -> IssueError:
    with pytest.raises(IssueError) as caught:
        lister.list(**options)
    return caught.value


def test_hundreds_of_accounts_beyond_the_limit(sso_home, lister):
    """The portal allows less than what is begun with, so that 429s come; each account is there all the same."""
    sso_home.assign(*((account, name) for account in HUNDREDS for name in ("Admin", "ReadOnly")))
    sso_home.login()
    sso_home.sim.portal.calls_a_second = LIMIT
    # One refusal at least, on a machine that is slower than the limit.
    sso_home.sim.faults.set(Fault.THROTTLE, role="ListAccountRoles", times=1)
    seen = []

    accounts = lister.list(fastest=1000.0, progress=lambda done, total: seen.append((done, total)))

    assert sorted(account.id for account in accounts) == HUNDREDS
    assert {account.roles for account in accounts} == {("Admin", "ReadOnly")}
    assert seen == [(done, 300) for done in range(301)]
    refused = sso_home.outcomes("ListAccountRoles").count("TooManyRequestsException")
    assert 0 < refused < 60, "slowed down by it, rather than knocking on"
    assert sso_home.outcomes("ListAccounts") == ["OK"] * 3, "pages of a hundred"
    assert sso_home.actions("Authorize", "AuthorizePage") == ["AuthorizePage", "Authorize"], "no new page for a 429"


def test_kept_for_a_day(sso_home, lister):
    sso_home.sim.portal.assign("alice", [(ACCOUNT, "Admin")], names={ACCOUNT: "Prod"})
    sso_home.login()

    first = lister.list()
    assert [(one.id, one.name, one.email, one.roles) for one in first] == [
        (ACCOUNT, "Prod", f"aws+{ACCOUNT}@example.com", ("Admin",))
    ]
    calls = len(sso_home.sim.calls)
    assert lister.list() == first
    assert len(sso_home.sim.calls) == calls
    (kept,) = lister.folder.iterdir()
    assert has_mode(kept, 0o600)
    assert sso_home.token()["accessToken"] not in kept.read_text()

    lister.list(fresh=True)
    assert len(sso_home.sim.calls) == calls + 2


def test_asked_anew_after_a_day_and_when_the_list_is_broken(sso_home, lister):
    sso_home.login()
    lister.list()
    (kept,) = lister.folder.iterdir()
    kept.write_text('{"at": "2020-01-01T00:00:00Z", "accounts": []}')
    assert len(lister.list()) == 1
    kept.write_text("{")
    assert len(lister.list()) == 1
    assert len(sso_home.actions("ListAccounts")) == 3


def test_a_token_that_ends_soon_is_renewed_on_the_way(sso_home, lister):
    sso_home.login()
    sso_home.age(timedelta(minutes=-1))

    assert len(lister.list()) == 1
    assert sso_home.outcomes("CreateToken") == ["OK", "OK"]


def test_signed_out(sso_home, lister):
    assert failure(lister).kind is FailureKind.SIGN_IN

    sso_home.login()
    sso_home.sim.oidc.revoke()
    error = failure(lister)
    assert error.kind is FailureKind.SIGN_IN
    assert error.hint == "Run: traycreds login corp"
    assert len(sso_home.actions("ListAccounts")) == 1, "and not retried"


def test_a_fault_in_the_middle_passes(sso_home, lister):
    sso_home.assign(*((account, "Admin") for account in HUNDREDS[:20]))
    sso_home.login()
    sso_home.sim.faults.set(Fault.ERROR_500, role="ListAccountRoles", times=1)

    assert len(lister.list()) == 20


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.THROTTLE, FailureKind.THROTTLED),
        (Fault.ERROR_500, FailureKind.NETWORK),
        (Fault.DROP, FailureKind.NETWORK),
    ],
    ids=lambda value: value.name,
)
def test_a_fault_that_stays_is_reported(sso_home, lister, fault, kind, monkeypatch):
    sso_home.login()
    sso_home.sim.faults.set(fault, role="ListAccounts")
    monkeypatch.setattr(Pace, "slower", lambda _: None)

    assert failure(lister).kind is kind
    assert len(sso_home.actions("ListAccounts")) == TRIES
    assert not list(lister.folder.glob("*"))


def test_an_account_that_was_taken_away_meanwhile_has_no_roles(sso_home, lister, monkeypatch):
    sso_home.assign((ACCOUNT, "Admin"), ("000000000001", "Admin"))
    sso_home.login()
    listed = sso_home.sim.portal.list_accounts

    def list_then_take_away(request):
        page = listed(request)
        for token, one in sso_home.sim.portal._sign_ins.items():
            sso_home.sim.portal._sign_ins[token] = replace(one, roles=frozenset({(ACCOUNT, "Admin")}))
        return page

    sso_home.sim.identity_center._actions["GET", "/assignment/accounts"] = (
        "ListAccounts",
        as_json(list_then_take_away),
    )
    assert [account.roles for account in lister.list()] == [(), ("Admin",)]


class Stopwatch:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds) -> None:
        self.now += seconds


def test_pace():
    watch = Stopwatch()
    pace = Pace(fastest=20, clock=watch, sleep=watch.sleep)

    for _ in range(40):
        pace.wait()
    assert watch.now == pytest.approx(100 + 39 / 20)

    pace.slower()
    began = watch.now
    for _ in range(11):
        pace.wait()
    assert watch.now == pytest.approx(began + 1 + 10 / 10), "a second of rest, then half the speed"

    for _ in range(50):
        pace.faster()
    pace.wait()
    began = watch.now
    for _ in range(20):
        pace.wait()
    assert watch.now == pytest.approx(began + 1), "back at full speed"


def test_pace_never_stops_altogether():
    watch = Stopwatch()
    pace = Pace(fastest=20, clock=watch, sleep=watch.sleep)
    for _ in range(20):
        pace.slower()
    pace.wait()
    began = watch.now
    pace.wait()
    assert watch.now == pytest.approx(began + 1)


def test_pace_holds_for_threads_together():
    pace = Pace(fastest=100)
    turns = []

    def work():
        import time

        for _ in range(5):
            pace.wait()
            turns.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(turns) - min(turns) > 0.18
