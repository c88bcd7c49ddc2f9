"""Each program of a comparison is a column of its table."""

from __future__ import annotations

from tools.rivals import costs


def test_each_program_is_a_column():
    found = {"traycreds": {"start": "0.1 s", "memory": "40 MiB"}, "other 1.0": {"start": "0.2 s", "memory": "nothing"}}
    assert costs.table(found).splitlines() == [
        "| | traycreds | other 1.0 |",
        "|---|---|---|",
        "| start | 0.1 s | 0.2 s |",
        "| memory | 40 MiB | nothing |",
    ]
