"""A C: drive of Wine's own for the tests of one worker, and for each desktop."""

from __future__ import annotations

import shutil

import pytest

from tests.windows import wine

# The import of `wine` adds the folder of `lib` to the path.
from lib.wine import Drive  # isort: skip


@pytest.fixture(scope="session")
def drive_of_worker(tmp_path_factory):
    """Not one for all: its server is one process, and waits for the programs of every test that uses it."""
    folder = tmp_path_factory.mktemp("windows") / "drive"
    with Drive(folder):
        yield folder
    shutil.rmtree(folder)


@pytest.fixture
def drive(drive_of_worker, monkeypatch):
    """The drive of what `wine.run` runs."""
    monkeypatch.setenv(wine.DRIVE_VARIABLE, str(drive_of_worker))
    return drive_of_worker
