"""Sentences in a window: broken between words."""

from __future__ import annotations

from traycreds.cli.live.span import Span, clipped, plain, wrapped


def test_a_sentence_is_broken_between_words_and_what_follows_is_indented():
    assert wrapped(["one two-three four\nfive"], 12) == ["one", "  two-three", "  four", "five"]
    assert wrapped(["role-with-hyphens is kept"], 20) == ["role-with-hyphens is", "  kept"]
    assert wrapped(["  staging  fails from minute 15"], 24) == ["  staging  fails from", "    minute 15"]


def test_a_word_wider_than_the_window_is_the_one_that_is_broken():
    assert wrapped(["abcdefgh"], 3) == ["abc", "def", "gh"]
    assert wrapped(["ab"], 0) == ["a", "b"]


def test_an_empty_line_stays():
    assert wrapped(["a\n\nb"], 10) == ["a", "", "b"]


def test_a_line_is_clipped_across_its_spans():
    line = [Span("good", "fresh"), Span("", ""), Span("bad", "failed")]
    assert clipped(line, 7) == [Span("good", "fresh"), Span("bad", "fa")]
    assert plain(clipped(line, 2)) == "fr"
    assert clipped(line, 0) == []
