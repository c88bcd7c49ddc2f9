"""Where a test of tests/mac runs."""

from __future__ import annotations

import pytest

from tests.mac import declarations
from tests.windows.mark import not_on_windows

needs_declarations = pytest.mark.skipif(bool(declarations.missing()), reason=declarations.missing() or "they are there")
as_on_a_mac = [pytest.mark.mac, not_on_windows, needs_declarations, pytest.mark.timeout(120)]
"""Marks of every module."""
