"""The back end of pystray that the user asks for; apart from what imports pystray, which ours does without."""

from __future__ import annotations

import os

BACK_END = "PYSTRAY_BACKEND"
"""The variable by which pystray chooses."""


def forced_back_end() -> str | None:
    """Its name, or None."""
    return os.environ.get(BACK_END) or None
