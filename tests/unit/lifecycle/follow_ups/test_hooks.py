"""On what occasion which program of the user is run."""

from __future__ import annotations

import pytest

from tests.support.builders import HOUR, NOW, a_failure, a_session, a_state, a_view, credentials
from traycreds.core.errors import FailureKind
from traycreds.core.events import FileChangedOutside, Notify, RunHook, Written
from traycreds.core.model import Batch, OwnedProfile, ProfileWrite, Refusal, Settings, StoreView, WriteReport
from traycreds.core.value_class import replace
from traycreds.lifecycle.apply import apply
from traycreds.lifecycle.follow_ups import hooks
from traycreds.lifecycle.plan import plan

SETTINGS = Settings(on_refreshed=("done", "it"), on_failed=("bad",))
NEW = credentials(NOW + HOUR)


def runs(state):
    return [action for action in plan(NOW, state).actions if isinstance(action, RunHook)]


def in_hand(**changes):
    return a_state(
        a_session("dev", expires_in=HOUR / 2, unwritten=NEW), writing=True, **{"settings": SETTINGS, **changes}
    )


def written(state, *, expires_at=NOW + HOUR, refused=False):
    """The state after our write of dev's session ended."""
    batch = Batch(sets=(ProfileWrite(profile="dev-session", role="dev", credentials=NEW),))
    owned = (OwnedProfile(profile="dev-session", role="dev", expires_at=expires_at),)
    refusals = (Refusal(profile="dev-session", sentence="Not ours.", hint="Take it over."),) if refused else ()
    return apply(state, Written(batch, WriteReport(view=StoreView(owned=owned), refused=refusals), NOW))


def test_a_refresh_that_was_written_once():
    state = written(in_hand())
    hook = RunHook(program=("done", "it"), role="dev", profile="dev-session", expires_at=NOW + HOUR)
    assert runs(state) == [hook]
    assert runs(plan(NOW, state).state) == []


def test_a_program_runs_for_none_but_the_role_that_it_is_about():
    state = written(in_hand())
    others = replace(state, sessions=(*state.sessions, a_session("prod", expires_in=HOUR)))
    assert [hook.role for hook in runs(others)] == ["dev"]
    failing = a_failure(FailureKind.DENIED)
    state = a_state(a_session("dev", failure=failing), a_session("prod", failure=failing), settings=SETTINGS)
    _, found = hooks.run(state, [Notify(key="failing-denied", title="", body="", roles=("prod",))])
    assert [hook.role for hook in found] == ["prod"]


def test_a_write_that_was_refused_or_kept_what_was_on_file_is_no_refresh():
    assert [hook for hook in runs(written(in_hand(), refused=True)) if hook.error is None] == []
    assert runs(written(in_hand(), expires_at=NOW + HOUR / 2)) == []


def test_what_was_on_file_or_written_by_another_is_no_refresh():
    off = a_state(replace(a_session("dev"), keep=False), settings=SETTINGS)
    assert runs(apply(off, FileChangedOutside(a_view(a_session("dev", expires_in=HOUR)), NOW))) == []


def test_without_a_program_none_is_run():
    state = written(in_hand(settings=Settings()))
    assert runs(state) == []
    failing = a_state(a_session("dev", failure=a_failure(FailureKind.DENIED)))
    assert runs(failing) == []


def test_a_failure_that_is_announced():
    state = a_state(a_session("dev", failure=a_failure(FailureKind.DENIED)), settings=SETTINGS)
    outcome = plan(NOW, state)
    hook = RunHook(program=("bad",), role="dev", profile="dev-session", expires_at=None, error=FailureKind.DENIED)
    assert [action for action in outcome.actions if isinstance(action, RunHook)] == [hook]
    kinds = [type(action) for action in outcome.actions]
    assert kinds.index(Notify) < kinds.index(RunHook), "the notice comes first"
    assert runs(outcome.state) == [], "said once, run once"


@pytest.mark.parametrize("kind", [FailureKind.THROTTLED, FailureKind.NETWORK])
def test_a_failure_that_is_announced_as_one_with_others_is_named_as_what_it_is(kind):
    state = a_state(a_session("dev", failure=a_failure(kind)), settings=SETTINGS)
    notice = Notify(key="failing-network", title="", body="", roles=("dev", "gone"))
    _, found = hooks.run(state, [notice])
    assert [hook.error for hook in found] == [kind]


def test_a_recovery_runs_nothing():
    state = a_state(a_session("dev", expires_in=HOUR), settings=SETTINGS)
    assert hooks.run(state, [Notify(key="recovered", title="", body="")]) == (state, ())
