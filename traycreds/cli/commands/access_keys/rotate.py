"""`traycreds rotate`: replaces the long-term access key of a profile."""

from __future__ import annotations

import argparse
import sys

from traycreds.cli.commands.imports import questions
from traycreds.cli.options import options
from traycreds.core.errors import UsageError
from traycreds.core.text import counted, shown_key_id
from traycreds.usecases.rotation import Rotation


def rotate(parsed: argparse.Namespace) -> int:
    """`traycreds rotate`."""
    asks = not (parsed.yes or parsed.dry_run)
    rotation = Rotation(options(parsed), parsed.profile)
    if asks and not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        hint = "Add --yes to rotate, or --dry-run to see what it does."
        raise UsageError("Cannot ask here: this is not a terminal.", hint)
    rotation.check_key()
    old = shown_key_id(rotation.old)
    age = f"{counted(rotation.age, 'day')} old"
    if asks or parsed.dry_run:
        print(f"Access key {old} of profile {parsed.profile} is {age}. To rotate it, traycreds")
        print("  1. creates another key in IAM, and checks that AWS accepts it")
        print(f"  2. writes it to profile {parsed.profile} in {rotation.file}, and changes nothing else there")
        print(f"  3. deactivates {old}; it does not delete it")
        if rotation.also:
            print(f"The same key is in {', '.join(rotation.also)}, which keep it: change them yourself.")
    if parsed.dry_run or (asks and not questions.agreed("Rotate it? [y/N] ")):
        print("Nothing was changed.")
        return 0
    new = shown_key_id(rotation.carry_out())
    print(f"Profile {parsed.profile} has the new access key {new}. The old one, {old}, is inactive.")
    if rotation.also:
        print(f"The old key is still in {', '.join(rotation.also)}: put the new one there too.")
    print("Restart programs that still use the old key. Once nothing needs it, delete it in the IAM console.")
    return 0
