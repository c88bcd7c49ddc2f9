"""What commands print: errors, tables, results; no secret unless the command is there to print it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from traycreds.app.outcome import Result
    from traycreds.core.shown import RoleView, Snapshot


def complain(*lines: str) -> None:
    """Print sentences on stderr."""
    print("\n".join(line for line in lines if line), file=sys.stderr)


def print_snapshot(snapshot: Snapshot, *, as_json: bool, alone: str | None) -> None:
    """Print how the roles stand, for people or for programs; `alone` says why that is not by the running app."""
    if as_json:
        from traycreds.app import status  # noqa: PLC0415

        print(json.dumps({"running": alone is None, **status.as_json(snapshot)}, indent=2))
        return
    import shutil  # noqa: PLC0415 - 3 ms that other commands need not pay

    from traycreds.ui import table  # noqa: PLC0415

    rows = table.lines(snapshot, None, shutil.get_terminal_size().columns)
    print("\n".join(rows if alone is None else [*rows, alone]))


def print_refreshed(result: Result, *, as_json: bool = False) -> int:
    """Print what became of a refresh, for people or for programs; returns the exit code."""
    if as_json:
        print(json.dumps(_refreshed(result), indent=2))
        return result.exit_code
    for view in result.views:
        if view.error is None and view.expires_at is not None:
            print(f"{view.name}: written to profile {view.profile}, expires at {end(view)}")
            if view.note is not None:
                print(f"{view.name}: {view.note}", file=sys.stderr)
        elif view.error is not None:
            print(f"{view.name}: {view.error} {view.hint}", file=sys.stderr)
        elif result.trouble is None:
            print(f"{view.name}: not refreshed in time; try again.", file=sys.stderr)
    if result.trouble is not None:
        complain(*result.trouble)
    return result.exit_code


def _refreshed(result: Result) -> dict[str, Any]:
    """The roles as `status --json` gives them, and the trouble of the file as a whole."""
    from traycreds.app import status  # noqa: PLC0415

    trouble = None if result.trouble is None else " ".join(result.trouble)
    return {**status.of_roles(result.views), "trouble": trouble}


def end(view: RoleView) -> str:
    """When the session of a role ends, by the machine's own time zone."""
    assert view.expires_at is not None
    return view.expires_at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
