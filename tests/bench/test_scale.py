"""The promises on thousands of roles; the best of many runs counts, since the machine has other work too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.measures
ROOT = Path(__file__).parents[2]
TRIES = 4


def measured(expression):
    """Measure in a process of its own, where no coverage counts lines."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-c", f"from tools.bench import scale; print({expression})"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=50)
    return float(result.stdout)


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("expression", "limit"),
    [
        pytest.param("scale.plan_seconds(200)", 100e-6, id="a plan of 200 roles"),
        pytest.param("scale.plan_seconds(2_000)", 1e-3, id="a plan of 2,000 roles"),
        pytest.param("scale.menu_seconds(1_000)", 8e-3, id="the menu of 1,000 roles"),  # 4.5 ms here; machines differ
    ],
)
def test_what_is_done_for_many_roles_stays_within_its_limit(expression, limit):
    found = []
    while len(found) < TRIES and min(found, default=limit) >= limit:
        found.append(measured(expression))
    assert min(found) < limit
