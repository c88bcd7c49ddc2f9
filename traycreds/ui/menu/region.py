"""The submenu of a role's region: the configured one, and others on offer. Pure."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Collection

from traycreds.core.events import RegionChosen
from traycreds.core.model import RoleName
from traycreds.core.snapshot import RoleView
from traycreds.lifecycle import regions
from traycreds.ui.menu import labels
from traycreds.ui.menu.item import Entry, Item, Separator, info


def entry(view: RoleView, in_use: Collection[str]) -> Entry:
    """The submenu; `in_use` are the regions of all roles."""
    offered = tuple(region for region in regions.offered(view, in_use) if region != view.configured_region)
    choices = _choices(view.name, view.region, view.configured_region, offered)
    return Entry("region", f"Region: {view.region or 'none'}", children=(*_note(view), *choices))


def _note(view: RoleView) -> list[Item]:
    rows = textwrap.wrap(view.region_note or "", labels.REASON_WIDTH, break_on_hyphens=False)
    lines: list[Item] = [info(f"note {number}", row) for number, row in enumerate(rows)]
    return [*lines, Separator()] if lines else []


@functools.lru_cache(maxsize=256)
def _choices(name: RoleName, region: str | None, configured: str | None, offered: tuple[str, ...]) -> tuple[Entry, ...]:
    """Entries that time never changes, so they need not be built again each minute."""
    return (
        Entry(
            f"configured:{name}",
            f"As configured ({configured or 'none'})",
            RegionChosen(name, None),
            checked=region == configured,
            radio=True,
        ),
        *(
            Entry(f"{each}:{name}", each, RegionChosen(name, each), checked=each == region, radio=True)
            for each in offered
        ),
    )
