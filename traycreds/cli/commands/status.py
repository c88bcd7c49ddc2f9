"""`traycreds status`, with or without a running app."""

from __future__ import annotations

import argparse
import json
import sys

from traycreds.cli import status_table
from traycreds.cli.display import colors, streams
from traycreds.cli.display.role_results import roles_as_json
from traycreds.cli.options import options
from traycreds.cli.output import complain, unreviewed
from traycreds.control.client import ABSENT
from traycreds.core.errors import NotRunningError
from traycreds.core.snapshot import Snapshot
from traycreds.usecases import running_app


def status(parsed: argparse.Namespace) -> int:
    """`traycreds status`: from the running app, else from the files."""
    alone = None
    try:
        snapshot = running_app.status()
        included = snapshot.includes
    except NotRunningError as error:
        from traycreds.usecases.engine_run import status

        snapshot = status.from_files(options(parsed))
        alone = _ABSENT if error.sentence == ABSENT else f"{error.sentence} {error.hint}"
        # Only the app can say that nothing is included.
        included = True
    if included and not parsed.json:
        complain(unreviewed(options(parsed)) or "")
    if parsed.roles:
        from traycreds.cli.display import role_details

        snapshot = role_details.only(snapshot, parsed.roles)
    if parsed.json:
        print(json.dumps({"running": alone is None, **roles_as_json(snapshot.roles)}, indent=2))
        return 0
    rows = _rows(snapshot, in_detail=bool(parsed.roles) and len(snapshot.roles) == 1)
    print("\n".join(rows if alone is None else [*rows, alone]))
    return 0


def _rows(snapshot: Snapshot, *, in_detail: bool) -> list[str]:
    paint = colors.painted if streams.takes_colors(sys.stdout) else colors.plain
    if not in_detail:
        return status_table.lines(snapshot, None, streams.width_of(sys.stdout), paint)
    from traycreds.cli.display import role_details

    details = role_details.lines(snapshot.roles[0], snapshot, None, paint)
    return [*details, *status_table.problems(snapshot, None)]


_ABSENT = "traycreds is not running: start it with `traycreds`."
