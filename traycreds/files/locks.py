"""Locks among our own processes, so that one at a time reads, changes and replaces a file of the user's.

Who reads only needs none, so that importing this costs nothing: what it needs is imported when a lock is taken.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from traycreds.core.errors import CredentialsFileError
from traycreds.files import private_files
from traycreds.files.digest import of_path

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
    from filelock import FileLock, Timeout

    name = f"credentials-{of_path(path)}.lock"
    lock: FileLock | None = None
    try:
        private_files.make_folder(lock_dir)
        lock = FileLock(str(lock_dir / name), timeout=patience, mode=0o600)
        lock.acquire(poll_interval=0.01)
    except Timeout as error:
        raise CredentialsFileError(
            f"Another traycreds is busy with {path}.", "Wait for it, or end it if it hangs."
        ) from error
    except (OSError, NotImplementedError) as error:
        logging.getLogger(__name__).info("no lock in %s (%s), going on without", lock_dir, error)
        lock = None
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()
