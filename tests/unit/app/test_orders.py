"""Orders of commands against an engine of the test's own: when the wait ends, and with what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import HOUR, NOW, a_failure, a_session, a_state
from tests.fakes.clock import FakeClock
from traycreds.adapters import controlsnapshot
from traycreds.adapters.controlwire import Request
from traycreds.app import orders
from traycreds.app.orders import Orders
from traycreds.core import views
from traycreds.core.commands import UiCommand
from traycreds.core.errors import (
    CredentialsFileError,
    FailureKind,
    IssueError,
    NotRunningError,
    TraycredsError,
    UsageError,
)
from traycreds.core.messages import RefreshAsked, RoleChosen, RoleDropped, RoleSwitched, RoleUsed
from traycreds.core.model import Settings

FRESH = a_session("dev", expires_in=HOUR)
NONE = replace(a_session("dev"), keep=False)
REFRESHING = replace(NONE, asked=True)


class Engine:
    """Publishes the next of the given states whenever something is posted or waited for."""

    def __init__(self, *states):
        self.posted, self.subscriber, self.stuck = [], None, False
        self.coming = [views.snapshot(NOW, state) for state in states]
        self.snapshot = self.coming.pop(0)

    def subscribe(self, callback):
        self.subscriber = callback

    def post(self, event):
        self.posted.append(event)

    def after(self, passed):
        if not self.stuck:
            passed(self.snapshot)

    def turn(self):
        """Whoever asks whether the peer is gone has waited: time for the next snapshot."""
        if self.coming:
            self.snapshot = self.coming.pop(0)
            self.subscriber(self.snapshot)
        return False


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(orders, "_LOOK", 0)
    monkeypatch.setattr(orders, "_TAKEN_SECONDS", 0)


def obey(do, *states, gone=None, roles=("dev",), **more):
    engine = Engine(*states)
    looked = []
    them = Orders(
        engine, FakeClock(NOW), post=engine.post, look=lambda: looked.append(1), end=lambda: None, settings=Settings()
    )
    answer = them.obey(Request(id="1", do=do, roles=roles, **more), gone or engine.turn)
    assert looked, "each command first looks whether the configuration was saved"
    return engine, controlsnapshot.decode(answer.content["snapshot"])


def test_use_waits_until_default_is_written():
    chosen = a_state(REFRESHING, chosen="dev", default_due=True)
    issued = a_state(FRESH, chosen="dev", default_due=True)
    done = a_state(FRESH, chosen="dev")
    engine, snapshot = obey("use", a_state(NONE), chosen, issued, done)
    assert engine.posted == [RoleChosen("dev")]
    assert not engine.coming
    assert snapshot.default_written


def test_what_a_program_wants_is_no_click():
    engine = Engine(a_state(NONE), a_state(REFRESHING), a_state(FRESH))
    clicked = [lambda _: pytest.fail("nobody clicked"), lambda: None, lambda: None]
    them = Orders(engine, FakeClock(NOW), post=clicked[0], look=clicked[1], end=clicked[2], settings=Settings())
    answer = them.obey(Request(id="1", do="refresh", roles=("dev",), attended=False), engine.turn)
    assert engine.posted == [RefreshAsked(("dev",))]
    assert answer.content["ok"]


def test_a_use_elsewhere_is_noted_and_nobody_waits():
    engine = Engine(a_state(NONE))
    engine.stuck = True
    nothing = [lambda: pytest.fail("it is not asked for")] * 2
    them = Orders(engine, FakeClock(NOW), post=engine.post, look=nothing[0], end=nothing[1], settings=Settings())
    answer = them.obey(Request(id="1", do="used", roles=("dev",), wait=False), lambda: False)
    assert engine.posted == [RoleUsed("dev")]
    assert answer.content == {"ok": True}


def test_a_second_start_is_handed_on_as_a_click_is():
    engine = Engine(a_state(NONE))
    nothing = [lambda: pytest.fail("it is not asked for")] * 2
    them = Orders(engine, FakeClock(NOW), post=engine.post, look=nothing[0], end=nothing[1], settings=Settings())
    assert them.obey(Request(id="1", do="show", wait=False), lambda: False).content == {"ok": True}
    assert engine.posted == [UiCommand.POINT_OUT]


def test_use_while_paused_does_not_wait_for_ever():
    paused = a_state(NONE, chosen="dev", default_due=True, paused=True)
    with pytest.raises(TraycredsError, match="paused"):
        obey("use", paused)


def test_use_of_a_fresh_role_works_while_paused():
    due = a_state(FRESH, chosen="dev", default_due=True, paused=True)
    _, snapshot = obey("use", due, due, replace(due, default_due=False))
    assert snapshot.default_written


def test_use_that_aws_refuses():
    failed = replace(NONE, failure=a_failure(FailureKind.DENIED))
    with pytest.raises(TraycredsError, match="dev: STS is out of reach") as error:
        obey("use", a_state(NONE), a_state(REFRESHING, chosen="dev"), a_state(failed, chosen="dev"))
    assert error.value.exit_code == 3


@pytest.mark.parametrize("do", ["use", "keep"])
def test_a_further_try_of_a_failing_role_is_waited_for(do):
    failed = replace(NONE, failure=a_failure(FailureKind.DENIED))
    well = a_state(FRESH, chosen="dev")
    _, snapshot = obey(do, a_state(replace(failed, asked=True)), a_state(failed, calls={"dev"}), well)
    assert snapshot.roles[0].error is None


def test_use_with_a_session_left_succeeds_though_its_refresh_fails():
    failing = replace(FRESH, failure=a_failure())
    _, snapshot = obey("use", a_state(failing), a_state(failing, chosen="dev"))
    assert snapshot.roles[0].error


@pytest.mark.parametrize("do", ["use", "keep"])
def test_trouble_with_the_file_ends_the_wait(do):
    with pytest.raises(CredentialsFileError):
        obey(do, a_state(REFRESHING), a_state(REFRESHING, chosen="dev", write_failure=a_failure(FailureKind.FILE)))


def test_a_refused_default_is_the_concern_of_use_alone():
    refused = a_state(FRESH, chosen="dev", default_due=True, default_failure=a_failure(FailureKind.FILE))
    with pytest.raises(CredentialsFileError):
        obey("use", refused)
    for do in ("keep", "refresh"):
        obey(do, refused)


def test_keep_for_a_while_ends_by_the_apps_clock():
    engine, _ = obey("keep", a_state(FRESH), seconds=7200)
    assert engine.posted == [RoleSwitched("dev", on=True, until=NOW + timedelta(hours=2))]
    engine, _ = obey("keep", a_state(FRESH))
    assert engine.posted == [RoleSwitched("dev", on=True, until=None)]


def test_drop_waits_until_nothing_is_on_file():
    engine, _ = obey("drop", a_state(FRESH), a_state(replace(FRESH, drop=True)), a_state(NONE))
    assert engine.posted == [RoleDropped("dev")]
    assert not engine.coming


def test_refresh_without_names_is_for_what_is_kept_or_default_else_for_all():
    other = replace(a_session("other"), keep=False)
    for state, meant in (
        (a_state(FRESH, other), ("dev",)),
        (a_state(replace(FRESH, keep=False), other, chosen="other"), ("other",)),
        (a_state(NONE, other), ("dev", "other")),
    ):
        engine, _ = obey("refresh", state, state, roles=(), wait=False)
        assert engine.posted == [RefreshAsked(meant)]


def test_refresh_waits_for_all_of_them():
    other = a_session("other", expires_in=HOUR)
    states = [
        a_state(replace(FRESH, asked=True), replace(other, asked=True)),
        a_state(FRESH, replace(other, asked=True)),
    ]
    engine, _ = obey("refresh", a_state(FRESH, other), *states, a_state(FRESH, other), roles=("dev", "other"))
    assert engine.posted == [RefreshAsked(("dev", "other"))]


def test_no_wait_does_not():
    engine, _ = obey("use", a_state(NONE), a_state(FRESH), wait=False)
    assert engine.coming


def test_a_role_that_leaves_the_configuration_meanwhile():
    with pytest.raises(TraycredsError, match="configured no more"):
        obey("use", a_state(REFRESHING), a_state(a_session("other")))


def test_the_wait_has_an_end(monkeypatch):
    monkeypatch.setattr(orders, "_SLACK", -1e6)
    with pytest.raises(IssueError, match="in time"):
        obey("refresh", a_state(REFRESHING))


def test_whoever_has_gone_is_not_waited_for():
    with pytest.raises(IssueError):
        obey("refresh", a_state(REFRESHING), gone=lambda: True)


def test_an_engine_that_does_not_run_yet():
    engine = Engine(a_state(FRESH))
    engine.stuck = True
    them = Orders(engine, FakeClock(NOW), post=engine.post, look=lambda: None, end=lambda: None, settings=Settings())
    with pytest.raises(NotRunningError):
        them.obey(Request(id="1", do="status"), lambda: False)


def test_quit_ends_the_app_only_once_the_answer_is_sent():
    ended = []
    engine = Engine(a_state())
    them = Orders(
        engine,
        FakeClock(NOW),
        post=engine.post,
        look=lambda: None,
        end=lambda: ended.append(1),
        settings=Settings(),
    )
    answer = them.obey(Request(id="1", do="quit"), lambda: False)
    assert not ended
    answer.then()
    assert ended


def test_a_name_that_is_no_role():
    with pytest.raises(UsageError, match="There is no role dve"):
        obey("use", a_state(FRESH), roles=("dve",))
