from __future__ import annotations

import itertools

import pytest

from tests.support.builders import NOW
from traycreds.config import schema
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.ui.icon import badge, drawing, pixmaps
from traycreds.ui.icon.badge import COLORS, Badge
from traycreds.ui.icon.look import SIZES, Look


def shown(name="dev", *, is_default=True, **changes):
    view = RoleView(name=name, profile=name, status=Status.FRESH, is_default=is_default, **changes)
    return Snapshot(as_of=NOW, roles=(view,))


@pytest.mark.parametrize(
    ("snapshot", "expected"),
    [
        (shown(), None),
        (shown(color="blue"), Badge("blue", "D")),
        (shown(color="blue", label="staging"), Badge("blue", "S")),
        (shown("my-prod", color="red"), Badge("red", "P")),
        (shown(color="green", label="ä 7"), Badge("green", "7")),
        (shown(color="green", label="ж"), Badge("green", "")),
        (shown(color="blue", is_default=False), None),
        (shown(color="of another version"), None),
    ],
)
def test_it_is_that_of_the_default_role(snapshot, expected):
    assert badge.of(snapshot) == expected


def test_every_colour_of_the_configuration_can_be_drawn():
    assert tuple(COLORS) == schema.COLORS
    assert schema.PRODUCTION == badge.SQUARE


def corner(mark, side=16):
    """The grey tones and the opacity of the corner at 16 pixels: what a person sees who sees no colours."""
    size, pixels, _ = badge.drawn(mark, side)
    points = [pixels[4 * place : 4 * place + 4] for place in range(size * size)]
    return [alpha * (2126 * red + 7152 * green + 722 * blue) // 2550000 for alpha, red, green, blue in points]


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations("ABDPQST", 2)))
def test_letters_differ_at_16_pixels(one, other):
    differing = sum(
        abs(a - b) > 60 for a, b in zip(corner(Badge("blue", one)), corner(Badge("blue", other)), strict=True)
    )
    assert differing >= 2


def test_the_red_one_differs_by_its_shape():
    size, pixels, _ = badge.drawn(Badge("red", "P"), 16)
    round_size, round_pixels, _ = badge.drawn(Badge("green", "P"), 16)
    assert size == round_size
    last, inner = 4 * (size * size - 1), 4 * (size + 1)
    for at in (last, inner):
        assert (pixels[at], round_pixels[at] < 160) == (255, True), "the corners of the square and of the disc"


@pytest.mark.parametrize("color", COLORS)
def test_the_letter_stands_out(color):
    ground, ink = (
        sum(weight * ((tone >> shift & 255) / 255) ** 2.2 for weight, shift in ((0.2126, 16), (0.7152, 8), (0.0722, 0)))
        for tone in COLORS[color]
    )
    bright, dark = max(ground, ink), min(ground, ink)
    assert (bright + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("look", Look)
def test_the_state_is_still_seen_beside_it(look):
    plain, marked = pixmaps.of(look), badge.stamped(pixmaps.of(look), Badge("red", "P"))
    assert [each[:2] for each in marked] == [(side, side) for side in SIZES]
    for (side, _, before), (_, _, after) in zip(plain, marked, strict=True):
        same = sum(before[at : at + 4] == after[at : at + 4] for at in range(0, len(before), 4))
        assert 0.6 * side * side < same < 0.85 * side * side
    assert badge.stamped(plain, None) == plain


@pytest.mark.parametrize("side", SIZES)
def test_pillow_draws_the_same(side):
    picture = drawing.with_badge(drawing.image(Look.OFF, side), Badge("yellow", "Q"))
    red, green, blue, alpha = (band.tobytes() for band in picture.split())
    argb = b"".join(map(bytes, zip(alpha, red, green, blue, strict=True)))
    expected = badge.stamped([(side, side, drawing.argb(drawing.image(Look.OFF, side)))], Badge("yellow", "Q"))
    assert expected == ((side, side, argb),)
