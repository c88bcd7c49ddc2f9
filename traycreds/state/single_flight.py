"""One process at a time gets a role's session; those that wait share its result, also a failure (two sentences)."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError, TraycredsError
from traycreds.core.text import json_value
from traycreds.files import contents, locks, private_files
from traycreds.state.paths import locks_dir

_PATIENCE = 150.0
"""Seconds to wait for another process: longer than it takes to refresh one role, lock of the file included."""


class _SharedError(TraycredsError):
    """The failure of the process that was waited for."""


@contextlib.contextmanager
def alone_at(name: str, state_dir: Path) -> Iterator[None]:
    """Be this user's only process at work on `name`; an error inside is shared. Raises TraycredsError: theirs."""
    # This file is never made, and only names the lock.
    key = state_dir / "sessions" / name
    note = locks_dir(state_dir) / f"failure-{os.fsencode(name).hex()[:200]}.json"
    came = time.time()
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(locks.locked(key, locks_dir(state_dir), patience=_PATIENCE))
        except CredentialsFileError as error:
            sentence = f"Another traycreds has been working on {name} for {_PATIENCE:.0f} seconds."
            raise IssueError(FailureKind.UNEXPECTED, sentence, "Stop it if it hangs, then try again.") from error
        _raise_shared(note, came)
        try:
            yield
        except TraycredsError as error:
            failure = {"at": time.time(), "sentence": error.sentence, "hint": error.hint, "exit": error.exit_code}
            with contextlib.suppress(OSError):
                private_files.write(note, json.dumps(failure).encode())
            raise


def _raise_shared(note: Path, came: float) -> None:
    try:
        failure = json_value(contents.bounded(note))
        at, sentence, hint, code = (
            float(failure["at"]),
            str(failure["sentence"]),
            str(failure["hint"]),
            int(failure["exit"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return
    if came <= at <= time.time():
        shared = _SharedError(sentence, hint)
        shared.exit_code = code
        raise shared
