from __future__ import annotations

import pytest

from traycreds.awsfiles.profiles import section_name
from traycreds.awsfiles.section_headers import header, header_remedy


def test_a_tab_is_no_part_of_the_name():
    assert header_remedy("profile\tdev") == "Write [profile dev]."


@pytest.mark.parametrize("kind", ["profile", "sso-session"])
@pytest.mark.parametrize("name", ["foo", "Foo Bar", "it's", 'say "so"', "a\\b", """both ' and " x""", "x\\'y"])
def test_what_is_written_is_read_as_that_name(kind, name):
    assert section_name(header(kind, name)) == (kind, name)
