"""Makes a role the default profile, or removes it, without the app: one write; the next app keeps the choice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from traycreds.core.engine_state import Choices, State
from traycreds.core.errors import FailureKind, IssueError, TraycredsError
from traycreds.core.events import RegionChosen, RoleChosen
from traycreds.core.lookup import known_roles
from traycreds.core.model import Refusal, RoleName
from traycreds.core.snapshot import Snapshot
from traycreds.core.value_class import replace
from traycreds.lifecycle import policy, request_result
from traycreds.lifecycle.follow_ups.choices import of
from traycreds.state import choices
from traycreds.state.paths import Paths
from traycreds.usecases import load
from traycreds.usecases.engine_run.single_run import Ask, SingleRun
from traycreds.usecases.options import Options


def use(
    options: Options, name: str, *, region: str | None = None, ask: Ask | None = None
) -> tuple[Snapshot, RoleName, tuple[Refusal, ...]]:
    """Make a role the default profile; return the snapshot, its name, and regions that were not written.

    `region` replaces the present one: empty restores the configured one, None changes nothing.

    Raises ConfigError, UsageError: no such role. Raises TraycredsError: no session, or `default` cannot be written.
    """
    paths = load.find_paths(options)
    configured = load.read_config(paths)
    (known,) = known_roles((name,), (role.name for role in configured.roles))
    run = SingleRun(paths, configured)
    run.start()
    try:
        if region is not None:
            run.post(RegionChosen(known, region or None))
        run.post(RoleChosen(known))
        snapshot, state = _written(run, known, ask)
    finally:
        refused = run.stop((known,))

    def chosen(old: Choices) -> Choices:
        others = tuple(each for each in old.recent if each != known)
        return replace(
            old, chosen=known, recent=(known, *others)[: policy.RECENT], regions={**old.regions, **of(state).regions}
        )

    _save(paths, chosen)
    return snapshot, known, refused


def use_none(options: Options) -> None:
    """Remove the default profile, if it is ours. Raises ConfigError, TraycredsError: no write."""
    paths = load.find_paths(options)
    run = SingleRun(paths, load.read_config(paths))
    run.start()
    try:
        run.post(RoleChosen(None))
        if run.find(request_result.default_removed) is None:
            raise _not_in_time()
    finally:
        run.stop((), default=True)
    _save(paths, lambda old: replace(old, chosen=None))


def _written(run: SingleRun, name: RoleName, ask: Ask | None) -> tuple[Snapshot, State]:
    def written(now: datetime, state: State) -> State | None:
        return state if request_result.used(now, state, name, later=False) else None

    try:
        found = run.find(written, run.patience(1))
    except TraycredsError:
        needed = run.codes_needed((name,))
        if ask is None or not needed:
            raise
        run.ask_for_codes((name,), needed, ask)
        found = run.find(written, run.patience(1))
    if found is None:
        raise _not_in_time()
    return found


def _not_in_time() -> IssueError:
    return IssueError(
        FailureKind.NETWORK, "The command did not finish in time.", "Try again, or see `traycreds status`."
    )


def _save(paths: Paths, change: Callable[[Choices], Choices]) -> None:
    choices.save(paths.state_dir, change(choices.load(paths.state_dir)))
