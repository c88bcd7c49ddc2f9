"""Requests of commands against an engine of the test's own: when the wait ends, and with what."""

from __future__ import annotations

import math
from concurrent.futures import Future
from datetime import timedelta

import pytest

from tests.support.builders import HOUR, NOW, a_failure, a_session, a_state
from tests.support.fakes.clock import FakeClock
from tests.support.fakes.notifier import RecordingNotifier
from traycreds.app import control_requests
from traycreds.app.control_requests import ControlRequests
from traycreds.app.supervisor import Supervisor
from traycreds.control import snapshot_json
from traycreds.control.protocol import Request
from traycreds.core.errors import (
    CredentialsFileError,
    FailureKind,
    IssueError,
    NotRunningError,
    TraycredsError,
    UsageError,
)
from traycreds.core.events import RefreshAsked, RoleChosen, RoleDropped, RoleSwitched, RoleUsed
from traycreds.core.model import Settings
from traycreds.core.ui_commands import UiCommand
from traycreds.core.value_class import replace
from traycreds.desktop.notifications.notifier import Sent
from traycreds.engine.requests import Waiter
from traycreds.lifecycle import notices, presentation

FRESH = a_session("dev", expires_in=HOUR)
NONE = replace(a_session("dev"), keep=False)
REFRESHING = replace(NONE, asked=True)


class Engine:
    """Moves to the next of the given states whenever someone has waited."""

    def __init__(self, *states):
        self.posted, self.stuck = [], False
        self.coming = list(states)
        self.waiting = []
        self._next()

    def _next(self):
        self.state = self.coming.pop(0)
        self.snapshot = presentation.snapshot(NOW, self.state)

    def post(self, event):
        self.posted.append(event)

    def check_file(self):
        """The file is unchanged."""

    def takes_messages(self, seconds):
        return not self.stuck

    def when(self, condition):
        future = Future()
        self.waiting.append(Waiter(condition, future))
        self._check()
        return future

    def _check(self):
        for waiter in self.waiting:
            if not waiter.future.done():
                waiter.check(NOW, self.state, self.snapshot)

    def turn(self):
        """A caller who asks whether the peer is gone has waited: time for the next state."""
        if self.coming:
            self._next()
            self._check()
        return False


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(control_requests, "POLL", 0)
    monkeypatch.setattr(control_requests, "READ_SECONDS", 0)
    monkeypatch.setattr(control_requests, "TAKEN_SECONDS", 0)


def requests_to(engine, **more):
    """What obeys requests, with an engine of the test's own."""
    nothing = [lambda: None] * 2
    return ControlRequests(
        engine, FakeClock(NOW), post=engine.post, check_config=nothing[0], end=nothing[1], settings=Settings(), **more
    )


def handle_request(do, *states, gone=None, roles=("dev",), supervisor=None, **more):
    engine = Engine(*states)
    checked = []
    requests = ControlRequests(
        engine,
        FakeClock(NOW),
        post=engine.post,
        check_config=lambda: checked.append(1),
        end=lambda: None,
        settings=Settings(),
        supervisor=supervisor,
    )
    answer = requests.handle_request(Request(id="1", do=do, roles=roles, **more), gone or engine.turn)
    assert checked, "each command first checks whether the configuration was saved"
    return engine, snapshot_json.decode(answer.content["snapshot"])


def test_use_waits_until_default_is_written():
    chosen = a_state(REFRESHING, chosen="dev", default_due=True)
    issued = a_state(FRESH, chosen="dev", default_due=True)
    done = a_state(FRESH, chosen="dev")
    engine, snapshot = handle_request("use", a_state(NONE), chosen, issued, done)
    assert engine.posted == [RoleChosen("dev")]
    assert not engine.coming, "until the last state, in which it is written"
    assert snapshot.roles[0].is_default


