"""What other programs do to the files is noticed without a command that asks, where the system tells about it."""

from __future__ import annotations

import sys

import pytest

from tests.support.wait_until import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the files are looked at each 30 seconds")
SOON = 20
"""Seconds, of which a busy machine needs some; the files are looked at each 30."""


@pytest.fixture
def kept(sandbox, start):
    sandbox.add_role("dev", extra="keep = true")
    start()
    sandbox.wait_for_profile("dev-session")
    return sandbox


def test_a_session_that_another_program_removed_is_put_back(kept):
    text = kept.credentials_file.read_text(encoding="utf-8")
    kept.credentials_file.write_text(text.partition("\n[dev-session]")[0], encoding="utf-8")
    until(lambda: "dev-session" in kept.profiles(), "it is put back", timeout=SOON)


def test_a_role_that_was_added_to_the_configuration_is_kept(kept):
    kept.add_role("ops", extra="keep = true")
    until(lambda: "ops-session" in kept.profiles(), "it has a session", timeout=SOON)
