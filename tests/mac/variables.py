"""Environment variables that say what macOS makes of the app under test. Needs none of Apple's declarations."""

from __future__ import annotations

BUNDLE = "TRAYCREDS_TEST_BUNDLE"
"""The variable that says of which app this process is; without it, of none."""
UNSIGNED = "TRAYCREDS_TEST_UNSIGNED"
"""The variable that says that macOS does not let it send notices, whatever the user says."""
