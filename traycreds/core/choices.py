"""The user's choices in menu and commands: kept roles, the default, the last used, regions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from traycreds.core.model import Role
from traycreds.core.value_class import field, value_class


@value_class(kw_only=True)
class Keeping:
    """Whether one role is renewed, `until` when (UTC), and what the configuration said at the choice."""

    keep: bool
    until: datetime | None
    configured: bool


@value_class
class Region:
    """A region that the user chose for a role's profile, and what the configuration said at that time."""

    region: str
    configured: str | None


@value_class(kw_only=True)
class Choices:
    """All choices of the user; `chosen` is the `default` profile, `recent` has the newest first."""

    chosen: str | None = None
    keeping: Mapping[str, Keeping] = field(default_factory=dict)
    recent: tuple[str, ...] = ()
    regions: Mapping[str, Region] = field(default_factory=dict)

    def regions_alone(self) -> Choices:
        """What counts for a command as well, which keeps nothing and makes nothing the default."""
        return Choices(regions=self.regions)

    def region_of(self, role: Role) -> str | None:
        """What was chosen for a role as it is configured now; None leaves it to the configuration."""
        choice = self.regions.get(role.name)
        return None if choice is None or choice.configured != role.region else choice.region
