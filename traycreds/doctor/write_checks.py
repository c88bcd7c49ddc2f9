"""Checks that traycreds may write where it has to. Writes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from traycreds.core.errors import CredentialsFileError
from traycreds.doctor.finding import Finding, Severity
from traycreds.files import contents
from traycreds.shell.quoting import shell_word
from traycreds.state import choices
from traycreds.state.paths import Paths


def write_findings(paths: Paths) -> Iterator[Finding]:
    """Folders in which files are replaced, and must not be for this user."""
    # On Windows, modes say nothing about the access lists.
    if sys.platform == "win32":
        return
    found: dict[Path, list[str]] = {}
    for path, variable in (
        (paths.credentials_file, "AWS_SHARED_CREDENTIALS_FILE"),
        (paths.state_dir / choices.NAME, "XDG_STATE_HOME"),
    ):
        try:
            folder = contents.real_path(path).parent
        except CredentialsFileError:
            # Another check reports a link to nothing when it reads the file.
            continue
        there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
        if there.is_dir() and not os.access(there, os.W_OK | os.X_OK):
            found.setdefault(there, []).append(variable)
    for folder, variables in found.items():
        yield Finding(
            file=str(folder),
            line=None,
            what="traycreds cannot write to this folder, and needs to",
            remedy=_remedy(folder, " and ".join(variables)),
            severity=Severity.ERROR,
        )


def _remedy(folder: Path, variables: str) -> str:
    # Here nothing is found, or there are no owners.
    if sys.platform == "win32" or os.statvfs(folder).f_flag & os.ST_RDONLY or folder.stat().st_uid != os.getuid():
        return f"Give your user permission to write to it, or set {variables} to another folder."
    return f"Run: chmod u+rwx {shell_word(str(folder))}"
