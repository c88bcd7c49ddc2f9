"""Sign-ins within the running app: one at a time, roles retried after any tool's, an end told ahead."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sso.conftest import own
from tests.support.builders import NOW, a_role
from tests.support.sso_profiles import START
from tests.support.wait_until import until
from traycreds.app.followers.config_watch import ConfigWatch
from traycreds.app.followers.sign_ins import SignIns
from traycreds.aws.sso.token_cache import TokenFolder, key_of, login_key_of
from traycreds.aws.sts import StsSource
from traycreds.awsfiles import profiles
from traycreds.config import loader
from traycreds.core.errors import FailureKind, TraycredsError, UsageError
from traycreds.core.events import RefreshAsked
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.text import rfc_3339
from traycreds.core.ui_commands import RoleCommand, UiCommand


def view(name, kind=None, *, kept=True):
    return RoleView(name=name, profile=f"{name}-session", status=Status.FAILED, kind=kind, kept=kept)


class SignInsOfApp:
    def __init__(self, sso_home) -> None:
        self.sso_home = sso_home
        self.roles = [view("sso", FailureKind.SIGN_IN), view("other", FailureKind.NETWORK)]
        self.muted = False
        self.now = 0.0
        self.posted, self.notices = [], []
        self.watch = ConfigWatch(sso_home.where, self.posted.append, self.notices.append)
        self.sign_ins = SignIns(
            sso_home.where,
            config_seen=lambda: self.watch.seen,
            snapshot=lambda: Snapshot(as_of=NOW, roles=tuple(self.roles)),
            post=self.posted.append,
            notify=self.notices.append,
            muted=lambda: self.muted,
            monotonic=lambda: self.now,
        )


@pytest.fixture
def app(sso_home):
    return SignInsOfApp(sso_home)


def test_signing_in_tries_the_waiting_roles_again_and_says_so(app):
    app.sign_ins.sign_in(own())

    assert app.posted == [RefreshAsked(("sso",))]
    assert [notice.title for notice in app.notices] == ["Sign in to corp", "Signed in to corp"]
    assert {notice.key for notice in app.notices} == {"sign-in:corp"}
    assert not [notice for notice in app.notices if "http" in notice.body]


def test_a_second_click_opens_no_second_page(app):
    app.sso_home.visitor.answer = "leave"
    first = threading.Thread(target=app.sign_ins.sign_in, args=(own(),))
    first.start()
    until(lambda: app.sso_home.actions("AuthorizePage"), "the page")

    with pytest.raises(TraycredsError) as caught:
        app.sign_ins.sign_in(own("behind"))
    assert caught.value.sentence == "The sign-in to corp is open in your browser."
    assert app.sso_home.actions("AuthorizePage") == ["AuthorizePage"]

    query = next(call.parameters for call in app.sso_home.sim.calls if call.action == "AuthorizePage")
    app.sso_home.visitor.get(app.sso_home.sim.oidc.decide(query, allowed=True))
    first.join(10)
    assert app.notices[-1].title == "Signed in to corp"


def test_after_a_refusal_the_next_click_works(app):
    app.sso_home.visitor.answer = "deny"
    with pytest.raises(TraycredsError):
        app.sign_ins.sign_in(own())
    assert app.posted == []

    app.sso_home.visitor.answer = "allow"
    app.sign_ins.sign_in(own())
    assert app.posted == [RefreshAsked(("sso",))]


def test_a_role_without_a_sign_in(app):
    with pytest.raises(UsageError):
        app.sign_ins.sign_in(a_role("dev", source_profile="base"))


def test_a_sign_in_by_another_tool_is_noticed(app):
    app.sign_ins.check()
    assert app.posted == []

    # The AWS CLI would sign in the same way.
    app.sso_home.login()
    app.sign_ins.check()
    app.sign_ins.check()

    assert app.posted == [RefreshAsked(("sso",))]


def test_a_tool_that_writes_sign_ins_all_the_time_causes_few_tries(app):
    for second in range(0, 600, 2):
        app.now = float(second)
        put("sso", timedelta(hours=1, seconds=second))
        app.sign_ins.check()

    assert 600 / 30 <= len(app.posted) <= 600 / 30 + 3
    app.now += 90
    app.sign_ins.check()
    posted = len(app.posted)
    app.sign_ins.check()
    assert len(app.posted) == posted, "the last change is seen, and then none"


def test_a_token_is_read_when_its_file_has_changed(app, monkeypatch):
    app.sso_home.login()
    read, reads = TokenFolder.read, []
    monkeypatch.setattr(TokenFolder, "read", lambda folder, key: (reads.append(key), read(folder, key))[1])
    for _ in range(3):
        app.sign_ins.check()
        app.sign_ins.due()
    assert key_of("corp") in reads
    assert len(reads) == len({*reads}), "each once"

    app.sso_home.login()
    reads.clear()
    app.sign_ins.check()
    app.sign_ins.due()
    assert reads == [key_of("corp")]


def test_aws_login_is_noticed_too(app):
    folder = app.sso_home.sandbox.home / ".aws" / "login" / "cache"
    folder.mkdir(parents=True)
    app.sign_ins.check()
    assert app.posted == []

    (folder / f"{login_key_of('arn:aws:iam::111122223333:user/base')}.json").write_text("{}")
    app.sign_ins.check()
    app.sign_ins.check()

    assert app.posted == [RefreshAsked(("sso",))]


def test_a_role_of_aws_login_gets_the_hint_to_sign_in_there(app):
    app.sso_home.more_config("[profile console]\nlogin_session = arn:aws:iam::111122223333:user/base\n")

    with pytest.raises(UsageError) as caught:
        app.sign_ins.sign_in(a_role("dev", source_profile="console"))
    assert str(caught.value) == "The AWS CLI manages the sign-in of profile console. Run: aws login --profile console"


def test_nobody_waits_so_nothing_is_tried(app):
    app.roles = [view("sso")]
    app.sso_home.login()
    app.sign_ins.check()

    assert app.posted == []


def put(name, left, **more):
    content = {
        "startUrl": START,
        "region": "eu-west-1",
        "accessToken": "t",
        "expiresAt": rfc_3339(datetime.now(timezone.utc) + left),
        **more,
    }
    TokenFolder.of_this_user().write(key_of(name), content)


def renewing(registered=timedelta(days=9), **more):
    """What a token has beside the rest that renews itself."""
    until = rfc_3339(datetime.now(timezone.utc) + registered)
    return {"refreshToken": "r", "clientId": "c", "clientSecret": "s", "registrationExpiresAt": until, **more}


@pytest.mark.parametrize(
    ("left", "more", "reported"),
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
def test_the_end_of_a_sign_in_is_announced_once(app, left, more, reported):
    app.roles = [view("sso")]
    put("corp", left, **more)

    app.sign_ins.check()
    app.sign_ins.check()

    titles = [notice.title.rpartition(" ")[0] for notice in app.notices]
    assert titles == (["corp: sign-in expires"] if reported else [])
    if reported:
        assert app.notices[0].buttons[0].command == RoleCommand(UiCommand.SIGN_IN, "sso")


@pytest.mark.parametrize(
    ("left", "more", "offered"),
    [
        (None, {}, True),
        (timedelta(hours=-1), {}, True),
        (timedelta(minutes=10), {}, True),
        (timedelta(hours=2), {}, False),
        (timedelta(hours=-1), renewing(), False),
    ],
    ids=["never", "over", "ends soon", "good", "renewed silently"],
)
def test_a_sign_in_is_offered_before_a_role_needs_it(app, left, more, offered):
    app.roles = [view("sso", kept=False)]
    if left is not None:
        put("corp", left, **more)
    assert ("corp" in dict(app.sign_ins.due())) is offered


def test_the_end_of_a_sign_in_that_aws_renews_no_more_is_reported(app):
    app.roles = [view("sso")]
    app.sso_home.login()
    app.sso_home.age(timedelta(minutes=10))
    app.sign_ins.check()
    assert app.notices == [], "it can be renewed, for all that is known"

    app.sso_home.sim.oidc.revoke(access=False)
    assert StsSource().issue(own()), "the token is good yet"
    assert "CreateToken" in app.sso_home.actions("CreateToken")
    app.sign_ins.check()
    assert [notice.title.rpartition(" ")[0] for notice in app.notices] == ["corp: sign-in expires"]
    assert "Sign in again when it suits you." in app.notices[0].body
    assert "corp" in dict(app.sign_ins.due())
    app.sso_home.login()
    assert "corp" not in dict(app.sign_ins.due())


def test_the_end_of_a_sign_in_that_no_kept_role_needs_is_not_reported(app):
    app.roles = [view("sso", kept=False)]
    put("corp", timedelta(minutes=10))

    app.sign_ins.check()

    assert app.notices == []


@pytest.fixture
def parsed(monkeypatch):
    """The names of the files that are parsed, in turn."""
    names = []
    for module, name in ((profiles, "read_sections"), (loader, "text_of")):
        read = getattr(module, name)
        monkeypatch.setattr(module, name, lambda path, read=read: (names.append(path.name), read(path))[1])
    return names


def test_no_file_is_parsed_again_until_one_changes(app, parsed):
    app.roles = [view("sso")]
    put("corp", timedelta(hours=2))
    paths = app.sso_home.where

    def checked():
        parsed.clear()
        app.watch.check()
        parsed_by_watch = len(parsed)
        app.sign_ins.check()
        return parsed[parsed_by_watch:]

    every = ["config", "credentials", "config.toml"]
    assert checked() == every
    assert checked() == checked() == []

    app.sso_home.more_config("[profile more]\nregion = eu-west-1\n")
    assert checked() == every
    with paths.credentials_file.open("a") as file:
        file.write("[more]\nregion = eu-west-1\n")
    assert checked() == [], "as after each of our own writes, of which a burst of roles makes hundreds"
    app.now += 60
    assert checked() == every
    paths.config_file.parent.mkdir(parents=True)
    paths.config_file.write_text("[settings]\nnotify_before = 3h\n")
    assert checked() == every, "it is broken"
    assert checked() == []
    assert [notice.key for notice in app.notices] == ["config"]

    paths.config_file.write_text('[settings]\nnotify_before = "3h"\n')
    assert checked() == every
    assert app.notices[-1].key == "sign-in:corp", "three hours ahead"


def test_an_end_is_announced_only_some_time_after_a_lock_or_waking(app):
    app.roles, app.muted = [view("sso")], True
    put("corp", timedelta(minutes=10))
    app.sign_ins.check()
    assert app.notices == []

    app.muted = False
    app.sign_ins.check()
    assert len(app.notices) == 1
