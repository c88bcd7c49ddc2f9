"""Listing what a sign-in opens: a thousand accounts, AWS's limit, the day's memory."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sso.conftest import ACCOUNT
from tests.sandbox import has_mode
from tests.windows.mark import on_wine
from traycreds.adapters.ssoaccounts import TRIES, AccountList, Pace
from traycreds.adapters.ssocache import TokenFolder
from traycreds.adapters.ssotokens import Tokens
from traycreds.app import login
from traycreds.core.errors import FailureKind, IssueError
from traycreds.sim import Fault

LIMIT = 80 if on_wine else 300
"""Calls a second that the portal takes; Wine makes no more than a hundred or so."""
THOUSAND = [f"{n:012d}" for n in range(1, 1001)]


class Shop:
    """Lists for the session `corp`, at a pace and a time of the test's."""

    def __init__(self, corp, folder) -> None:
        self.corp = corp
        self.folder = folder
        self.later = timedelta(0)

    def list(self, fastest=2000.0, **options):
        session = login.find(self.corp.where, "corp")
        tokens = Tokens(TokenFolder.of_this_user())
        return AccountList(
            session,
            tokens,
            lambda service: login.connect(session, service),
            self.folder,
            pace=Pace(fastest=fastest),
            now=lambda: datetime.now(timezone.utc) + self.later,
        ).read(**options)


@pytest.fixture
def shop(corp, tmp_path):
    return Shop(corp, tmp_path / "state")


def failure(shop, **options) -> IssueError:
    with pytest.raises(IssueError) as caught:
        shop.list(**options)
    return caught.value


def test_a_thousand_accounts_beyond_the_limit(corp, shop):
    """The portal allows less than what is begun with, so that 429s come; each account is there all the same."""
    corp.assign(*((account, name) for account in THOUSAND for name in ("Admin", "ReadOnly")))
    corp.login()
    corp.sim.portal.calls_a_second = LIMIT
    seen = []

    accounts = shop.list(fastest=1000.0, progress=lambda done, total: seen.append((done, total)))

    assert sorted(account.id for account in accounts) == THOUSAND
    assert {account.roles for account in accounts} == {("Admin", "ReadOnly")}
    assert seen == [(done, 1000) for done in range(1001)]
    refused = corp.outcomes("ListAccountRoles").count("TooManyRequestsException")
    assert 0 < refused < 200, "slowed down by it, rather than knocking on"
    assert corp.outcomes("ListAccounts") == ["OK"] * 10, "pages of a hundred"
    assert corp.actions("Authorize", "AuthorizePage") == ["AuthorizePage", "Authorize"], "no new page for a 429"


def test_kept_for_a_day(corp, shop):
    corp.sim.portal.assign("alice", [(ACCOUNT, "Admin")], names={ACCOUNT: "Prod"})
    corp.login()

    first = shop.list()
    assert [(one.id, one.name, one.email, one.roles) for one in first] == [
        (ACCOUNT, "Prod", f"aws+{ACCOUNT}@example.com", ("Admin",))
    ]
    calls = len(corp.sim.calls)
    assert shop.list() == first
    assert len(corp.sim.calls) == calls
    (kept,) = shop.folder.iterdir()
    assert has_mode(kept, 0o600)
    assert corp.token()["accessToken"] not in kept.read_text()

    shop.list(anew=True)
    assert len(corp.sim.calls) == calls + 2


def test_asked_anew_after_a_day_and_when_the_list_is_broken(corp, shop):
    corp.login()
    shop.list()
    (kept,) = shop.folder.iterdir()
    kept.write_text('{"at": "2020-01-01T00:00:00Z", "accounts": []}')
    assert len(shop.list()) == 1
    kept.write_text("{")
    assert len(shop.list()) == 1
    assert len(corp.actions("ListAccounts")) == 3


def test_a_token_that_ends_soon_is_renewed_on_the_way(corp, shop):
    corp.login()
    corp.age(timedelta(minutes=-1))

    assert len(shop.list()) == 1
    assert corp.outcomes("CreateToken") == ["OK", "OK"]


def test_signed_out(corp, shop):
    assert failure(shop).kind is FailureKind.SIGN_IN

    corp.login()
    corp.sim.oidc.revoke()
    error = failure(shop)
    assert error.kind is FailureKind.SIGN_IN
    assert error.hint == "Run: traycreds login corp"
    assert len(corp.actions("ListAccounts")) == 1, "and not tried again"


def test_a_fault_in_the_middle_passes(corp, shop):
    corp.assign(*((account, "Admin") for account in THOUSAND[:20]))
    corp.login()
    corp.sim.faults.set(Fault.ERROR_500, role="ListAccountRoles", times=1)

    assert len(shop.list()) == 20


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.THROTTLE, FailureKind.THROTTLED),
        (Fault.ERROR_500, FailureKind.NETWORK),
        (Fault.DROP, FailureKind.NETWORK),
    ],
    ids=lambda value: value.name,
)
def test_a_fault_that_stays_is_told(corp, shop, fault, kind, monkeypatch):
    corp.login()
    corp.sim.faults.set(fault, role="ListAccounts")
    monkeypatch.setattr(Pace, "slower", lambda _: None)

    assert failure(shop).kind is kind
    assert len(corp.actions("ListAccounts")) == TRIES
    assert not list(shop.folder.glob("*"))


def test_an_account_that_was_taken_away_meanwhile_has_no_roles(corp, shop, monkeypatch):
    corp.assign((ACCOUNT, "Admin"), ("000000000001", "Admin"))
    corp.login()
    listed = corp.sim.portal.list_accounts

    def list_then_take_away(request):
        page = listed(request)
        for token, one in corp.sim.portal._sign_ins.items():
            from dataclasses import replace

            corp.sim.portal._sign_ins[token] = replace(one, roles=frozenset({(ACCOUNT, "Admin")}))
        return page

    _, play = corp.sim._identity_center._actions["GET", "/assignment/accounts"]
    assert play
    from traycreds.sim import identitycenter

    corp.sim._identity_center._actions["GET", "/assignment/accounts"] = (
        "ListAccounts",
        identitycenter._json(list_then_take_away),
    )
    assert [account.roles for account in shop.list()] == [(), ("Admin",)]


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
