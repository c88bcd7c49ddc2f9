"""Changes a text file that holds no sessions, ~/.aws/config or our TOML, in one step and with every other byte kept.

Owns how long to wait for other writers. Never decides what to change, and leaves the file as it was when it cannot.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from traycreds.adapters import files
from traycreds.core.errors import ConfigError, CredentialsFileError

_MARK = "\ufeff"
"""A byte order mark, as Windows editors begin a file with; it stays, but is no part of the text."""
_REST = 0.6
"""Seconds without a change after which a file is believed, since the AWS CLI truncates before it writes."""
_STEP = 0.05
_PATIENCE = 10.0
"""Seconds after which a file that others write all the time is given up."""


def rewrite(path: Path, lock_dir: Path, edit: Callable[[str | None], str], *, whole: str | None = None) -> bool:
    """Replace the text by an edited one; returns whether that changed anything.

    Args:
        path: the file, which need not exist; links are followed.
        lock_dir: a folder of ours for the lock.
        edit: takes the text, or None for no file; called again when somebody else wrote meanwhile.
        whole: a text that is known to be all that its writer had to say, as one that came from here.

    Raises:
        ConfigError: it could not be read or written; it is as it was.
    """
    try:
        return _rewrite(path.resolve(), lock_dir, edit, whole)
    except CredentialsFileError as error:
        raise ConfigError(error.sentence, "Check the file and its folder; nothing was changed.") from error
    except (OSError, RuntimeError) as error:  # a link to itself; RuntimeError up to Python 3.12
        raise ConfigError(f"{path} is a link that leads back to itself.", "Correct it.") from error


def read(path: Path) -> str | None:
    """The text as it stands at this moment, which may be amid somebody's write; None for no file.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        data = files.read(path).data
    except CredentialsFileError as error:
        raise ConfigError(error.sentence, "Check the file and its folder.") from error
    return None if data is None else _decoded(path, data).removeprefix(_MARK)


def _rewrite(path: Path, lock_dir: Path, edit: Callable[[str | None], str], whole: str | None) -> bool:
    with files.locked(path, lock_dir):
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            reading = files.read(path)
            fresh = reading.stamp is not None and abs(time.time() - reading.stamp.modified_ns / 1e9) < _REST
            if fresh and (whole is None or reading.data not in {whole.encode(), f"{_MARK}{whole}".encode()}):
                time.sleep(_STEP)
                continue
            old = None if reading.data is None else _decoded(path, reading.data)
            mark = _MARK if old is not None and old.startswith(_MARK) else ""
            new = mark + edit(None if old is None else old[len(mark) :])
            if new == (old or ""):
                return False
            try:
                files.replace(path, new.encode(), expected=reading.data, private=False)
            except files.ChangedMeanwhileError:
                continue
            return True
    raise ConfigError(f"Another program writes {path} all the time.", "Find out which, and stop it.")


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: a byte that is not UTF-8.", "Save the file as UTF-8.") from error
