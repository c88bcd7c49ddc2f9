"""The roles that a user names."""

from __future__ import annotations

import pytest

from traycreds.core.errors import ConfigError, UsageError
from traycreds.core.lookup import did_you_mean, known_roles


def test_each_named_role_comes_once():
    assert known_roles(["b", "a", "b"], ["a", "b", "c"]) == ("b", "a")


def test_a_name_that_is_no_role_is_refused_with_the_one_that_was_probably_meant():
    with pytest.raises(UsageError, match="There is no role prd") as caught:
        known_roles(["prd"], ["dev", "prod"])
    assert caught.value.hint == "Did you mean prod?"


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("PROD", ("dev", "prod"), "Did you mean prod?"),
        ("prod", ("dev", "PROD-EU"), "Did you mean PROD-EU?"),
        ("admin", ("dev", "billing-of-all-admin"), "Did you mean billing-of-all-admin?"),
        (
            "admin",
            ("one-long-name-admin", "two-long-names-admin", "x", "three-long-names-admin", "four-long-names-admin"),
            "Did you mean one-long-name-admin, two-long-names-admin or three-long-names-admin?",
        ),
        ("", ("dev", "prod"), "none"),
        ("xyz", ("dev", "prod"), "none"),
    ],
)
def test_what_was_probably_meant(word, known, hint):
    assert did_you_mean(word, known, otherwise="none") == hint


@pytest.mark.parametrize(
    ("count", "hint"),
    [(2, "The roles are: r0, r1."), (13, "`traycreds list` shows all 13 roles.")],
)
def test_where_none_is_near_all_are_named_if_they_are_few(count, hint):
    with pytest.raises(UsageError) as caught:
        known_roles(["xyz"], [f"r{number}" for number in range(count)])
    assert caught.value.hint == hint


def test_without_roles_the_way_to_the_first_is_shown():
    with pytest.raises(ConfigError, match="No role is configured"):
        known_roles([], [])
