"""The roles that a user names."""

from __future__ import annotations

import pytest

from traycreds.core.errors import ConfigError, UsageError
from traycreds.core.lookup import known_roles


def test_each_named_role_comes_once():
    assert known_roles(["b", "a", "b"], ["a", "b", "c"]) == ("b", "a")


def test_a_name_that_is_no_role_is_refused_with_the_one_that_was_probably_meant():
    with pytest.raises(UsageError, match="There is no role prd") as caught:
        known_roles(["prd"], ["dev", "prod"])
    assert caught.value.hint == "Did you mean prod?"


def test_without_roles_the_way_to_the_first_is_shown():
    with pytest.raises(ConfigError, match="No role is configured"):
        known_roles([], [])
