"""One run of the engine for a command, without tray and app: refreshes only what is asked for, and asks for codes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias, TypeVar

from traycreds.aws.mfa import code_program
from traycreds.aws.mfa.codes import Verdict
from traycreds.aws.mfa.question import Question
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.aws.sts import StsSource
from traycreds.awsfiles import config_regions, credentials_file
from traycreds.core.events import ConfigChanged, Event, FollowUp, Notify, RefreshAsked, SetRegions
from traycreds.core.model import DEFAULT_PROFILE, Refusal, RoleName
from traycreds.core.snapshot import RefreshOutcome, Snapshot
from traycreds.core.value_class import replace
from traycreds.engine.clock import SystemClock
from traycreds.engine.jobs import DatedSource
from traycreds.engine.loop import Engine
from traycreds.engine.requests import Condition
from traycreds.engine.server_clock import ServerClock
from traycreds.lifecycle import request_result
from traycreds.process.bounded_call import ended
from traycreds.state import choices
from traycreds.state.keyring_store import KeyringStore
from traycreds.state.paths import Paths
from traycreds.usecases import load

SLACK = 60.0
"""Seconds beyond the deadline of the calls: several rounds of calls, a lock held by another process, a slow disk."""

Ask: TypeAlias = Callable[[Question], "str | None"]
"""Asks the user for an MFA code; None means "not now"."""
Needed: TypeAlias = Mapping[str, tuple[RoleName, ...]]
"""The MFA devices whose codes are needed, with the roles that wait for them."""
Report: TypeAlias = Callable[[Snapshot, RefreshOutcome], None]
"""Takes the result of some roles, and the current state."""
T = TypeVar("T")

_HINT = "Run traycreds once {role} in a terminal, which asks for the code."
_TRIES = 2
ATTEMPTS = 2
"""Tries of each call of AWS. A person waits for it; the app, which retries later, makes one."""


class SingleRun:
    """An engine with the roles of the configuration, none of them kept."""

    def __init__(self, paths: Paths, configured: ConfigChanged) -> None:
        """Build it; nothing runs yet."""
        self._paths = paths
        self._settings = configured.settings
        self._mfa = MfaSessions(KeyringStore(), settings=configured.settings, hint=_HINT)
        self._follow_ups: list[FollowUp] = []
        clock = ServerClock(SystemClock())
        # Write what the user asked for, even if a session on file lasts longer.
        self._store = credentials_file.open_at(paths, clock, keep_longer=False)
        state = load.first_state(_without_keep(configured), choices.load(paths.state_dir).regions_alone())
        self._engine = Engine(
            clock=clock,
            skew=clock.skew,
            source=DatedSource(StsSource(mfa=self._mfa, on_date=clock.seen, attempts=ATTEMPTS), clock),
            store=self._store,
            notifier=_Silent(),
            state=replace(state, desired_regions={}),
            follow_up=self._follow_ups.append,
        )

    @property
    def snapshot(self) -> Snapshot:
        """The current state."""
        return self._engine.snapshot

    def start(self) -> None:
        """Read the credentials file, and begin."""
        self._engine.start()

    def stop(self, names: Iterable[RoleName], *, default: bool = False) -> tuple[Refusal, ...]:
        """Finish writes in flight, write the named roles' regions (with `default`, its region), and end the run.

        Returns the regions that could not be written, and why.
        """
        self._engine.stop()
        credentials_file.end_work(self._store)
        named = frozenset(names)
        views = [view for view in self.snapshot.roles if view.name in named]
        ours = {view.profile for view in views}
        if default or any(view.is_default for view in views):
            ours.add(DEFAULT_PROFILE)
        desired = next((each.regions for each in reversed(self._follow_ups) if isinstance(each, SetRegions)), {})
        return config_regions.write(self._paths, {each: region for each, region in desired.items() if each in ours})

    def post(self, event: Event) -> None:
        """Pass an event to the engine."""
        self._engine.post(event)

    def find(self, of: Condition[T], seconds: float = SLACK) -> tuple[Snapshot, T] | None:
        """The snapshot and what a condition finds, once it holds; None: too late. Raises TraycredsError: it cannot."""
        future = self._engine.when(of)
        return future.result() if ended(future, seconds) else None

    def patience(self, roles: int) -> float:
        """Seconds that the refresh of this many roles may take."""
        rounds = -(-roles // self._settings.max_in_flight)
        # Each role takes a code of its own.
        turns = code_program.PERIOD * roles
        return self._settings.call_deadline.total_seconds() * rounds + turns + SLACK

    def refresh(self, names: tuple[RoleName, ...], report: Report | None = None) -> Needed:
        """Refresh roles; return the MFA devices whose codes they need. `report` takes results as they come."""
        self.post(RefreshAsked(names))
        until = time.monotonic() + self.patience(len(names))
        left = names
        while left and (found := self.find(_tried(left), max(0.0, until - time.monotonic()))) is not None:
            snapshot, ended = found
            left = tuple(name for name in left if name not in ended.roles)
            if report is not None:
                report(snapshot, ended)
        return self.codes_needed(names)

    def codes_needed(self, names: tuple[RoleName, ...]) -> Needed:
        """The MFA devices whose codes roles need, with these roles."""
        needed = self.find(lambda _, state: request_result.codes_needed(state, names))
        return {} if needed is None else needed[1]

    def ask_for_codes(self, names: tuple[RoleName, ...], needed: Needed, ask: Ask) -> None:
        """Ask for the codes of each device that roles need; it asks again after a bad code."""
        faults: Counter[str] = Counter()
        again: dict[str, str] = {}
        while device := next((each for each in needed if faults[each] < _TRIES), None):
            code = ask(Question(device=device, roles=needed[device], again=again.get(device, "")))
            if code is None:
                faults[device] = _TRIES
                continue
            pending = self._mfa.offer(device, code)
            self.refresh(needed[device])
            needed = self.codes_needed(names)
            verdict = pending.result() if pending.done() else Verdict.LOST
            faults[device] += verdict not in {Verdict.ACCEPTED, Verdict.SPENT}
            again[device] = verdict.why_again


def _tried(names: tuple[RoleName, ...]) -> Condition[RefreshOutcome]:
    return lambda now, state: request_result.tried(now, state, names)


def _without_keep(configured: ConfigChanged) -> ConfigChanged:
    return replace(configured, roles=tuple(replace(role, keep=False) for role in configured.roles))


class _Silent:
    def send(self, notice: Notify) -> None:
        """Say nothing."""

    def take_back(self, keys: Iterable[str]) -> None:
        """Nothing was said."""
