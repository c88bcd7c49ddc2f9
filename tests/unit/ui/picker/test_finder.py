"""What is typed finds what is meant, the likeliest first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traycreds.ui.picker.finder import Candidate, Finder

ROLES = (
    Candidate("prod-admin", ("444455556666", "shop")),
    Candidate("prod-ReadOnly", ("444455556666", "shop")),
    Candidate("nonprod-ReadOnlyAccess", ("111122223333", "shop")),
    Candidate("dev", ("123456789012", "data")),
    Candidate("dev-admin", ("123456789012", "data")),
    Candidate("PlatformAuditor", ("999900001111", "audit")),
    Candidate("production-billing-ReadOnly", ("777788889999", "billing")),
)


def found(typed, candidates=ROLES):
    return [candidates[place].name for place in Finder(candidates).find(typed)]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("", [role.name for role in ROLES]),
        ("   ", [role.name for role in ROLES]),
        ("dev", ["dev", "dev-admin"]),
        ("DEV", ["dev", "dev-admin"]),
        ("prod", ["prod-admin", "prod-ReadOnly", "production-billing-ReadOnly", "nonprod-ReadOnlyAccess"]),
        ("admin", ["prod-admin", "dev-admin"]),
        ("admin prod", ["prod-admin"]),
        ("pa", ["prod-admin", "PlatformAuditor"]),
        ("pbro", ["production-billing-ReadOnly"]),
        ("only", ["prod-ReadOnly", "nonprod-ReadOnlyAccess", "production-billing-ReadOnly"]),
        ("4444", ["prod-admin", "prod-ReadOnly"]),
        ("shop admin", ["prod-admin"]),
        ("data", ["dev", "dev-admin"]),
        ("prdadm", ["prod-admin"]),
        ("dvadm", ["dev-admin"]),
        ("zzz", []),
        ("dev zzz", []),
        ("[", []),
    ],
)
def test_words(typed, names):
    assert found(typed) == names


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("prod*ReadOnly*", ["prod-ReadOnly", "production-billing-ReadOnly"]),
        ("prod*readonly", ["prod-ReadOnly", "production-billing-ReadOnly"]),
        ("prod*Re", ["prod-ReadOnly", "production-billing-ReadOnly"]),
        ("*ReadOnly", ["prod-ReadOnly", "production-billing-ReadOnly", "nonprod-ReadOnlyAccess"]),
        ("*admin", ["prod-admin", "dev-admin"]),
        ("de?", ["dev", "dev-admin"]),
        ("1111*", ["nonprod-ReadOnlyAccess"]),
        ("*", [role.name for role in ROLES]),
        ("prod* 4444", ["prod-admin", "prod-ReadOnly"]),
        ("x*", []),
        ("(*", []),
    ],
)
def test_patterns(typed, names):
    assert found(typed) == names


def test_no_pattern_is_slow():
    """One with many stars, tried in all ways, would take years."""
    assert found("a*" * 30 + "z", (Candidate("a" * 200), Candidate("a" * 200 + "z"))) == ["a" * 200 + "z"]


def test_scattered_letters_count_where_nothing_better_is_found():
    assert found("prod", (Candidate("prod"), Candidate("pxrxoxd"))) == ["prod"]
    assert found("prod", (Candidate("pxrxoxd"), Candidate("dev"))) == ["pxrxoxd"]


def test_the_tighter_of_scattered_letters_come_first():
    assert found("acz", (Candidate("a-b-c-----z"), Candidate("xaxcz"), Candidate("zca"))) == ["xaxcz", "a-b-c-----z"]


def test_those_that_fit_alike_keep_their_order():
    names = [f"role-{number}" for number in (3, 1, 2)]
    assert found("role", tuple(map(Candidate, names))) == names


@given(st.lists(st.text("abAB-*", max_size=6), max_size=8), st.text("abAB-*? ", max_size=6))
def test_each_is_found_once_at_most_and_a_longer_text_never_finds_what_its_words_alone_do_not(names, typed):
    finder = Finder(tuple(map(Candidate, names)))
    places = finder.find(typed)
    assert len(set(places)) == len(places)
    for word in typed.split():
        # Scattered letters of one word give way to better matches, so only the count says that something was found.
        assert not places or finder.find(word)
