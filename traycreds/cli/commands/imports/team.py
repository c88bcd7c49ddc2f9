"""`import team`: shows what is new in included files, asks about roles and programs separately, and accepts them."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Sequence
from typing import Any

from traycreds.cli.commands.imports import questions
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.config import review
from traycreds.config.review import Review
from traycreds.config.team_files.accepted_files import FileStatus
from traycreds.core.errors import TraycredsError
from traycreds.core.text import printable
from traycreds.state.paths import Paths
from traycreds.usecases import load, running_app, team_review

FAULTY = 2
"""The exit code if an included file cannot be used."""


def run(parsed: argparse.Namespace) -> int:
    """`traycreds import team`."""
    asking = questions.asks(parsed, "Use --dry-run to see what is new, --yes to accept it.")
    paths = load.find_paths(options(parsed))
    team_review.fetch(paths)
    found = review.find(paths)
    if parsed.json:
        print(json.dumps(_as_json(found), indent=2))
        return FAULTY if any(each.error is not None for each in found) else 0
    for each in found:
        if each.error is not None:
            complain(team_review.text_of([each]))
    fine = [each for each in found if each.error is None]
    new = [each for each in fine if each.waiting or each.commands]
    if new:
        print(team_review.text_of(new))
    elif fine or not found:
        print(
            "Nothing to review."
            if found
            else "Your configuration includes no file; see include in docs/configuration.md."
        )
    if not parsed.dry_run:
        _accept(paths, fine, asking=asking)
    return FAULTY if len(fine) < len(found) else 0


def _accept(paths: Paths, fine: Sequence[Review], *, asking: bool) -> None:
    """Ask about each file, then about each program, and accept all in one step."""
    decisions = []
    for each in fine:
        name = printable(each.source.name)
        if each.waiting and asking and not questions.agreed(f"Accept the roles in {name}? [y/N] "):
            print(f"Not accepted: {name}. What you accepted before stays.")
            continue
        agreed = {command for command, roles in each.commands.items() if asking and _allowed(command, roles)}
        if each.included.file_status is FileStatus.WAITING or agreed:
            decisions.append((each, frozenset(agreed)))
        for command in each.commands:
            if command not in agreed:
                print(f"Not run: {printable(command)}. To allow it, run traycreds import team in a terminal.")
    review.accept(paths, decisions)
    for each, _ in decisions:
        if each.waiting:
            print(f"Accepted: {printable(each.source.label)}: {each.changes.summary()}")
    if decisions:
        with contextlib.suppress(TraycredsError):
            # This request makes a running app check the files at once.
            running_app.status()


def _allowed(command: str, roles: Sequence[str]) -> bool:
    print(f"To get MFA codes for {', '.join(map(printable, roles))}, this program would run:\n    {printable(command)}")
    return questions.agreed("Allow it? [y/N] ")


def _as_json(found: Sequence[Review]) -> dict[str, Any]:
    return {
        "included": [
            {
                "source": each.source.label,
                "state": each.included.file_status.value,
                "waiting": each.waiting,
                "added": {name: dict(table) for name, table in each.changes.added.items()},
                "removed": list(each.changes.removed),
                "changed": {
                    name: {key: {"from": old, "to": new} for key, (old, new) in keys.items()}
                    for name, keys in each.changes.changed.items()
                },
                "commands": {command: list(roles) for command, roles in each.commands.items()},
                "error": None if each.error is None else f"{each.error.sentence} {each.error.hint}",
            }
            for each in found
        ]
    }
