from __future__ import annotations

import pytest

from traycreds.awsfiles.profiles import section_name
from traycreds.awsfiles.section_headers import header


@pytest.mark.parametrize("kind", ["profile", "sso-session"])
@pytest.mark.parametrize("name", ["foo", "Foo Bar", "it's", 'say "so"', "a\\b", """both ' and " x""", "x\\'y"])
def test_what_is_written_is_read_as_that_name(kind, name):
    assert section_name(header(kind, name)) == (kind, name)
