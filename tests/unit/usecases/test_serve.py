"""An endpoint that does not come up is reported, and delays nobody."""

from __future__ import annotations

import sys

import pytest

from traycreds.core.errors import TraycredsError
from traycreds.usecases import serve


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "-c", "pass"),
        (sys.executable, "-c", "print('no JSON')"),
        ("/no/such/program",),
    ],
    ids=["silent", "garbage", "missing"],
)
def test_a_command_that_cannot_start_is_reported(command):
    with pytest.raises(TraycredsError, match="Could not start") as error:
        serve._start(command)
    assert error.value.hint.endswith("without --server.")
