"""File systems, links and modes that the tests of the credentials file share."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import traceback

import pytest

from tests.windows.mark import on_wine
from traycreds.core.errors import CredentialsFileError

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes, owners and mounts")


TEXT = "[mine]\nk = v\n"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def names_in(folder):
    return sorted(each.name for each in folder.iterdir())


def mounted(*command):
    """Mount, or skip where this machine cannot."""
    result = subprocess.run(["mount", *map(str, command)], capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip(f"cannot mount here: {result.stderr.strip()}")


def linked(link, target):
    """Make a link, or skip where Windows lets only administrators and developers make any."""
    try:
        link.symlink_to(target)
    except OSError as error:
        # The error is `ERROR_PRIVILEGE_NOT_HELD`.
        if getattr(error, "winerror", None) != 1314:
            raise
        pytest.skip("needs the right to make symbolic links")
    if on_wine and not link.is_symlink():
        pytest.skip("Wine 8 makes none, and says it did")


def without_privileges(action):
    """Run it in a child as nobody if we are root; returns what it returned, as text."""
    if os.getuid() != 0:
        return action()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            answer = action()
        except BaseException:  # noqa: BLE001 - the child must end here whatever happens, and the parent learn it
            answer = traceback.format_exc()
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer


def refused_sentence(store, batch):
    """The sentence and hint with which a write fails."""
    try:
        store.write(batch)
    except CredentialsFileError as error:
        return f"{error.sentence}|{error.hint}"
    return "written"
