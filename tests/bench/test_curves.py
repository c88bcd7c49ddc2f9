"""Whether a cost grows faster than the number of roles shows in its curve, without its fixed part."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from tools.bench import chart, curves
from tools.bench.curves import Growth


def cost(fixed, power):
    return Growth("cost", "ms", {size: fixed + size**power for size in curves.SIZES})


@pytest.mark.parametrize(("power", "linear"), [(0.5, True), (1.0, True), (1.3, False), (2.0, False)])
@pytest.mark.parametrize("fixed", [0, 1_000])
def test_a_cost_is_linear_whatever_part_of_it_is_fixed(power, linear, fixed):
    assert cost(fixed, power).linear is linear


def test_a_cost_that_does_not_grow_is_linear():
    assert Growth("cost", "ms", {10: 5.0, 100: 4.0, 1_000: 4.5, 10_000: 4.4}).linear


def test_a_cost_that_grows_too_fast_misses_its_goal():
    (line,) = curves.rows([cost(0, 2.0)])
    assert not line.met
    assert line.ours == "100 and 1e+08 ms, power 2.00 of the number"


def test_the_picture_has_a_curve_and_a_name_for_each_cost():
    picture = ET.fromstring(curves.picture([cost(5, 1.0), Growth("a < b", "ms", {10: 1.0, 10_000: 900.0})]))
    namespace = "{http://www.w3.org/2000/svg}"
    names = [text.text for text in picture.iter(f"{namespace}text") if text.get("fill") in chart.COLORS]
    assert names == ["cost, ms", "a < b, ms"], "the dearest first"
    assert [len(line.get("points").split()) for line in picture.iter(f"{namespace}polyline")] == [4, 2]
