"""SVG path data as points to draw lines between. Pure."""

from __future__ import annotations

from typing import TypeAlias

Point: TypeAlias = "tuple[float, float]"

_CURVE_STEPS = 12


def points_of(path: str) -> list[Point]:
    """The outline of a path with absolute M, L, C and Z; curves become short lines."""
    points: list[Point] = []
    words = path.replace("M", "M ").replace("L", "L ").replace("C", "C ").split()
    index = 0
    while index < len(words):
        command, count = words[index], {"M": 1, "L": 1, "C": 3, "Z": 0}[words[index]]
        numbers = [float(word) for word in words[index + 1 : index + 1 + 2 * count]]
        ends = list(zip(numbers[::2], numbers[1::2], strict=True))
        points += _curve(points[-1], *ends) if command == "C" else ends or points[:1]
        index += 1 + 2 * count
    return points


def _curve(start: Point, first: Point, second: Point, end: Point) -> list[Point]:
    """A cubic Bézier curve as short lines, without its start."""
    points = []
    for step in range(1, _CURVE_STEPS + 1):
        t = step / _CURVE_STEPS
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
        x, y = (sum(w * p[axis] for w, p in zip(weights, (start, first, second, end), strict=True)) for axis in (0, 1))
        points.append((x, y))
    return points
