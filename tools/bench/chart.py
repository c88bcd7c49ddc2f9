"""Draws curves as SVG, with both axes by powers of ten; text and lines are legible on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 56, 216, 24, 44
COLORS = ("#2f81f7", "#d29922", "#3fb950", "#f85149", "#a371f7", "#db61a2", "#6e7681", "#1b9e9e")
_GRAY = "#7d8590"
_BETWEEN_NAMES = 15


def drawn(lines: Mapping[str, Mapping[int, float]]) -> str:
    """An SVG picture of what each line's name costs, by the number of roles."""
    sizes = sorted({size for values in lines.values() for size in values})
    costs = [cost for values in lines.values() for cost in values.values()]
    low, high = math.floor(math.log10(min(costs))), math.ceil(math.log10(max(costs)))
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(size: float) -> float:
        return LEFT + (math.log10(size) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(cost: float) -> float:
        return HEIGHT - BOTTOM - (math.log10(cost) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        "<title>Cost by the number of roles</title>",
    ]
    for power in range(low, high + 1):
        level = y(10.0**power)
        parts += [
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{level:.1f}" y2="{level:.1f}" stroke="{_GRAY}" stroke-opacity=".3"/>',
            f'<text x="{LEFT - 8}" y="{level + 4:.1f}" text-anchor="end" fill="{_GRAY}">{10.0**power:,g}</text>',
        ]
    parts += [
        f'<text x="{x(size):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="{_GRAY}">{size:,}</text>'
        for size in sizes
    ]
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle" fill="{_GRAY}">roles</text>'
    )
    named_at = -math.inf
    for color, (name, values) in zip(
        COLORS, sorted(lines.items(), key=lambda line: y(line[1][sizes[-1]])), strict=False
    ):
        points = " ".join(f"{x(size):.1f},{y(cost):.1f}" for size, cost in sorted(values.items()))
        named_at = max(named_at + _BETWEEN_NAMES, y(values[sizes[-1]]) + 4)
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>',
            f'<text x="{WIDTH - RIGHT + 10}" y="{named_at:.1f}" fill="{color}">{escape(name)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
