"""`import take-over`: gives a profile that is not ours another name."""

from __future__ import annotations

import argparse

from traycreds.cli.options import options
from traycreds.importers import take_over
from traycreds.importers.references import Reference
from traycreds.shell.quoting import shell_line


def run(parsed: argparse.Namespace) -> int:
    """`traycreds import take-over`."""
    old, new = parsed.profile, parsed.new_name
    taken = take_over.take_over(options(parsed), old, new, fix_references=parsed.fix_references)
    if taken.backup is not None:
        print(f"Profile {old} is now called {new} in {taken.file}; its lines are unchanged.")
        print(f"Backup of the file: {taken.backup}")
    for reference in taken.fixed:
        print(f"Changed to {new}: {_place(reference)}")
    for reference in taken.left:
        print(f"Still names {old}: {_place(reference)}")
    if taken.left and not parsed.fix_references:
        again = shell_line(("traycreds", "import", "take-over", old, "--as", new, "--fix-references"))
        print(
            f"To make them name {new}: {again}\n"
            "(in ~/.aws/config and in the traycreds configuration; edit the credentials file yourself)"
        )
    if taken.settings is not None:
        at = taken.settings
        print(f"The settings of {old} in {at.file}, line {at.line}, keep that name.")
    return 0


def _place(reference: Reference) -> str:
    return f"{reference.key} of {reference.holder} in {reference.file}, line {reference.line}"
