"""The promises on speed; the best of several runs counts, since the machine has other work too."""

from __future__ import annotations

import pytest

from tests.bench.bench_credfile import measure


@pytest.mark.parametrize(("size", "limit"), [(10, 0.005), (10_000, 0.5)])
def test_edit_and_write_stay_within_their_limit(tmp_path, size, limit):
    _, one, many = measure(size, tmp_path, rounds=4)
    assert one < limit
    assert many < limit * 2
