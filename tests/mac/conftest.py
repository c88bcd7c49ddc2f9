"""A Mac for each test; a test in which a real one would have refused a call fails."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest

from tests.mac import declarations


@pytest.fixture
def mac(sandbox, tmp_path):
    with a_mac(sandbox, tmp_path) as mac:
        yield mac


@contextlib.contextmanager
def a_mac(sandbox, tmp_path):
    """A Mac whose user has this home."""
    if declarations.missing():
        pytest.skip(declarations.missing())
    from tests.mac.app import Mac

    # The path is as short as that of a Mac's own temporary folder.
    with tempfile.TemporaryDirectory(prefix="mac-", dir="/tmp") as temporary:
        mac = Mac(sandbox, tmp_path, Path(temporary))
        try:
            yield mac
        finally:
            refused = mac.end()
        assert not refused, refused
