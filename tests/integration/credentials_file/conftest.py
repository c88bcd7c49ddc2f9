"""A credentials file on a real file system, and stores on it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.integration.credentials_file import beside
from tests.integration.credentials_file.folders import mounted
from tests.support.builders import HOUR, NOW, credentials
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.core.model import ProfileWrite
from traycreds.files import replaced_file

LONG_AGO = 10**18


@dataclass
class CredentialsOnDisk:
    """A credentials file in a folder of its own, with a clock that stands still and sleeps that are only counted."""

    path: Path
    lock_dir: Path
    naps: list[float] = field(default_factory=list)
    during_naps: list = field(default_factory=list)

    def store(self, path=None):
        return CredentialsFile(path or self.path, lock_dir=self.lock_dir, now=lambda: NOW, sleep=self._nap)

    def put(self, text, *, mode=None):
        """Someone wrote this long ago."""
        self.path.parent.mkdir(exist_ok=True, parents=True)
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        os.utime(self.path, ns=(LONG_AGO, LONG_AGO))
        if mode is not None:
            self.path.chmod(mode)

    def text(self):
        return self.path.read_bytes().decode()

    def siblings(self):
        return sorted(each.name for each in self.path.parent.iterdir())

    def _nap(self, seconds):
        self.naps.append(seconds)
        if self.during_naps:
            self.during_naps.pop(0)()


@pytest.fixture
def on_disk(tmp_path):
    return CredentialsOnDisk(tmp_path / "aws" / "credentials", tmp_path / "state")


@pytest.fixture
def a_write():
    def build(profile="dev", role=None, *, expires_at=NOW + HOUR, n=1):
        return ProfileWrite(profile=profile, role=role or profile, credentials=credentials(expires_at, n))

    return build


@pytest.fixture
def without_exchange(monkeypatch):
    """A file system that cannot exchange two files, as NFS, so that a plain rename has to do."""
    monkeypatch.setattr(replaced_file, "exchange", lambda one, other: False)


@pytest.fixture
def tmpfs(tmp_path):
    """A file system of 64 kB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.fixture
def start():
    """Start an actor; whatever still runs at the end is killed."""
    started = []

    def begin(*arguments):
        started.append(beside.begin(*arguments))
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
