"""The back end of pystray that the user asks for; separate from what imports pystray, which our own does not need."""

from __future__ import annotations

import os

BACK_END = "PYSTRAY_BACKEND"
"""The variable by which pystray chooses."""


def forced_back_end() -> str | None:
    """Its name, or None."""
    return os.environ.get(BACK_END) or None
