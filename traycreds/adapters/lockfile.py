"""Locks among our own processes, so that one at a time reads, changes and replaces a file of the user's.

Who reads only needs none, so that importing this costs nothing: what it needs is imported when a lock is taken.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from traycreds.adapters.digest import sha256
from traycreds.core.errors import CredentialsFileError

PATIENCE = 15.0
"""Seconds to wait for another process of ours; a write takes milliseconds, its settling a few seconds at worst."""


@contextmanager
def locked(path: Path, lock_dir: Path, *, patience: float = PATIENCE) -> Iterator[bool]:
    """Hold the lock for `path` among our own processes; yields whether it could be had.

    The lock file is in `lock_dir`, not beside the file. A file system that knows no locks (ENOLCK on network homes)
    is no reason to stop: the compare before each replace still stands.

    Args:
        path: the real path of the file.
        lock_dir: the folder of the lock file; it and the one around it, both ours, are made if missing.
        patience: seconds to wait.

    Raises:
        CredentialsFileError: another process of ours held it all the time.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - see above

    name = f"credentials-{sha256(os.fsencode(os.path.normcase(path)))[:16]}.lock"
    lock: FileLock | None = None
    try:
        for folder in (lock_dir.parent, lock_dir):  # the mode is for the last one alone
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(str(lock_dir / name), timeout=patience)
        lock.acquire(poll_interval=0.01)
    except Timeout as error:
        raise CredentialsFileError(
            f"Another traycreds is busy with {path}.", "Wait for it, or end it if it hangs."
        ) from error
    except (OSError, NotImplementedError) as error:
        import logging  # noqa: PLC0415 - see above

        logging.getLogger(__name__).info("no lock in %s (%s), going on without", lock_dir, error)
        lock = None
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()
