"""`traycreds status`, with or without a running app."""

from __future__ import annotations

import argparse
import json
import shutil

from traycreds.cli.options import options
from traycreds.cli.output import roles_as_json
from traycreds.control.client import ABSENT
from traycreds.core.errors import NotRunningError
from traycreds.core.snapshot import Snapshot
from traycreds.usecases import running_app


def status(parsed: argparse.Namespace) -> int:
    """`traycreds status`: from the running app, else from the files."""
    alone = None
    try:
        snapshot = running_app.status()
    except NotRunningError as error:
        from traycreds.usecases.standalone import status

        snapshot = status.from_files(options(parsed))
        alone = _ABSENT if error.sentence == ABSENT else f"{error.sentence} {error.hint}"
    _print_snapshot(snapshot, as_json=parsed.json, alone=alone)
    return 0


def _print_snapshot(snapshot: Snapshot, *, as_json: bool, alone: str | None) -> None:
    """Print how the roles stand, for people or for programs; `alone` says why that is not by the running app."""
    if as_json:
        print(json.dumps({"running": alone is None, **roles_as_json(snapshot.roles)}, indent=2))
        return
    from traycreds.cli import status_table

    rows = status_table.lines(snapshot, None, shutil.get_terminal_size().columns)
    print("\n".join(rows if alone is None else [*rows, alone]))


_ABSENT = "traycreds is not running: start it with `traycreds`."
