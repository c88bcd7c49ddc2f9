"""`once`, and what `use` and `refresh` do without a running app: each is one run of the engine."""

from __future__ import annotations

import argparse

from traycreds.aws.mfa import terminal
from traycreds.cli.display.refresh_report import RefreshReport
from traycreds.cli.options import options
from traycreds.cli.output import complain, print_default
from traycreds.usecases.engine_run import default_profile, refresh
from traycreds.usecases.options import Options


def once(parsed: argparse.Namespace) -> int:
    """`traycreds once`."""
    report = RefreshReport(as_json=parsed.json)
    take = report.take if report.progress.live else None
    try:
        result = refresh.refresh(options(parsed), tuple(parsed.roles), ask=terminal.in_terminal(), report=take)
    finally:
        report.progress.clear()
    return report.finish(result)


def make_default(given: Options, role: str, *, region: str | None) -> int:
    """Make a role the default profile in one write, and print the result."""
    snapshot, name, refused = default_profile.use(given, role, region=region, ask=terminal.in_terminal())
    print_default(next(view for view in snapshot.roles if view.name == name))
    complain(*(f"{refusal.sentence} {refusal.hint}" for refusal in refused))
    complain("traycreds is not running, so nothing refreshes this session. Start it with `traycreds`.")
    return 0


def remove_default(given: Options) -> None:
    """Remove the default profile in one write, if it is ours."""
    default_profile.use_none(given)
