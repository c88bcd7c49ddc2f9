"""`import keyring`: moves static keys from the credentials file to the keyring, and back."""

from __future__ import annotations

import argparse
import shlex

from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.importers import keyring_keys


def run(parsed: argparse.Namespace) -> int:
    """`traycreds import keyring`."""
    profile = parsed.profile
    if parsed.undo:
        file, forgotten = keyring_keys.put_back(options(parsed), profile)
        print(f"The keys of profile {profile} stand in {file} again, in the clear.")
        if not forgotten:
            complain(
                "The keyring still holds them.", "Delete its entries of traycreds with your keyring's own program."
            )
        return 0
    file = keyring_keys.move(options(parsed), profile)
    print(f"The keys of profile {profile} are now in the keyring, and no longer in {file}.")
    print("AWS tools and roles go on using the profile. Copies that you made of the file still hold them.")
    print(f"To put them back: {shlex.join(('traycreds', 'import', 'keyring', profile, '--undo'))}")
    return 0
