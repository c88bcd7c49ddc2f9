"""What was measured becomes a table between two marks of a document, and nothing else of the document changes."""

from __future__ import annotations

import pytest

from tests.bench import __main__ as bench
from tests.bench.row import Row, seconds, table


def test_rows_become_a_table():
    rows = [Row("start", "0.1 s", "under 0.2 s", "0.3 s (other)"), Row("memory", "9 MiB")]
    assert table(rows).splitlines() == [
        "| | traycreds | goal | others |",
        "|---|---|---|---|",
        "| start | 0.1 s | under 0.2 s | 0.3 s (other) |",
        "| memory | 9 MiB |  |  |",
    ]


def test_the_table_takes_the_place_of_the_last_one():
    text = "a\n<!-- bench -->\nold\n\\1\n<!-- /bench -->\nb\n"
    assert bench.put(text, "| \\g<1> |") == "a\n<!-- bench -->\n| \\g<1> |\n<!-- /bench -->\nb\n"
    assert bench.put("<!-- bench -->\n<!-- /bench -->\n", "new") == "<!-- bench -->\nnew\n<!-- /bench -->\n"


def test_a_document_without_marks_is_told():
    with pytest.raises(ValueError, match="two marks"):
        bench.put("nothing here", "new")


def test_the_best_and_the_middle_are_told():
    times = iter([0.3, 0.1, 0.2])
    assert seconds(lambda: next(times), 3) == "0.100 s (median 0.200)"
