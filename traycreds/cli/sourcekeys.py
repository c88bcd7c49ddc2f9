"""Static keys in the keyring: `import --keyring` and `--from-keyring`, and the answer that AWS tools ask for."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from traycreds.app import sourcekeys
from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.errors import TraycredsError, UsageError


def answer(arguments: Sequence[str]) -> int:
    """Print the keys of a profile as `credential_process` has them; nobody types this, so that no help names it."""
    try:
        if len(arguments) != 1:
            raise UsageError("keys needs the name of one profile.", "AWS tools run it, from the credentials file.")
        print(json.dumps(sourcekeys.answer(arguments[0])))
    except TraycredsError as error:
        complain(error.sentence, error.hint)
        return error.exit_code
    return 0


def move(parsed: argparse.Namespace) -> int:
    """`traycreds import --keyring`, or `--from-keyring`."""
    others = (
        parsed.take_over,
        parsed.live,
        parsed.sso,
        parsed.anew,
        parsed.new_name,
        None not in {parsed.keyring, parsed.from_keyring},
    )
    if parsed.roles or parsed.yes or parsed.dry_run or parsed.json or parsed.fix_references or any(others):
        option = "--from-keyring" if parsed.from_keyring is not None else "--keyring"
        raise UsageError(f"{option} moves the keys of one profile, and nothing else.", "Leave out the rest.")
    if parsed.from_keyring is not None:
        file, forgotten = sourcekeys.put_back(options(parsed), parsed.from_keyring)
        print(f"The keys of profile {parsed.from_keyring} stand in {file} again, in the clear.")
        if not forgotten:
            complain(
                "The keyring did not forget them.", "Delete its entries of traycreds with your keyring's own program."
            )
        return 0
    profile = parsed.keyring
    file = sourcekeys.move(options(parsed), profile)
    print(f"The keys of profile {profile} are in the keyring now, and no more in {file}.")
    print("AWS tools and roles go on using the profile. Copies that you made of the file still hold them.")
    print(f"To put them back: traycreds import --from-keyring {profile}")
    return 0
