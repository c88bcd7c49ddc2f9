"""`python -m tests.contract.readers --prepare` installs the programs that the test extra does not hold."""

from __future__ import annotations

import sys

from tests.contract.readers import installed_programs

if sys.argv[1:] != ["--prepare"]:
    raise SystemExit(f"usage: {installed_programs.PREPARE}")
installed_programs.prepare()
