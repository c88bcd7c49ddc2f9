"""Folders that traycreds may not write into."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess

import pytest

from tests.windows.mark import not_on_windows
from traycreds.doctor.checks import examine
from traycreds.doctor.write_checks import write_findings

pytestmark = not_on_windows


@pytest.fixture(autouse=True)
def _by_mode(monkeypatch):
    """Go by the owner's bits, as for a user who is not root."""
    needed = stat.S_IWUSR | stat.S_IXUSR
    monkeypatch.setattr(os, "access", lambda path, _: path.stat().st_mode & needed == needed)


@pytest.mark.parametrize("linked", [False, True])
def test_the_folder_of_the_credentials_and_the_command_that_helps(places, linked, tmp_path):
    folder = places.credentials_file.parent
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    places.state_dir.mkdir(parents=True)
    if linked:
        folder = tmp_path / "its vault"
        folder.mkdir(mode=0o700)
        (folder / "credentials").touch(mode=0o600)
        places.credentials_file.symlink_to(folder / "credentials")
    folder.chmod(0o500)
    (finding,) = examine(places)
    assert (finding.file, finding.severity.value) == (str(folder), "error")
    assert finding.what == "traycreds cannot write to this folder, and needs to"
    subprocess.run(shlex.split(finding.remedy.removeprefix("Run: ")), check=True)
    assert examine(places) == ()


def test_a_folder_that_is_yet_to_be_made_is_that_of_the_one_above(places):
    home = places.credentials_file.parent
    assert not places.state_dir.parent.exists()
    home.chmod(0o500)
    (finding,) = write_findings(places)
    assert finding.file == str(home), "once, though both files belong there"
    home.chmod(0o700)
    assert not list(write_findings(places))


def test_what_is_not_the_users_own_gets_no_command(places, monkeypatch):
    places.state_dir.mkdir(parents=True)
    places.state_dir.chmod(0o500)
    uid = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: uid + 1)
    (finding,) = write_findings(places)
    assert finding.file == str(places.state_dir)
    assert finding.remedy.startswith("Give your user permission to write to it")
