"""Hints that promise another try, where nobody makes one."""

from __future__ import annotations

import pytest

from tests.architecture.messages import CATALOGUE
from traycreds.lifecycle.status import untried

PROMISES = [line for line in CATALOGUE.read_text(encoding="utf-8").splitlines() if "traycreds retries" in line]


@pytest.mark.parametrize("hint", sorted({line for line in PROMISES if line.endswith(".") and line[:1].isalpha()}))
def test_no_hint_promises_a_try_that_nobody_makes(hint):
    shown = untried(hint)
    assert "retries" not in shown
    assert "try again" in shown.casefold()
