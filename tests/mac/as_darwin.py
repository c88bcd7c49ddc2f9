"""`pytest -p tests.mac.as_darwin -n 0 tests/unit`: tests in a process that believes that it runs on macOS."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("TMPDIR", tempfile.gettempdir())

from tests.mac import system

system.become_a_mac()
