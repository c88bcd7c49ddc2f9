"""Markup in notices and tooltips shows what it was made of."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traycreds.core.markup import escaped


@pytest.mark.parametrize(("text", "marked_up"), [("R&D <dev>", "R&amp;D &lt;dev&gt;"), ('it\'s "so"', 'it\'s "so"')])
def test_what_markup_would_eat_is_named(text, marked_up):
    assert escaped(text) == marked_up


@given(st.text())
def test_it_is_what_the_library_makes_of_it(text):
    assert escaped(text) == html.escape(text, quote=False)
