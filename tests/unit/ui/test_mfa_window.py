from __future__ import annotations

import pytest

from traycreds.ui import mfa_window


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "6 digits to go."),
        ("12 34", "2 digits to go."),
        ("12345", "1 digit to go."),
        ("123 456", ""),
        ("1234567", "Too long: a code has 6 digits."),
        ("12a456", "Digits only: a code has 6 digits."),
        ("\u0661\u0662\u0663\u0664\u0665\u0666", "Digits only: a code has 6 digits."),
    ],
)
def test_an_incomplete_code_is_reported(typed, why):
    assert mfa_window.why_not(typed) == why
