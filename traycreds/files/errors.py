"""What an operating system's refusal means to the user: the one table from errno to a sentence and a hint."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from traycreds.core.errors import CredentialsFileError
from traycreds.core.text import os_reason
from traycreds.files import atomic_write_windows

_NO_SPACE = ("No space is left to write {path}.", "Free some space; the file is unchanged.")
_OWNERS = "Check the owner and mode of the file and its folder; the file is unchanged."
_RIGHTS = "Check the permissions of the file and its folder, and the antivirus program; the file is unchanged."
_DENIED = ("Access to {path} is denied.", _RIGHTS if sys.platform == "win32" else _OWNERS)
_HELD = ("Another program has {path} open.", "Close the editor or program that has it open; the file is unchanged.")
_NO_FOLDER = ("{path} cannot exist because {part} is not a folder.", "Move that away, or use another file.")

_MEANING: dict[int, tuple[str, str]] = {
    errno.ENOSPC: _NO_SPACE,
    # Windows has no `EDQUOT`.
    getattr(errno, "EDQUOT", errno.ENOSPC): _NO_SPACE,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: (
        "{path} is on a read-only file system.",
        "Make it writable, or set AWS_SHARED_CREDENTIALS_FILE to another place; the file is unchanged.",
    ),
    errno.ELOOP: ("{path} is a link that leads back to itself.", "Fix the link."),
    errno.EISDIR: ("{path} is not a regular file.", "Move it away, or use another file."),
    errno.ENOTDIR: _NO_FOLDER,
    errno.EEXIST: _NO_FOLDER,
}


def file_error(error: OSError, path: Path) -> CredentialsFileError:
    """The sentence and hint for an operating system's error about `path`."""
    other = ("{path} cannot be used (" + os_reason(error) + ").", "The file is unchanged.")
    sentence, hint = _MEANING.get(error.errno or 0, other)
    if isinstance(error, PermissionError) and atomic_write_windows.is_held(path):
        sentence, hint = _HELD
    part = _no_folder_of(path) if "{part}" in sentence else path
    return CredentialsFileError(sentence.format(path=path, part=part), hint)


def _no_folder_of(path: Path) -> Path:
    return next((each for each in path.parents if os.path.lexists(each) and not each.is_dir()), path.parent)
