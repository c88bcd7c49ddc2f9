"""Random AWS files, resolved by botocore and by traycreds: the same calls, keys and refusals (tests/property/resolution)."""

from __future__ import annotations

import sys

import pytest

from tests.property.resolution.compare import difference, mixing

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs of the pairs are those of POSIX")

REPLAY = "replay with: python -m tests.property.resolution --seed {}\n{}"


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(first, marks=pytest.mark.thorough) for first in range(50, 400, 50))]
)
def test_the_same_calls_keys_and_refusals_as_botocore(first, home):
    for seed in range(first, first + 50):
        what = difference(seed, home)
        assert not what, REPLAY.format(seed, what)


def test_roles_that_share_a_source_never_get_keys_of_another(home):
    for seed in range(8):
        what = mixing(seed, home)
        assert not what, REPLAY.format(seed, what)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_twenty_thousand_pairs(home):
    for seed in range(20_000):
        what = difference(seed, home)
        assert not what, REPLAY.format(seed, what)
