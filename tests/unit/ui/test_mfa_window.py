from __future__ import annotations

import io

import pytest
from PIL import Image

from traycreds.ui import mfa_window
from traycreds.ui.icon import drawing, pixmaps
from traycreds.ui.icon.look import Look


def test_the_picture_of_a_dialog_is_a_png_of_the_icon():
    for side, _, argb in pixmaps.of(Look.FRESH):
        with Image.open(io.BytesIO(mfa_window._png(side, argb))) as picture:
            picture.load()
            assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (side, side))
            assert drawing.argb(picture) == argb


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "6 digits to go."),
        ("12 34", "2 digits to go."),
        ("12345", "1 digit to go."),
        ("123 456", ""),
        ("1234567", "Too long: a code has 6 digits."),
        ("12a456", "Digits only: a code has 6 of them."),
        ("\u0661\u0662\u0663\u0664\u0665\u0666", "Digits only: a code has 6 of them."),
    ],
)
def test_what_is_no_code_yet_is_said(typed, why):
    assert mfa_window.why_not(typed) == why
