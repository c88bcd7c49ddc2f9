"""`python -m tests.mac --prepare` gets Apple's declarations, which the test extra does not hold."""

from __future__ import annotations

import sys

from tests.mac import declarations

if sys.argv[1:] != ["--prepare"]:
    raise SystemExit(f"usage: {declarations.PREPARE}")
declarations.prepare()
