from __future__ import annotations

import pytest

from traycreds.core.names import OBJECT_MEMBERS, SAFE_NAME, account_id, safe_name, unusable


@pytest.mark.parametrize("name", [*OBJECT_MEMBERS, "-lead", "--", "", "<>", "Foo Bar"])
def test_a_safe_name_can_be_used_in_every_tool(name):
    safe = safe_name(name)
    assert SAFE_NAME.fullmatch(safe)
    assert unusable(safe) is None


@pytest.mark.parametrize(
    "value", [999988887777, True, 1.5, None, [], "", "12345678901", "١٢٣٤٥٦٧٨٩٠١٢", "123456789012\n"]
)
def test_what_is_no_id_of_an_account(value):
    assert account_id(value) is None
    assert account_id("123456789012") == "123456789012"
