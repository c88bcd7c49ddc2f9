from datetime import datetime, timedelta, timezone

import pytest

from tests.support.builders import NOW
from traycreds.core.text import sensible

FAR_EAST, FAR_WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


@pytest.mark.parametrize(
    ("moment", "is_sensible"),
    [
        (NOW, True),
        (datetime(1970, 1, 1, tzinfo=timezone.utc), True),
        (datetime(2199, 12, 31, 23, 59, tzinfo=timezone.utc), True),
        (datetime(1969, 12, 31, tzinfo=timezone.utc), False),
        (datetime(2200, 1, 1, tzinfo=timezone.utc), False),
        (datetime(1, 1, 1, tzinfo=FAR_EAST), False),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=FAR_WEST), False),
        (datetime(2026, 11, 29), False),  # noqa: DTZ001 - that is the point
        ("2026-11-29T00:00:00Z", False),
        (None, False),
    ],
    ids=str,
)
def test_a_moment_that_can_be_meant(moment, is_sensible):
    assert sensible(moment) is is_sensible
