"""Sign-ins within the running app: one at a time, roles tried again after any tool's, an end told ahead."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest

from tests.builders import NOW, a_role
from tests.integration.sso.conftest import START, own
from tests.waiting import until
from traycreds.adapters.ssocache import TokenFolder, key_of, login_key_of, written
from traycreds.adapters.sts import StsSource
from traycreds.app.signins import SignIns
from traycreds.core.commands import RoleCommand, UiCommand
from traycreds.core.errors import FailureKind, TraycredsError, UsageError
from traycreds.core.messages import RefreshAsked
from traycreds.core.shown import RoleView, Snapshot, Status


def view(name, kind=None, *, kept=True):
    return RoleView(name=name, profile=f"{name}-session", status=Status.FAILED, kind=kind, kept=kept)


class Office:
    def __init__(self, corp) -> None:
        self.corp = corp
        self.roles = [view("sso", FailureKind.SIGN_IN), view("other", FailureKind.NETWORK)]
        self.hushed = False
        self.posted, self.told = [], []
        self.sign_ins = SignIns(
            corp.where,
            snapshot=lambda: Snapshot(as_of=NOW, roles=tuple(self.roles), hushed=self.hushed),
            post=self.posted.append,
            tell=self.told.append,
        )


@pytest.fixture
def office(corp):
    return Office(corp)


def test_signing_in_tries_the_waiting_roles_again_and_says_so(office):
    office.sign_ins.sign_in(own())

    assert office.posted == [RefreshAsked(("sso",))]
    assert [notice.title for notice in office.told] == ["Sign in to corp", "Signed in to corp"]
    assert {notice.key for notice in office.told} == {"sign-in:corp"}
    assert not [notice for notice in office.told if "http" in notice.body]


def test_a_second_click_opens_no_second_page(office):
    office.corp.visitor.answer = "leave"
    first = threading.Thread(target=office.sign_ins.sign_in, args=(own(),))
    first.start()
    until(lambda: office.corp.actions("AuthorizePage"), "the page")

    with pytest.raises(TraycredsError) as caught:
        office.sign_ins.sign_in(own("behind"))
    assert caught.value.sentence == "The sign-in to corp is open in your browser."
    assert office.corp.actions("AuthorizePage") == ["AuthorizePage"]

    query = next(call.parameters for call in office.corp.sim.calls if call.action == "AuthorizePage")
    office.corp.visitor.get(office.corp.sim.oidc.decide(query, allowed=True))
    first.join(10)
    assert office.told[-1].title == "Signed in to corp"


def test_after_a_refusal_the_next_click_works(office):
    office.corp.visitor.answer = "deny"
    with pytest.raises(TraycredsError):
        office.sign_ins.sign_in(own())
    assert office.posted == []

    office.corp.visitor.answer = "allow"
    office.sign_ins.sign_in(own())
    assert office.posted == [RefreshAsked(("sso",))]


def test_a_role_without_a_sign_in(office):
    with pytest.raises(UsageError):
        office.sign_ins.sign_in(a_role("dev", source_profile="base"))


def test_a_sign_in_by_another_tool_is_noticed(office):
    office.sign_ins.look()
    assert office.posted == []

    office.corp.login()  # as aws cli would
    office.sign_ins.look()
    office.sign_ins.look()

    assert office.posted == [RefreshAsked(("sso",))]


def test_aws_login_is_noticed_too(office):
    folder = office.corp.sandbox.home / ".aws" / "login" / "cache"
    folder.mkdir(parents=True)
    office.sign_ins.look()
    assert office.posted == []

    (folder / f"{login_key_of('arn:aws:iam::111122223333:user/base')}.json").write_text("{}")
    office.sign_ins.look()
    office.sign_ins.look()

    assert office.posted == [RefreshAsked(("sso",))]


def test_a_role_of_aws_login_is_told_to_sign_in_there(office):
    office.corp.more_config("[profile console]\nlogin_session = arn:aws:iam::111122223333:user/base\n")

    with pytest.raises(UsageError) as caught:
        office.sign_ins.sign_in(a_role("dev", source_profile="console"))
    assert str(caught.value) == "Profile console is signed in to by the AWS CLI. Run: aws login --profile console"


def test_nobody_waits_so_nothing_is_tried(office):
    office.roles = [view("sso")]
    office.corp.login()
    office.sign_ins.look()

    assert office.posted == []


def put(name, left, **more):
    content = {
        "startUrl": START,
        "region": "eu-west-1",
        "accessToken": "t",
        "expiresAt": written(datetime.now(timezone.utc) + left),
        **more,
    }
    TokenFolder.of_this_user().write(key_of(name), content)


def renewing(registered=timedelta(days=9), **more):
    """What a token has beside the rest that renews itself."""
    until = written(datetime.now(timezone.utc) + registered)
    return {"refreshToken": "r", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": until, **more}


@pytest.mark.parametrize(
    ("left", "more", "told"),
    [
        (timedelta(minutes=10), {}, True),
        (timedelta(hours=2), {}, False),
        (timedelta(minutes=-1), {}, False),
        (timedelta(minutes=10), renewing(), False),
        (timedelta(minutes=10), {"refreshToken": "r"}, True),
        (timedelta(minutes=10), renewing(clientSecret=None), True),
        (timedelta(minutes=10), renewing(timedelta(minutes=-1)), True),
    ],
    ids=["soon", "not yet", "over", "renewed silently", "no client", "no secret", "registration over"],
)
def test_the_end_of_a_sign_in_is_told_ahead_once(office, left, more, told):
    office.roles = [view("sso")]
    put("corp", left, **more)

    office.sign_ins.look()
    office.sign_ins.look()

    titles = [notice.title.rpartition(" ")[0] for notice in office.told]
    assert titles == (["The sign-in to corp ends at"] if told else [])
    if told:
        assert office.told[0].buttons[0].command == RoleCommand(UiCommand.SIGN_IN, "sso")


def test_the_end_of_a_sign_in_that_aws_renews_no_more_is_told(office):
    office.roles = [view("sso")]
    office.corp.login()
    office.corp.age(timedelta(minutes=10))
    office.sign_ins.look()
    assert office.told == [], "it can be renewed, for all that is known"

    office.corp.sim.oidc.revoke(access=False)
    assert StsSource().issue(own()), "the token is good yet"
    assert "CreateToken" in office.corp.actions("CreateToken")
    office.sign_ins.look()
    assert [notice.title.rpartition(" ")[0] for notice in office.told] == ["The sign-in to corp ends at"]


def test_the_end_of_a_sign_in_that_no_kept_role_needs_is_not_told(office):
    office.roles = [view("sso", kept=False)]
    put("corp", timedelta(minutes=10))

    office.sign_ins.look()

    assert office.told == []


def test_behind_a_lock_and_just_after_waking_no_end_is_told_but_then_it_is(office):
    office.roles, office.hushed = [view("sso")], True
    put("corp", timedelta(minutes=10))
    office.sign_ins.look()
    assert office.told == []

    office.hushed = False
    office.sign_ins.look()
    assert len(office.told) == 1
