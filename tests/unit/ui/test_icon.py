from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import MINUTE, NOW
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.shown import RoleView, Snapshot, Status
from traycreds.ui import icon
from traycreds.ui.icon import Look

ASSETS = Path(__file__).parents[3] / "assets"
PAIRS = list(itertools.combinations(Look, 2))


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize("size", icon.SIZES)
def test_every_look_fills_its_square_and_leaves_the_corners_free(look, size):
    picture = icon.image(look, size)
    assert (picture.mode, picture.size) == ("RGBA", (size, size))
    left, top, right, bottom = picture.getbbox()
    assert max(right - left, bottom - top) >= 0.8 * size
    corners = [picture.getpixel((x, y))[3] for x in (0, size - 1) for y in (0, size - 1)]
    assert corners == [0, 0, 0, 0]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_any_two_looks_differ_in_grey_at_16_pixels(one, other):
    """Whoever sees no colours still sees a difference: on a white and on a black panel."""
    from PIL import Image

    for panel in ("white", "black"):
        greys = []
        for look in (one, other):
            canvas = Image.new("RGBA", (16, 16), panel)
            canvas.alpha_composite(icon.image(look, 16))
            greys.append(canvas.convert("L").tobytes())
        differing = sum(abs(a - b) > 40 for a, b in zip(*greys, strict=True))
        assert differing >= 24, f"{one} and {other} differ in {differing} pixels of 256 on {panel}"


@pytest.mark.parametrize("look", Look)
def test_every_look_stands_out_from_light_and_dark_panels(look):
    """The main colour has a contrast of at least 2 to white and to near-black (WCAG's formula)."""
    red, green, blue, _ = max(icon.image(look, 64).getcolors(4096), key=lambda each: each[0] * (each[1][3] == 255))[1]

    def light(*bands):
        linear = [b / 255 / 12.92 if b <= 10 else ((b / 255 + 0.055) / 1.055) ** 2.4 for b in bands]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    shade = light(red, green, blue)
    assert (1.05) / (shade + 0.05) >= 2
    assert (shade + 0.05) / (light(0x2B, 0x2B, 0x2F) + 0.05) >= 2


def test_pixmaps_are_argb_in_network_byte_order():
    (width, height, data), *_ = icon.pixmaps(Look.FAILED)
    assert (width, height, len(data)) == (16, 16, 16 * 16 * 4)
    red, green, blue, alpha = icon.image(Look.FAILED, 16).getpixel((3, 8))
    at = 4 * (8 * 16 + 3)
    assert tuple(data[at : at + 4]) == (alpha, red, green, blue)
    assert red > 200 > green


@pytest.mark.parametrize(
    ("overall", "paused", "look"),
    [
        (Status.FRESH, False, Look.FRESH),
        (Status.REFRESHING, False, Look.REFRESHING),
        (Status.EXPIRING, False, Look.EXPIRING),
        (Status.EXPIRED, False, Look.FAILED),
        (Status.FAILED, False, Look.FAILED),
        (Status.OFF, False, Look.OFF),
        (Status.FRESH, True, Look.PAUSED),
        (Status.OFF, True, Look.PAUSED),
        (Status.FAILED, True, Look.FAILED),
        (Status.EXPIRING, True, Look.EXPIRING),
    ],
)
def test_look(overall, paused, look):
    assert icon.look(Snapshot(as_of=NOW, overall=overall, paused=paused)) is look


def chosen(minutes, **changes):
    view = RoleView(
        name=RoleName("dev"),
        profile=ProfileName("dev"),
        status=Status.FRESH,
        expires_at=None if minutes is None else NOW + minutes * MINUTE,
        is_default=True,
    )
    return Snapshot(as_of=NOW, roles=(replace(view, **changes),), overall=Status.FRESH)


@pytest.mark.parametrize(
    ("minutes", "twelfths"), [(600, 12), (60, 12), (56, 12), (55, 11), (30, 6), (5, 1), (1, 1), (0, None), (-9, None)]
)
def test_the_ring_is_a_dial_of_an_hour(minutes, twelfths):
    assert icon.left(chosen(minutes)) == twelfths


def test_there_is_no_ring_without_a_default_role_in_good_times():
    assert icon.left(chosen(None)) is None
    assert icon.left(chosen(30, is_default=False)) is None
    assert icon.left(replace(chosen(30), overall=Status.EXPIRING)) is None
    assert icon.left(replace(chosen(30), paused=True)) is None


@pytest.mark.parametrize("size", icon.SIZES)
def test_a_ring_is_drawn_where_there_is_room(size):
    plain, ringed = icon.image(Look.FRESH, size), icon.image(Look.FRESH, size, 6)
    if size < 22:
        assert ringed.tobytes() == plain.tobytes()
        return
    edge = size // 12  # in the middle of the ring's band
    assert ringed.getpixel((size - 1 - edge, size // 2 - size // 8))[3] > 200, "the first half hour is on the right"
    assert 40 < ringed.getpixel((edge, size // 2 - size // 8))[3] < 110, "what has run out is faint"
    assert ringed.getpixel((size // 2 - size // 12, size // 2 + size // 16))[3] == 255, "the shield is within"
    assert all(ringed.getpixel((x, y))[3] == 0 for x in (0, size - 1) for y in (0, size - 1))


def test_every_twelfth_is_seen_at_22_pixels():
    pictures = [icon.image(Look.FRESH, 22, twelfths).tobytes() for twelfths in range(1, 13)]
    assert len(set(pictures)) == 12


@pytest.mark.parametrize("look", Look)
def test_the_sources_in_assets_are_the_same_drawings(look):
    assert (ASSETS / f"{look.value}.svg").read_text(encoding="utf-8") == icon.svg(look)
