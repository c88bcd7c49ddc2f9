"""Shows the roles that an import proposes, asks which to add, and adds those."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from typing import Any

from traycreds.cli.commands.imports import questions
from traycreds.cli.old_import import COMMANDS
from traycreds.cli.output import complain
from traycreds.cli.picker import terminal
from traycreds.core import close_matches
from traycreds.core.errors import UsageError
from traycreds.core.lookup import did_you_mean
from traycreds.importers.add_roles import Offer
from traycreds.importers.proposals import Proposal
from traycreds.ui.picker.rows import RoleRow

_FEW = 12
"""Names that a hint lists."""
NO_TERMINAL = "Use --dry-run to see what would be added, --yes to add it."


def take(
    parsed: argparse.Namespace,
    offer: Offer,
    *,
    text_of: Callable[[Sequence[Proposal]], str],
    as_json: Callable[[Offer, Sequence[Proposal]], dict[str, Any]],
    add: Callable[[Sequence[Proposal]], None],
    by_origin: bool = False,
) -> int:
    """Show the offer, or add what the user wants; return the exit code.

    Raises UsageError: a name is not on offer, or there is no terminal to ask in.
    `parsed` has `roles` (all if empty), `dry_run` and `json`. `text_of` and `as_json` give the text to add.
    `by_origin`: roles may be found by words of their origin, such as an account.
    """
    if not parsed.json:
        for sentence in offer.left_out:
            complain(f"Left out: {sentence}")
        if not offer.proposals and not any(map(_mistyped, parsed.roles)):
            print(f"Nothing to add to {offer.path}.")
            return 0
    chosen = _named(offer.proposals, parsed.roles)
    asking = questions.asks(parsed, NO_TERMINAL)
    if parsed.json:
        print(json.dumps(as_json(offer, chosen), indent=2))
        return 0
    if parsed.dry_run:
        print(text_of(chosen).lstrip("\n"), end="")
        return 0
    if asking:
        chosen = _asked(chosen, text_of, str(offer.path), by_origin=by_origin)
    if not chosen:
        print("Nothing was changed.")
        return 0
    add(chosen)
    print(f"Added to {offer.path}: {', '.join(proposal.name for proposal in chosen)}")
    _print_next(chosen, offer.offered_now)
    return 0


def _named(proposals: Sequence[Proposal], names: Sequence[str]) -> Sequence[Proposal]:
    offered = [proposal.name for proposal in proposals]
    for name in names:
        if name not in offered:
            every = f"Choose from: {', '.join(offered)}." if len(offered) <= _FEW else NO_TERMINAL
            hint = did_you_mean(name, _mistyped(name) or offered, otherwise=every)
            raise UsageError(f"{name} is not one of the roles that can be added.", hint)
    return [proposal for proposal in proposals if not names or proposal.name in names]


def _mistyped(name: str) -> tuple[str, ...]:
    """The command of `import` that is rather meant than a role."""
    command = close_matches.closest(name, COMMANDS, likeness=_VERY_LIKE)
    return () if command is None else (command,)


_VERY_LIKE = 0.8
"""`prod` is a role, and no `profiles` that is cut short."""


def _asked(
    proposals: Sequence[Proposal], text_of: Callable[[Sequence[Proposal]], str], path: str, *, by_origin: bool
) -> Sequence[Proposal]:
    chosen = proposals
    if len(proposals) > 1:
        found = [RoleRow(each.name, state=each.origin, group=each.origin if by_origin else "") for each in proposals]
        picks = terminal.ask(found, "Add", several=True)
        chosen = [each for each in proposals if picks is not None and each.name in picks.names]
        if not chosen:
            return ()
    else:
        print(f"{proposals[0].name}: {proposals[0].origin}")
    print(f"\nTo be appended to {path}:\n{text_of(chosen)}")
    return chosen if questions.agreed("Write it? [y/N] ") else ()


def _print_next(chosen: Sequence[Proposal], offered_before: int) -> None:
    for proposal in chosen:
        if proposal.note:
            print(f"{proposal.name}: {proposal.note}")
    if offered_before > len(chosen):
        print("From now on, traycreds offers only the roles in the configuration, not all of ~/.aws/config.")
    print(f"traycreds does not keep them alive yet. To do that: `traycreds keep {chosen[0].name}`, or the menu.")
