"""A home folder in which fish starts as it does every day."""

from __future__ import annotations

from pathlib import Path


def prepare_fish(home: Path) -> None:
    """Spare fish its very first start, which makes completions of all manual pages: 20 s of a processor, left running."""
    (home / ".local" / "share" / "fish" / "generated_completions").mkdir(parents=True, exist_ok=True)
