"""How far two colors are apart for the eye, by WCAG's formula: it wants 4.5 for texts and 3 for everything else."""

from __future__ import annotations


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """From 1, for equal ones, to 21."""
    bright, dark = sorted((_light(*one), _light(*other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _light(red: int, green: int, blue: int) -> float:
    linear = [
        band / 255 / 12.92 if band <= 10 else ((band / 255 + 0.055) / 1.055) ** 2.4 for band in (red, green, blue)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
