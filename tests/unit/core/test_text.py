"""Text for people and programs: what is written, shortened, escaped."""

import html
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders import HOUR, MINUTE
from traycreds.core.text import (
    alternatives,
    end_cut,
    escaped,
    json_value,
    name_list,
    notice_title,
    proxy_in_words,
    rfc_3339,
    span,
    utf_16_cut,
)

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("text", "marked_up"), [("R&D <dev>", "R&amp;D &lt;dev&gt;"), ('it\'s "so"', 'it\'s "so"')])
def test_what_markup_would_eat_is_named(text, marked_up):
    assert escaped(text) == marked_up


@given(st.text())
def test_it_is_what_the_library_makes_of_it(text):
    assert escaped(text) == html.escape(text, quote=False)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (-HOUR, "less than a minute"),
        (-90 * SECOND, "less than a minute"),
        (timedelta(), "less than a minute"),
        (59 * SECOND, "less than a minute"),
        (MINUTE, "1 min"),
        (12 * MINUTE + 59 * SECOND, "12 min"),
        (59 * MINUTE + 59 * SECOND, "59 min"),
        (HOUR, "1 h"),
        (HOUR + 5 * MINUTE, "1 h 5 min"),
        (HOUR + 12 * MINUTE, "1 h 12 min"),
        (36 * HOUR, "36 h"),
    ],
)
def test_a_span_in_words(length, words):
    assert span(length) == words


@pytest.mark.parametrize(
    ("names", "most", "listed"),
    [
        ("a", 1, "a"),
        ("ab", 1, "a and 1 more"),
        ("ab", 2, "a and b"),
        ("abc", 3, "a, b and c"),
        ("abcdef", 3, "a, b, c and 3 more"),
    ],
)
def test_a_list_of_names_counts_what_it_does_not_name(names, most, listed):
    assert name_list(tuple(names), most) == listed


def test_a_moment_is_written_in_utc_to_the_second():
    east = timezone(timedelta(hours=5, minutes=30))
    assert rfc_3339(datetime(2026, 11, 24, 17, 30, 5, 999, tzinfo=east)) == "2026-11-24T12:00:05Z"


@pytest.mark.parametrize(
    ("width", "whole_words", "shown"),
    [
        (13, False, "one, two, six"),
        (12, False, "one, two, s…"),
        (12, True, "one, two…"),
        (10, False, "one, two…"),
        (5, True, "one…"),
    ],
)
def test_a_sentence_is_cut_at_its_end_and_never_after_a_comma(width, whole_words, shown):
    assert end_cut("one, two, six", width, whole_words=whole_words) == shown


def test_of_one_long_word_as_much_is_shown_as_fits():
    assert end_cut("/home/jane/.local/state", 12, whole_words=True) == "/home/jane/…"


@pytest.mark.parametrize(
    ("words", "name", "title"),
    [
        ("{} was added", "dev", "dev was added"),
        ("{}: expires in 12 min", "billing-administrator", "billing-…istrator: expires in 12 min"),
        ("{}: kept for 23 h 59 min more", "billing-administrator", "billin…rator: kept for 23 h 59 min more"),
        ("Log not opened", "", "Log not opened"),
    ],
)
def test_a_title_shows_all_its_words_and_both_ends_of_a_long_name(words, name, title):
    assert notice_title(words, name) == title


@given(st.text(st.characters(blacklist_categories=["Cs"]) | st.sampled_from("🔑é")), st.integers(1, 40))
def test_a_cut_text_fits_and_is_a_beginning(text, units):
    out = utf_16_cut(text, units)
    assert len(out.encode("utf-16-le")) // 2 <= units
    assert out == text or (out.endswith("…") and text.startswith(out[:-1]))
    assert out == text or len(text.encode("utf-16-le")) // 2 > units


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "", "{", b"\xff", "9" * 5000, "\x00"], ids=lambda t: repr(t[:5])
)
def test_json_that_cannot_be_read_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"."):
        json_value(text)


def test_json_comes_back_as_its_value():
    assert json_value(b'{"a": [1, null]}') == {"a": [1, None]}


@pytest.mark.parametrize(("words", "listed"), [(["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")])
def test_alternatives(words, listed):
    assert alternatives(words) == listed


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"HTTPS_PROXY": "http://proxy:8080"}, "HTTPS_PROXY"),
        ({"https_proxy": "http://me:s3cr3t@proxy:8080/", "HTTPS_PROXY": "http://other:1"}, "https_proxy"),
        ({"HTTP_PROXY": "proxy:8080", "HTTPS_PROXY": "", "NO_PROXY": "proxy:8080"}, "HTTP_PROXY"),
        ({"HTTP_PROXY": "http://proxy:8080", "HTTPS_PROXY": "http://proxy:8080"}, "HTTPS_PROXY or HTTP_PROXY"),
        ({"HTTPS_PROXY": "http://other:1"}, "the proxy settings of the system"),
    ],
)
def test_a_proxy_is_that_of_the_variable_that_names_it(environ, words):
    assert proxy_in_words("http://***:***@proxy:8080", environ) == words
