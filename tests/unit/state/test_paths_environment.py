"""The environment of a traycreds below `exec --server`: the user's own files again."""

from __future__ import annotations

import pytest

from traycreds.state import paths


@pytest.mark.parametrize(
    ("kept", "now", "after"),
    [
        ("", "/tmp/x/hidden-by-traycreds-exec", {}),
        ("/mine", "/tmp/x/hidden-by-traycreds-exec", {"AWS_SHARED_CREDENTIALS_FILE": "/mine"}),
        ("/mine", "/chosen/since", {"AWS_SHARED_CREDENTIALS_FILE": "/chosen/since"}),
    ],
)
def test_traycreds_below_a_served_program_steps_out_to_the_users_own_file(kept, now, after):
    environ = {"TRAYCREDS_CREDENTIALS_FILE": kept, "AWS_SHARED_CREDENTIALS_FILE": now, "HOME": "/h"}
    assert paths.own_environment(environ) == {**after, "HOME": "/h"}
