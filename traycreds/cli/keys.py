"""`traycreds keys`: answers AWS tools that ask for keys in the keyring. No help names it, since nobody types it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from traycreds.cli.output import complain
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.importers import stored_keys


def answer(arguments: Sequence[str]) -> int:
    """Print the keys of a profile as `credential_process` has them."""
    try:
        if len(arguments) != 1:
            raise UsageError("keys needs the name of one profile.", "AWS tools run it, from the credentials file.")
        print(json.dumps(stored_keys.answer(arguments[0])))
    except TraycredsError as error:
        complain(error.sentence, error.hint)
        return error.exit_code
    return 0
