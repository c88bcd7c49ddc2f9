"""The key of ~/.aws/config that marks a region as ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping

REGION_MARKER = "traycreds_region"
"""The key that makes the region beside it ours; AWS tools do not know it."""


def is_our_region(own: Mapping[str, str]) -> bool:
    """Whether the region of a section is the one that we wrote there."""
    return REGION_MARKER in own and own.get("region") == own[REGION_MARKER]
