"""What was measured becomes a table between two marks of a document, and nothing else of the document changes."""

from __future__ import annotations

import pytest

from tools.bench import __main__
from tools.bench.row import Figure, compared, table
from tools.marked_page import put


def test_rows_become_a_table():
    rows = [
        Figure("start", "0.1 s", "under 0.2 s", "0.3 s (other)"),
        Figure("memory", "9 MiB"),
        Figure("wake-ups", "5", "at most 4", met=False),
    ]
    assert table(rows).splitlines() == [
        "| | traycreds | goal | others |",
        "|---|---|---|---|",
        "| start | 0.1 s | under 0.2 s | 0.3 s (other) |",
        "| memory | 9 MiB |  |  |",
        "| wake-ups | 5 | at most 4, **missed** |  |",
    ]


def test_the_table_takes_the_place_of_the_last_one():
    text = "a\n<!-- bench -->\nold\n\\1\n<!-- /bench -->\nb\n"
    assert put(text, "bench", "| \\g<1> |\n") == "a\n<!-- bench -->\n| \\g<1> |\n<!-- /bench -->\nb\n"
    assert put("<!-- bench -->\n<!-- /bench -->\n", "bench", "new\n") == "<!-- bench -->\nnew\n<!-- /bench -->\n"


def test_a_document_without_marks_is_an_error():
    with pytest.raises(ValueError, match="two marks"):
        put("nothing here", "bench", "new\n")


@pytest.mark.parametrize(("most", "met"), [(5, True), (4.9, False)])
def test_the_goal_is_a_multiple_of_a_bare_python_and_for_the_best_of_both(most, met):
    ours, bare = iter([0.3, 0.1, 0.2] * 3), iter([0.05, 0.03, 0.02] * 3)
    row = compared("start", ours.__next__, bare.__next__, most=most)
    assert row == Figure("start", "5.0 times 20.0 ms: 0.100 s (median 0.200)", f"at most {most:g} times", met=met)


@pytest.mark.parametrize("met", [True, False])
def test_a_goal_that_is_missed_ends_with_one(monkeypatch, capsys, met):
    for module in (__main__.commands, __main__.app, __main__.scale):
        monkeypatch.setattr(module, "rows", lambda **_: [])
    monkeypatch.setattr(__main__.curves, "measured", lambda _growths: [])
    monkeypatch.setattr(__main__.app, "rows", lambda: [Figure("start", "0.1 s", "under 0.2 s", met=met)])
    assert __main__.main([]) == (0 if met else 1)
    assert ("its goal is missed: start" in capsys.readouterr().err) is not met