def test_what_a_program_wants_is_no_click():
    engine = Engine(a_state(NONE), a_state(REFRESHING), a_state(FRESH))
    clicked = [lambda _: pytest.fail("nobody clicked"), lambda: None, lambda: None]
    requests = ControlRequests(
        engine, FakeClock(NOW), post=clicked[0], check_config=clicked[1], end=clicked[2], settings=Settings()
    )
    answer = requests.handle_request(Request(id="1", do="refresh", roles=("dev",), attended=False), engine.turn)
    assert engine.posted == [RefreshAsked(("dev",))]
    assert answer.content["ok"]


def test_a_use_elsewhere_is_noted_and_nobody_waits():
    engine = Engine(a_state(NONE))
    engine.stuck = True
    nothing = [lambda: pytest.fail("it is not asked for")] * 2
    requests = ControlRequests(
        engine, FakeClock(NOW), post=engine.post, check_config=nothing[0], end=nothing[1], settings=Settings()
    )
    answer = requests.handle_request(Request(id="1", do="used", roles=("dev",), wait=False), lambda: False)
    assert engine.posted == [RoleUsed("dev")]
    assert answer.content == {"ok": True}


def test_a_second_start_is_handed_on_as_a_click_is():
    engine = Engine(a_state(NONE))
    nothing = [lambda: pytest.fail("it is not asked for")] * 2
    requests = ControlRequests(
        engine, FakeClock(NOW), post=engine.post, check_config=nothing[0], end=nothing[1], settings=Settings()
    )
    assert requests.handle_request(Request(id="1", do="show", wait=False), lambda: False).content == {"ok": True}
    assert engine.posted == [UiCommand.POINT_OUT]


def test_a_test_notice_is_answered_by_how_it_was_sent():
    nothing = [lambda: pytest.fail("it is not asked for")] * 2
    requests = ControlRequests(
        Engine(a_state(NONE)),
        FakeClock(NOW),
        post=lambda _: None,
        check_config=nothing[0],
        end=nothing[1],
        settings=Settings(),
        test_notice=lambda: Sent("a way", "Look there."),
    )
    content = requests.handle_request(Request(id="1", do="notice"), lambda: False).content
    assert content == {"ok": True, "by": "a way", "hint": "Look there."}


def test_use_while_paused_does_not_wait_forever():
    paused = a_state(NONE, chosen="dev", default_due=True, paused=True)
    with pytest.raises(TraycredsError, match="paused"):
        handle_request("use", paused)


def test_use_of_a_fresh_role_works_while_paused():
    due = a_state(FRESH, chosen="dev", default_due=True, paused=True)
    engine, snapshot = handle_request("use", due, due, a_state(FRESH, chosen="dev", paused=True))
    assert not engine.coming, "until the last state, in which it is written"
    assert snapshot.roles[0].is_default


def test_use_that_aws_refuses():
    failed = replace(NONE, failure=a_failure(FailureKind.DENIED))
    with pytest.raises(TraycredsError, match="dev: STS is out of reach") as error:
        handle_request("use", a_state(NONE), a_state(REFRESHING, chosen="dev"), a_state(failed, chosen="dev"))
    assert error.value.exit_code == 3


@pytest.mark.parametrize("do", ["use", "keep"])
def test_a_further_try_of_a_failing_role_is_waited_for(do):
    failed = replace(NONE, failure=a_failure(FailureKind.DENIED))
    well = a_state(FRESH, chosen="dev")
    _, snapshot = handle_request(do, a_state(replace(failed, asked=True)), a_state(failed, calls={"dev"}), well)
    assert snapshot.roles[0].error is None


def test_use_with_a_session_left_succeeds_though_its_refresh_fails():
    failing = replace(FRESH, failure=a_failure())
    _, snapshot = handle_request("use", a_state(failing), a_state(failing, chosen="dev"))
    assert snapshot.roles[0].error


@pytest.mark.parametrize("do", ["use", "keep"])
def test_trouble_with_the_file_ends_the_wait(do):
    with pytest.raises(CredentialsFileError):
        handle_request(
            do, a_state(REFRESHING), a_state(REFRESHING, chosen="dev", write_failure=a_failure(FailureKind.FILE))
        )


