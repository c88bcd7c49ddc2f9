"""What was measured becomes a table between two marks of a document, and nothing else of the document changes."""

from __future__ import annotations

import pytest

from tests.bench import __main__ as bench
from tests.bench.row import Row, table, timed


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


@pytest.mark.parametrize(("under", "met"), [(0.15, True), (0.1, False)])
def test_the_best_and_the_middle_are_told_and_the_goal_is_for_the_best(under, met):
    row = timed("start", iter([0.3, 0.1, 0.2]).__next__, 3, under=under)
    assert row == Row("start", "0.100 s (median 0.200)", f"under {under} s", met=met)


@pytest.mark.parametrize("met", [True, False])
def test_a_goal_that_is_missed_ends_with_one(monkeypatch, capsys, met):
    for module in (bench.commands, bench.app, bench.scale):
        monkeypatch.setattr(module, "rows", lambda **_: [])
    monkeypatch.setattr(bench.app, "rows", lambda: [Row("start", "0.1 s", "under 0.2 s", met=met)])
    assert bench.main([]) == (0 if met else 1)
    assert ("its goal is missed: start" in capsys.readouterr().err) is not met
