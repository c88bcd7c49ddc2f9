"""`import --team`: shows what is new in included files, asks for roles and for programs apart, takes the answers."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from typing import Any

from traycreds.adapters import review
from traycreds.adapters.places import Places
from traycreds.adapters.printable import printable
from traycreds.adapters.review import Review
from traycreds.adapters.shelf import Standing
from traycreds.app import remote, setup, team
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.errors import TraycredsError, UsageError

FAULTY = 2
"""What it exits with when an included file cannot be used."""


def take_in(parsed: argparse.Namespace) -> int:
    """`traycreds import --team`."""
    others = (parsed.roles, parsed.sso, parsed.anew, parsed.take_over, parsed.live, parsed.new_name)
    if any(others) or parsed.fix_references or parsed.keyring is not None or parsed.from_keyring is not None:
        raise UsageError("--team reviews the included files, and nothing else.", "Leave out the rest.")
    if parsed.json and not parsed.dry_run:
        raise UsageError("--json goes with --dry-run.", "Write --dry-run --json, or leave --json out.")
    asking = not (parsed.yes or parsed.dry_run)
    if asking and not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("There is no terminal to ask in.", "Give --dry-run to see what is new, --yes to accept it.")
    where = setup.find_places(options(parsed))
    team.fetch(where)
    found = review.find(where)
    if parsed.json:
        print(json.dumps(_as_json(found), indent=2))
        return FAULTY if any(each.error is not None for each in found) else 0
    for each in found:
        if each.error is not None:
            complain(team.text_of([each]))
    fine = [each for each in found if each.error is None]
    new = [each for each in fine if each.waiting or each.commands]
    if new:
        print(team.text_of(new))
    elif fine or not found:
        print("Nothing waits for your review." if found else "No file is included; see include in the README.")
    if not parsed.dry_run:
        _accept(where, fine, asking=asking)
    return FAULTY if len(fine) < len(found) else 0


def _accept(where: Places, fine: Sequence[Review], *, asking: bool) -> None:
    """Ask for each file, then for each program, and take what is agreed to in one step."""
    decisions = []
    for each in fine:
        name = printable(each.source.name)
        if each.waiting and asking and not _agreed(f"Take the roles of {name}? [y/N] "):
            print(f"Not taken: {name}. What you accepted before stays.")
            continue
        agreed = {command for command, roles in each.commands.items() if asking and _allowed(command, roles)}
        if each.included.standing is Standing.WAITING or agreed:
            decisions.append((each, frozenset(agreed)))
        for command in each.commands:
            if command not in agreed:
                print(f"Not run: {printable(command)}. To allow it, run traycreds import --team in a terminal.")
    review.accept(where, decisions)
    for each, _ in decisions:
        if each.waiting:
            print(f"Accepted: {printable(each.source.label)}: {each.changes.summary()}")
    if decisions:
        with contextlib.suppress(TraycredsError):
            remote.status()  # so that a running app looks at once


def _allowed(command: str, roles: Sequence[str]) -> bool:
    print(f"For MFA codes of {', '.join(map(printable, roles))}, this program would be run:\n    {printable(command)}")
    return _agreed("Allow it? [y/N] ")


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        print()
        return False


def _as_json(found: Sequence[Review]) -> dict[str, Any]:
    """The reviews in the form that scripts rely on."""
    return {
        "included": [
            {
                "source": each.source.label,
                "state": each.included.standing.value,
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
