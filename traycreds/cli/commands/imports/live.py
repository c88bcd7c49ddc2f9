"""`import live`: a profile by which SDKs follow a role for hours."""

from __future__ import annotations

import argparse

from traycreds.cli.options import options
from traycreds.importers import live_profile


def run(parsed: argparse.Namespace) -> int:
    """`traycreds import live`."""
    found = live_profile.write(options(parsed), parsed.role, parsed.new_name)
    print(f"Profile {found.name} {'is now' if found.changed else 'is already'} in {found.file}.")
    print(
        f"A program with AWS_PROFILE={found.name} gets the session of {parsed.role}, "
        "and each new one before the old one expires."
    )
    return 0
