from datetime import datetime, timedelta, timezone

import pytest

from tests.support.builders import NOW
from traycreds.core.text import from_rfc_3339, rfc_3339, sensible

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


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T12:00:00Z",
        " 2026-11-24T12:00:00Z\n",
        "2026-11-24T12:00:00UTC",
        "2026-11-24T12:00:00+00:00",
        "2026-11-24T14:00:00+02:00",
        "2026-11-24T05:00:00.000-07:00",
    ],
)
def test_a_moment_is_read_as_tools_write_it(text):
    assert from_rfc_3339(text) == datetime(2026, 11, 24, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize("moment", [NOW, NOW.astimezone(FAR_EAST), NOW.replace(microsecond=123456)], ids=str)
def test_a_moment_that_we_write_is_read_again(moment):
    assert from_rfc_3339(moment.isoformat()) == moment
    assert from_rfc_3339(rfc_3339(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize("value", [None, 5, "", "soon", "Z", "2026-11-24T12:00:00", "2026-13-24T12:00:00Z", NOW])
def test_an_invalid_moment_is_none(value):
    assert from_rfc_3339(value) is None
