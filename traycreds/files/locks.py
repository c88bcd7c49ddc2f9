"""Locks among our own processes, so that one at a time changes a user's file. Imports nothing until a lock is taken."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from traycreds.core.errors import CredentialsFileError
from traycreds.files import private_files

PATIENCE = 15.0
"""Seconds to wait for another of our processes; a write takes milliseconds, settling a few seconds at worst."""


@contextmanager
def locked(path: Path, lock_dir: Path, *, patience: float = PATIENCE) -> Iterator[bool]:
    """Hold the lock for `path` among our processes; yields whether the file system has locks.

    Without them (ENOLCK on network homes) callers continue: they still compare before each replace. The lock file is in
    `lock_dir`, which is created. `path` has its links resolved; `patience` is in seconds.

    Raises CredentialsFileError: still locked.
    """
    from filelock import FileLock, Timeout

    from traycreds.files.digest import of_path

    name = f"credentials-{of_path(path)}.lock"
    lock: FileLock | None = None
    try:
        private_files.make_folder(lock_dir)
        lock = FileLock(str(lock_dir / name), timeout=patience, mode=0o600)
        lock.acquire(poll_interval=0.01)
    except Timeout as error:
        raise CredentialsFileError(
            f"Another traycreds is busy with {path}.", "Wait for it, or stop it if it hangs."
        ) from error
    except (OSError, NotImplementedError) as error:
        logging.getLogger(__name__).info("no lock in %s (%s), continuing without", lock_dir, error)
        lock = None
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()
