"""Refreshes now, writes, and ends: the engine's own road, without tray and without a running app."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias, TypeVar

from traycreds.aws.mfa import code_program
from traycreds.aws.mfa.codes import Verdict
from traycreds.aws.mfa.question import Question
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.awsfiles import config_regions
from traycreds.core.events import ConfigChanged, FollowUp, Notify, RefreshAsked, SetRegions
from traycreds.core.lookup import known_roles
from traycreds.core.model import DEFAULT_PROFILE, RoleName
from traycreds.core.snapshot import RefreshOutcome, Snapshot
from traycreds.core.value_class import replace
from traycreds.engine.clock import SystemClock
from traycreds.engine.loop import Engine
from traycreds.engine.server_clock import DatedSource, ServerClock
from traycreds.engine.waiters import Condition
from traycreds.lifecycle import outcome
from traycreds.process.bounded_call import ended
from traycreds.state import choices
from traycreds.state.keyring_store import KeyringStore
from traycreds.state.paths import Paths
from traycreds.usecases import load, result
from traycreds.usecases.load import Options
from traycreds.usecases.result import Result

_SLACK = 60.0
"""Seconds beyond the deadline of the calls: several rounds of calls, a lock held by another process, a slow disk."""


Ask: TypeAlias = Callable[[Question], "str | None"]
"""Asks the user for an MFA code; None is "not now"."""

Needed: TypeAlias = Mapping[str, tuple[RoleName, ...]]
"""The MFA devices whose codes are needed, with the roles that wait for them."""

T = TypeVar("T")

_HINT = "Run traycreds once in a terminal, which asks for the code."
_TRIES = 2


def refresh(options: Options, names: tuple[str, ...], *, ask: Ask | None = None) -> Result:
    """Refresh the named roles, or all that are kept, or all when none is kept; returns when the last is settled.

    Args:
        options: what stands before the command.
        names: of roles.
        ask: where there is somebody to ask for MFA codes.

    Raises:
        ConfigError: the configuration is wrong, or holds no role.
        UsageError: a name is no role.
    """
    paths = load.find_paths(options)
    configured = load.read_config(paths)
    wanted = _chosen(configured, names)
    clock = ServerClock(SystemClock())
    mfa = MfaSessions(KeyringStore(), settings=configured.settings, hint=_HINT)
    follow_ups: list[FollowUp] = []
    store = load.open_store(paths, clock)
    engine = Engine(
        clock=clock,
        skew=clock.skew,
        source=DatedSource(StsSource(mfa=mfa, on_date=clock.seen), clock),
        store=store,
        notifier=_Silent(),
        state=replace(
            load.first_state(_resting(configured), choices.load(paths.state_dir).regions_alone()), desired_regions={}
        ),
        follow_up=follow_ups.append,
    )

    def found(of: Condition[T], seconds: float) -> tuple[Snapshot, T] | None:
        future = engine.when(of)
        return future.result() if ended(future, seconds) else None

    def wait_for(roles: tuple[RoleName, ...]) -> Needed:
        """Refresh roles; returns the MFA devices whose codes are needed then, with their roles."""
        engine.post(RefreshAsked(roles))
        rounds = -(-len(roles) // configured.settings.max_in_flight)
        turns = code_program.PERIOD * len(roles)  # where each takes a code of its own
        seconds = configured.settings.call_deadline.total_seconds() * rounds + turns + _SLACK
        found(lambda now, state: outcome.refreshed(now, state, roles), seconds)
        needed = found(lambda _, state: outcome.codes_needed(state, wanted), _SLACK)
        return {} if needed is None else needed[1]

    engine.start()
    needed = wait_for(wanted)
    if ask is not None:
        _ask_for_codes(needed, mfa, ask, wait_for)
    became = found(lambda now, state: outcome.of_refresh(now, state, wanted), _SLACK)
    engine.stop()
    load.finish(store)
    snapshot, of_refresh = became or (engine.snapshot, RefreshOutcome({}))
    _write_regions(paths, follow_ups, snapshot, wanted)
    return result.result(snapshot, wanted, of_refresh)


def _write_regions(paths: Paths, follow_ups: list[FollowUp], snapshot: Snapshot, names: tuple[RoleName, ...]) -> None:
    """Those of the roles that were refreshed; what other roles have is the app's to see to."""
    named = frozenset(names)
    views = [view for view in snapshot.roles if view.name in named]
    ours = {view.profile for view in views} | {DEFAULT_PROFILE for view in views if view.is_default}
    desired = next((each.regions for each in reversed(follow_ups) if isinstance(each, SetRegions)), {})
    config_regions.write(paths, {profile: region for profile, region in desired.items() if profile in ours})


def _ask_for_codes(
    needed: Needed, mfa: MfaSessions, ask: Ask, wait_for: Callable[[tuple[RoleName, ...]], Needed]
) -> None:
    """Get the codes that roles wait for, one device after the other; a bad one is asked for once more.

    Args:
        needed: the devices, with the roles that wait for their codes.
        mfa: takes the codes.
        ask: asks the user.
        wait_for: refreshes roles, and returns what is needed then.
    """
    faults: Counter[str] = Counter()
    again: dict[str, str] = {}
    while device := next((each for each in needed if faults[each] < _TRIES), None):
        code = ask(Question(device=device, roles=needed[device], again=again.get(device, "")))
        if code is None:
            faults[device] = _TRIES
            continue
        pending = mfa.offer(device, code)
        needed = wait_for(needed[device])
        verdict = pending.result() if pending.done() else Verdict.LOST
        faults[device] += verdict not in {Verdict.ACCEPTED, Verdict.SPENT}
        again[device] = verdict.why_again


def _chosen(configured: ConfigChanged, names: tuple[str, ...]) -> tuple[RoleName, ...]:
    named = known_roles(names, (role.name for role in configured.roles))
    kept = tuple(role.name for role in configured.roles if role.keep)
    return named or kept or tuple(role.name for role in configured.roles)


def _resting(configured: ConfigChanged) -> ConfigChanged:
    """The same roles with none kept: nothing is refreshed but what was asked for."""
    return replace(configured, roles=tuple(replace(role, keep=False) for role in configured.roles))


class _Silent:
    """A notifier for a command whose user reads its output."""

    def send(self, notice: Notify) -> None:
        """Say nothing."""

    def take_back(self, keys: Iterable[str]) -> None:
        """Nothing was said."""
