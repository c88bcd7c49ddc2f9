"""The promises on speed; the best of several runs counts, since the machine has other work too."""

from __future__ import annotations

import pytest

from tests.bench.bench_credfile import measure


@pytest.mark.parametrize(("size", "limit"), [(10, 0.005), (10_000, 0.5)])
def test_edit_and_write_stay_within_their_limit(tmp_path, size, limit):
    for attempt in range(4):
        _, one, many = measure(size, tmp_path / str(attempt), rounds=3)
        if one < limit and many < 2 * limit:
            return
    pytest.fail(f"one profile took {one:.3f} s, 200 took {many:.3f} s")
