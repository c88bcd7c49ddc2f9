"""Refreshes now, writes, and ends, with the engine itself, without tray and without a running app."""

from __future__ import annotations

from collections.abc import Callable

from traycreds.core.events import ConfigChanged
from traycreds.core.lookup import known_roles
from traycreds.core.model import RoleName
from traycreds.core.snapshot import RefreshOutcome, Snapshot
from traycreds.core.value_class import replace
from traycreds.lifecycle import request_result
from traycreds.lifecycle.status import untried
from traycreds.usecases import load, result
from traycreds.usecases.engine_run.single_run import Ask, Report, SingleRun
from traycreds.usecases.options import Options
from traycreds.usecases.result import Result


def refresh(
    options: Options,
    names: tuple[str, ...],
    *,
    ask: Ask | None = None,
    report: Callable[[Result, int], None] | None = None,
) -> Result:
    """Refresh the named roles, or all kept ones, or all if none is kept; return when all are settled.

    `report` takes results as they come and the number of roles; roles that may still get a code come last.

    Raises ConfigError: bad configuration, or no role. Raises UsageError: not a role.
    """
    paths = load.find_paths(options)
    configured = load.read_config(paths)
    wanted = _chosen(configured, names)
    run = SingleRun(paths, configured)
    if report is not None:
        report(result.result(run.snapshot, (), RefreshOutcome({})), len(wanted))
    run.start()
    reporter = None if report is None else _reporter(report, configured, len(wanted), asks=ask is not None)
    needed = run.refresh(wanted, reporter)
    if ask is not None:
        run.ask_for_codes(wanted, needed, ask)
    became = run.find(lambda now, state: request_result.of_refresh(now, state, wanted))
    run.stop(wanted)
    snapshot, of_refresh = became or (run.snapshot, RefreshOutcome({}))
    return result.result(_over(snapshot, configured), wanted, of_refresh)


def _reporter(report: Callable[[Result, int], None], configured: ConfigChanged, count: int, *, asks: bool) -> Report:
    def reporter(snapshot: Snapshot, became: RefreshOutcome) -> None:
        waiting = {view.name for view in snapshot.roles if asks and view.mfa_device is not None}
        ended = tuple(name for name in became.roles if name not in waiting)
        report(result.result(_over(snapshot, configured), ended, became), count)

    return reporter


def _over(snapshot: Snapshot, configured: ConfigChanged) -> Snapshot:
    """The roles once the run is over: kept as configured, and nothing retries, not even the default."""
    kept = frozenset(role.name for role in configured.roles if role.keep)
    views = (replace(view, kept=view.name in kept, hint=view.hint and untried(view.hint)) for view in snapshot.roles)
    return replace(snapshot, roles=tuple(views))


def _chosen(configured: ConfigChanged, names: tuple[str, ...]) -> tuple[RoleName, ...]:
    named = known_roles(names, (role.name for role in configured.roles))
    kept = tuple(role.name for role in configured.roles if role.keep)
    return named or kept or tuple(role.name for role in configured.roles)
