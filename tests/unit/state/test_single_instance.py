"""One app for each user, by a lock that ends with its process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from traycreds.state.single_instance import SingleInstance

HOLDER = """
import sys
from pathlib import Path
from traycreds.state.single_instance import SingleInstance
with SingleInstance(Path(sys.argv[1])) as held:
    print(held.first, flush=True)
    sys.stdin.read()
"""


def test_the_second_one_knows(tmp_path):
    with SingleInstance(tmp_path / "state") as first:
        assert first.first
        with SingleInstance(tmp_path / "state") as second:
            assert not second.first
    with SingleInstance(tmp_path / "state") as third:
        assert third.first


def test_a_killed_process_leaves_no_lock_behind(tmp_path):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "True\n"
        with SingleInstance(tmp_path) as other:
            assert not other.first
        holder.kill()
    with SingleInstance(tmp_path) as after:
        assert after.first


def test_a_folder_without_locks_is_no_reason_not_to_run(tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    with SingleInstance(tmp_path / "state") as instance:
        assert instance.first


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_the_lock_is_the_users_own(tmp_path):
    with SingleInstance(tmp_path):
        assert (tmp_path / "app.lock").stat().st_mode & 0o777 == 0o600
