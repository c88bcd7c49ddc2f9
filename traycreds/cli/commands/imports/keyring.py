"""`import keyring`: moves long-term keys from the credentials file to the keyring, and back."""

from __future__ import annotations

import argparse

from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.importers import keyring_keys
from traycreds.shell.quoting import shell_line


def run(parsed: argparse.Namespace) -> int:
    """`traycreds import keyring`."""
    profile = parsed.profile
    if parsed.undo:
        file, forgotten = keyring_keys.put_back(options(parsed), profile)
        print(f"The keys of profile {profile} are in {file} again, in plain text.")
        if not forgotten:
            complain("The keyring still holds them.", "Delete the traycreds entries with your keyring's own program.")
        return 0
    file = keyring_keys.move(options(parsed), profile)
    print(f"The keys of profile {profile} are now in the keyring, and no longer in {file}.")
    print("AWS tools and roles keep using the profile. Any copies of the file that you made still hold them.")
    print(f"To put them back: {shell_line(('traycreds', 'import', 'keyring', profile, '--undo'))}")
    return 0