def test_a_refused_default_is_the_concern_of_use_alone():
    refused = a_state(FRESH, chosen="dev", default_due=True, default_failure=a_failure(FailureKind.FILE))
    with pytest.raises(CredentialsFileError):
        handle_request("use", refused)
    for do in ("keep", "refresh"):
        handle_request(do, refused)


def test_keep_for_a_while_ends_by_the_apps_clock():
    engine, _ = handle_request("keep", a_state(FRESH), seconds=7200)
    assert engine.posted == [RoleSwitched("dev", on=True, until=NOW + timedelta(hours=2))]
    engine, _ = handle_request("keep", a_state(FRESH))
    assert engine.posted == [RoleSwitched("dev", on=True, until=None)]


def test_drop_waits_until_nothing_is_on_file():
    engine, _ = handle_request("drop", a_state(FRESH), a_state(replace(FRESH, drop=True)), a_state(NONE))
    assert engine.posted == [RoleDropped("dev")]
    assert not engine.coming


def test_refresh_without_names_is_for_what_is_kept_or_default_else_for_all():
    other = replace(a_session("other"), keep=False)
    for state, meant in (
        (a_state(FRESH, other), ("dev",)),
        (a_state(replace(FRESH, keep=False), other, chosen="other"), ("other",)),
        (a_state(NONE, other), ("dev", "other")),
    ):
        engine, _ = handle_request("refresh", state, state, roles=(), wait=False)
        assert engine.posted == [RefreshAsked(meant)]


def test_refresh_waits_for_all_of_them():
    other = a_session("other", expires_in=HOUR)
    states = [
        a_state(replace(FRESH, asked=True), replace(other, asked=True)),
        a_state(FRESH, replace(other, asked=True)),
    ]
    engine, _ = handle_request("refresh", a_state(FRESH, other), *states, a_state(FRESH, other), roles=("dev", "other"))
    assert engine.posted == [RefreshAsked(("dev", "other"))]


def test_no_wait_does_not():
    engine, _ = handle_request("use", a_state(NONE), a_state(FRESH), wait=False)
    assert engine.coming


def test_a_role_that_leaves_the_configuration_meanwhile():
    with pytest.raises(TraycredsError, match="no longer in the configuration"):
        handle_request("use", a_state(REFRESHING), a_state(a_session("other")))


def test_the_wait_has_an_end(monkeypatch):
    monkeypatch.setattr(control_requests, "SLACK", -1e6)
    with pytest.raises(IssueError, match="in time"):
        handle_request("refresh", a_state(REFRESHING))


def test_anyone_who_has_gone_is_not_waited_for():
    with pytest.raises(IssueError):
        handle_request("refresh", a_state(REFRESHING), gone=lambda: True)


def test_an_engine_that_does_not_run_yet():
    engine = Engine(a_state(FRESH))
    engine.stuck = True
    requests = ControlRequests(
        engine, FakeClock(NOW), post=engine.post, check_config=lambda: None, end=lambda: None, settings=Settings()
    )
    with pytest.raises(NotRunningError):
        requests.handle_request(Request(id="1", do="status"), lambda: False)


def test_quit_ends_the_app_only_once_the_answer_is_sent():
    ended = []
    engine = Engine(a_state())
    requests = ControlRequests(
        engine,
        FakeClock(NOW),
        post=engine.post,
        check_config=lambda: None,
        end=lambda: ended.append(1),
        settings=Settings(),
    )
    answer = requests.handle_request(Request(id="1", do="quit"), lambda: False)
    assert not ended
    answer.then()
    assert ended


def test_a_name_that_is_no_role():
    with pytest.raises(UsageError, match="There is no role dve"):
        handle_request("use", a_state(FRESH), roles=("dve",))


def test_an_app_whose_engine_has_stopped_says_so():
    stopped = Supervisor(lambda: math.inf, takes_messages=lambda _: False, notifier=RecordingNotifier(), show=print)

    _, shown = handle_request("status", a_state(FRESH), roles=(), supervisor=stopped)

    assert shown.trouble == notices.STOPPED
    with pytest.raises(NotRunningError) as refused:
        handle_request("refresh", a_state(FRESH), supervisor=stopped)
    assert refused.value.sentence == notices.STOPPED
