"""`import profiles`: roles of ~/.aws/config and other programs."""

from __future__ import annotations

import argparse
from functools import partial

from traycreds.cli.commands.imports import proposals
from traycreds.cli.options import options
from traycreds.importers import add_roles


def run(parsed: argparse.Namespace) -> int:
    """`traycreds import profiles`."""
    given = options(parsed)
    return proposals.take(
        parsed,
        add_roles.find_offer(given),
        text_of=add_roles.text_of,
        as_json=add_roles.as_json,
        add=partial(add_roles.add, given),
    )
