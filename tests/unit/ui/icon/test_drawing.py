from __future__ import annotations

import contextlib
import itertools
import sys
import types
from pathlib import Path

import pytest

from tests.support.builders import MINUTE, NOW
from tests.support.contrast import contrast
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.value_class import replace
from traycreds.ui.icon import drawing, look
from traycreds.ui.icon.look import SIZES, Look, Theme

ASSETS = Path(__file__).parents[4] / "assets"
PAIRS = list(itertools.combinations(Look, 2))


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize("size", SIZES)
def test_every_look_fills_its_square_and_leaves_the_corners_free(look, size):
    picture = drawing.image(look, size)
    assert (picture.mode, picture.size) == ("RGBA", (size, size))
    left, top, right, bottom = picture.getbbox()
    assert max(right - left, bottom - top) >= 0.8 * size
    corners = [picture.getpixel((x, y))[3] for x in (0, size - 1) for y in (0, size - 1)]
    assert corners == [0, 0, 0, 0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("look", [Look.EXPIRING, Look.WAITING, Look.FAILED, Look.OFF, Look.PAUSED])
def test_what_is_symmetric_is_so_in_every_pixel(look, size):
    """The eye sees one edge that is softer than the other; none is, but for what rounds a curve's points."""
    from PIL import ImageOps

    picture = drawing.image(look, size)
    both = zip(picture.tobytes(), ImageOps.mirror(picture).tobytes(), strict=True)
    assert max(abs(one - other) for one, other in both) <= 4, "of 255"


@pytest.mark.parametrize("look", Look)
def test_a_template_is_black_and_its_marks_are_holes(look):
    """macOS shows its opacity alone, in the tone of the menu bar."""
    template, picture = drawing.template(look, 36), drawing.image(look, 36)
    assert set(template.convert("RGB").tobytes()) == {0}
    assert template.getbbox() == picture.getbbox()
    places = list(itertools.product(range(36), range(36)))
    white = {place for place in places if picture.getpixel(place) == (255, 255, 255, 255)}
    opaque = {place for place in places if template.getpixel(place)[3] > 200}
    assert opaque
    assert not opaque & white


def test_edges_that_stand_on_the_grid_are_crisp_at_16_pixels():
    octagon = drawing.image(Look.FAILED, 16).getchannel("A")
    assert [octagon.getpixel((x, 8)) for x in (0, 1, 14, 15)] == [0, 255, 255, 0]
    assert [octagon.getpixel((8, y)) for y in (0, 1, 14, 15)] == [0, 255, 255, 0]
    bars = drawing.image(Look.PAUSED, 16)
    white = [bars.getpixel((x, 7))[:3] == (255, 255, 255) for x in range(16)]
    assert [x for x in range(16) if white[x]] == [5, 6, 9, 10]


def on(panel, look, theme, size=16):
    from PIL import Image

    canvas = Image.new("RGBA", (size, size), panel)
    canvas.alpha_composite(drawing.image(look, size, None, theme))
    return canvas


PANELS = {Theme.AUTO: ("white", "#2b2b2f"), Theme.LIGHT: ("white", "#dcdad5"), Theme.DARK: ("#4b5563", "black")}
"""The lightest and the darkest panel that each theme is for."""


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_any_two_looks_differ_in_grey_at_16_pixels(one, other, theme):
    """A person who sees no colours still sees a difference."""
    for panel in PANELS[theme]:
        greys = [on(panel, look, theme).convert("L").tobytes() for look in (one, other)]
        differing = sum(abs(a - b) > 40 for a, b in zip(*greys, strict=True))
        assert differing >= 24, f"{one} and {other} differ in {differing} pixels of 256 on {panel}"


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("look", Look)
def test_every_look_stands_out_from_the_panels_of_its_theme(look, theme):
    from PIL import ImageColor

    colours = drawing.image(look, 64, None, theme).getcolors(8192)
    counted = sorted((each for each in colours if each[1][3] == 255), reverse=True)
    # The icon has a light line within a dark one, and each panel shows one of them.
    if look is Look.OFF and theme is Theme.AUTO:
        counted, panels = counted[:2], (*PANELS[theme], "#6e6e6e", "#808080", "#9a9a9a")
    else:
        counted, panels = counted[:1], PANELS[theme]
    for panel in panels:
        found = max(contrast(colour[:3], ImageColor.getrgb(panel)) for _, colour in counted)
        assert found >= (2 if theme is Theme.AUTO else 3), f"{look} in {theme} on {panel}: {found:.1f}"


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("look", [Look.FRESH, Look.EXPIRING, Look.WAITING, Look.FAILED, Look.PAUSED])
def test_the_mark_stands_out_from_what_it_is_on(look, theme):
    counted = [each for each in drawing.image(look, 64, None, theme).getcolors(8192) if each[1][3] == 255]
    # The third colour may be that of an edge.
    main, *others = [colour[:3] for _, colour in sorted(counted, reverse=True)[:3]]
    assert max(contrast(main, other) for other in others) >= 3


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_a_theme_of_the_users_choice_is_taken(theme):
    assert look.theme(Snapshot(as_of=NOW, theme=theme.value)) is theme


@pytest.mark.parametrize(("value", "theme"), [(0, Theme.DARK), (1, Theme.LIGHT), (None, Theme.AUTO)])
def test_windows_reports_the_theme_of_its_taskbar(monkeypatch, value, theme):
    asked = []

    @contextlib.contextmanager
    def open_key(root, path):
        asked.append((root, path))
        yield "key"

    def query(key, name):
        asked.append((key, name))
        if value is None:
            raise FileNotFoundError(name)
        return value, 4

    winreg = types.SimpleNamespace(OpenKey=open_key, QueryValueEx=query, HKEY_CURRENT_USER="HKCU")
    monkeypatch.setattr(look, "winreg", winreg, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert look.theme(Snapshot(as_of=NOW)) is Theme.AUTO, "nobody asks elsewhere"
    assert asked == []
    monkeypatch.setattr(sys, "platform", "win32")
    assert look.theme(Snapshot(as_of=NOW)) is theme
    path = "Software\\Microsoft\\Windows\\CurrentVersion\\Themes\\Personalize"
    assert asked == [("HKCU", path), ("key", "SystemUsesLightTheme")]
    assert look.theme(Snapshot(as_of=NOW, theme="light")) is Theme.LIGHT


def test_pixmaps_are_argb_in_network_byte_order():
    (width, height, data), *_ = drawing.pixmaps(Look.FAILED)
    assert (width, height, len(data)) == (16, 16, 16 * 16 * 4)
    red, green, blue, alpha = drawing.image(Look.FAILED, 16).getpixel((3, 8))
    at = 4 * (8 * 16 + 3)
    assert tuple(data[at : at + 4]) == (alpha, red, green, blue)
    assert red > 200 > green


@pytest.mark.parametrize(
    ("overall", "paused", "expected"),
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
def test_look(overall, paused, expected):
    assert look.look(Snapshot(as_of=NOW, overall=overall, paused=paused)) is expected


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
    ("minutes", "twelfths"), [(61, 12), (60, 12), (56, 12), (55, 11), (30, 6), (5, 1), (1, 1), (0, None), (-9, None)]
)
def test_the_ring_measures_the_session_s_own_life(minutes, twelfths):
    assert look.left(chosen(minutes, lifetime=60 * MINUTE)) == twelfths
    assert look.left(chosen(12 * minutes, lifetime=12 * 60 * MINUTE)) == twelfths


def test_there_is_no_ring_without_a_default_role_in_good_times():
    assert look.left(chosen(None)) is None
    assert look.left(chosen(30, is_default=False)) is None
    assert look.left(replace(chosen(30), overall=Status.EXPIRING)) is None
    assert look.left(replace(chosen(30), paused=True)) is None


@pytest.mark.parametrize("size", SIZES)
def test_a_ring_is_drawn_where_it_fits(size):
    plain, ringed = drawing.image(Look.FRESH, size), drawing.image(Look.FRESH, size, 6)
    if size < 22:
        assert ringed.tobytes() == plain.tobytes()
        return
    # This is the middle of the ring's band.
    edge = size // 12
    assert ringed.getpixel((size - 1 - edge, size // 2 - size // 8))[3] > 200, "the first half hour is on the right"
    assert 40 < ringed.getpixel((edge, size // 2 - size // 8))[3] < 110, "what has run out is faint"
    assert ringed.getpixel((size // 2 - size // 12, size // 2 + size // 16))[3] == 255, "the shield is within"
    assert all(ringed.getpixel((x, y))[3] == 0 for x in (0, size - 1) for y in (0, size - 1))


def test_every_twelfth_is_seen_at_22_pixels():
    pictures = [drawing.image(Look.FRESH, 22, twelfths).tobytes() for twelfths in range(1, 13)]
    assert len(set(pictures)) == 12


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("look", Look)
def test_the_sources_in_assets_are_the_same_drawings(look, theme):
    source = (ASSETS / drawing.svg_name(look, theme)).read_text(encoding="utf-8")
    assert source == drawing.svg(look, theme), "draw it again: python packaging/docs/icons.py --drawn"


@pytest.mark.parametrize("left", [None, 5])
@pytest.mark.parametrize("look", Look)
def test_a_picture_that_is_drawn_in_parts_is_the_same(look, left, monkeypatch):
    whole = drawing.image.__wrapped__(look, 48, left)
    # With this limit, the last part is smaller than the others.
    monkeypatch.setattr(drawing, "AT_ONCE", 48 * 8**2 * 5)
    assert drawing.image.__wrapped__(look, 48, left).tobytes() == whole.tobytes()
