"""`import sso`: the accounts and roles that a sign-in to IAM Identity Center opens."""

from __future__ import annotations

import argparse

from traycreds.cli.commands.imports import proposals, questions
from traycreds.cli.display.progress import Progress
from traycreds.cli.options import options
from traycreds.importers import identity_center


def run(parsed: argparse.Namespace) -> int:
    """`traycreds import sso`."""
    portal = identity_center.Portal(options(parsed), parsed.session)
    # Before hundreds of accounts are listed.
    questions.asks(parsed, proposals.NO_TERMINAL)
    progress = Progress("accounts", rarely=_RARELY)
    try:
        offer = portal.find_offer(fresh=parsed.anew, progress=progress.show)
    finally:
        progress.clear()
    return proposals.take(parsed, offer, text_of=portal.text_of, as_json=portal.as_json, add=portal.add, by_origin=True)


_RARELY = 100
"""Accounts between two progress lines without a terminal."""
