"""The folder of sign-in tokens that AWS tools share, ~/.aws/sso/cache: one file for each sign-in, 0600.

Owns names, format and locks of these files. No token ever shows in a repr, a log or an error.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from traycreds.core.errors import CredentialsFileError
from traycreds.core.text import from_rfc_3339, json_value, os_reason
from traycreds.files import atomic_write, contents, locks
from traycreds.files.atomic_write import ChangedMeanwhileError
from traycreds.files.contents import Stamp
from traycreds.state import known_secrets, paths

log = logging.getLogger(__name__)

FOLDER = Path("~/.aws/sso/cache")
"""botocore's and the CLI's; no variable moves it, only HOME."""
LOGIN_FOLDER = "~/.aws/login/cache"
"""Where `aws login` keeps its tokens, unless AWS_LOGIN_CACHE_DIRECTORY names another place (botocore's utils.py)."""
LOCK_PATIENCE = 45.0
"""Seconds to wait for another of our processes that renews the same sign-in: one call with its time-outs."""
RENEW_WITHIN = timedelta(minutes=15)
"""A token with less than this left is renewed: botocore's own window (tokens.py)."""
WRITE_TRIES = 3


_SECRETS = ("accessToken", "refreshToken", "clientSecret")


class TokenFolder:
    """Reads, writes and locks token files.

    Attributes:
        elsewhere: where this process keeps tokens and locks, if not in the user's folders.
    """

    elsewhere: ClassVar[tuple[Path, Path] | None] = None

    def __init__(self, folder: Path, lock_dir: Path, *, beside: tuple[Path, ...] = ()) -> None:
        """Name the folders, which may be missing; `stamps` also looks at those `beside`."""
        self._folder = folder
        self._lock_dir = lock_dir
        self._beside = beside

    @staticmethod
    def of_this_user() -> TokenFolder:
        """The folder in the user's home, or `elsewhere`."""
        folder, lock_dir = TokenFolder.elsewhere or (FOLDER.expanduser(), _lock_dir())
        return TokenFolder(folder, lock_dir, beside=(_login_folder(),))

    @staticmethod
    def of_aws_login() -> TokenFolder:
        """The folder where `aws login` keeps this user's tokens; botocore reads and renews them."""
        return TokenFolder(_login_folder(), _lock_dir())

    @property
    def any_files(self) -> tuple[Path, ...]:
        """A file in each folder that `stamps` looks at, by which to watch it."""
        return tuple(folder / "token.json" for folder in (self._folder, *self._beside))

    def path(self, key: str) -> Path:
        """The file of a key, links resolved, so that a linked file keeps its place."""
        return Path(os.path.realpath(self._folder / f"{key}.json"))

    def stamp(self, key: str) -> Stamp | None:
        """The stamp of a file, or None if there is none."""
        return contents.stamp(self.path(key))

    def read(self, key: str) -> dict[str, Any] | None:
        """A file's content; None without a file or in a foreign format (botocore raises a bare KeyError)."""
        try:
            content = json_value(contents.read(self.path(key)).data or b"")
        except (CredentialsFileError, ValueError):
            return None
        if not isinstance(content, dict):
            return None
        _note_secrets(content)
        return content

    def write(self, key: str, content: Mapping[str, Any]) -> None:
        """Replace a file in one step. Raises CredentialsFileError: it could not be written; the old one is whole."""
        _note_secrets(content)
        path = self.path(key)
        data = json.dumps(dict(content)).encode()
        for _ in range(WRITE_TRIES):
            # A tool without our locks may write in between, but our token is newer.
            with contextlib.suppress(ChangedMeanwhileError):
                atomic_write.replace(path, data, expected=contents.read(path).data)
                return
        raise CredentialsFileError(
            f"Another program keeps writing to {path}.", "Stop that program, then sign in again."
        )

    def remove(self, key: str) -> bool:
        """Remove a file, or a link's target; return whether there was one. Raises CredentialsFileError."""
        path = self.path(key)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            hint = "Check the permissions of its folder."
            raise CredentialsFileError(f"{path} cannot be removed: {os_reason(error)}.", hint) from error
        return True

    def stamps(self) -> frozenset[tuple[str, int, int]]:
        """The stamps of all token files, so that a sign-in by any tool is noticed; never raises."""
        found = set()
        for folder in (self._folder, *self._beside):
            with contextlib.suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):
                        status = entry.stat()
                        if entry.name.endswith(".json"):
                            found.add((entry.name, status.st_mtime_ns, status.st_size))
        return frozenset(found)

    @contextlib.contextmanager
    def locked(self, key: str, *, patience: float = LOCK_PATIENCE) -> Iterator[None]:
        """Keep our other processes and threads away from a file. Raises CredentialsFileError: still locked."""
        with locks.locked(self.path(key), self._lock_dir, patience=patience):
            yield


def _note_secrets(content: Mapping[str, Any]) -> None:
    known_secrets.note(*(value for key in _SECRETS if isinstance(value := content.get(key), str)))


def key_of(name: str) -> str:
    """The key of a session's name or a legacy start URL (botocore's SSOTokenLoader)."""
    from traycreds.files.digest import sha1

    return sha1(name.encode())


def login_key_of(session: str) -> str:
    """The key of what `login_session` of a profile names (botocore's generate_login_cache_key)."""
    from traycreds.files.digest import sha256

    return sha256(session.encode())


def _login_folder() -> Path:
    named = os.environ.get("AWS_LOGIN_CACHE_DIRECTORY")
    return Path(os.path.expandvars(named or LOGIN_FOLDER)).expanduser()


def _lock_dir() -> Path:
    return paths.locate(os.environ).locks_dir


def left(content: Mapping[str, Any] | None, now: datetime, name: str = "expiresAt") -> timedelta:
    """How long something lasts yet; nothing if it does not say."""
    end = from_rfc_3339((content or {}).get(name))
    return end - now if end is not None else timedelta()
