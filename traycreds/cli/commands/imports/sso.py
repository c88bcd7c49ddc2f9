"""`import sso`: the accounts and roles that a sign-in to IAM Identity Center opens."""

from __future__ import annotations

import argparse
import sys

from traycreds.cli.commands.imports import proposals, questions
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.importers import identity_center


def run(parsed: argparse.Namespace) -> int:
    """`traycreds import sso`."""
    asking = questions.asks(parsed, proposals.NO_TERMINAL)
    portal = identity_center.Portal(options(parsed), parsed.session)
    offer = portal.find_offer(fresh=parsed.anew, progress=_show_progress)
    return proposals.take(
        parsed, offer, asking=asking, text_of=portal.text_of, as_json=portal.as_json, add=portal.add, by_origin=True
    )


def _show_progress(done: int, total: int) -> None:
    """Say on stderr how far a list of accounts is: in one line of a terminal, else now and then."""
    if sys.stderr.isatty():
        print(f"\r{done} of {total} accounts", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done == total or done % 100 == 0:
        complain(f"{done} of {total} accounts")
