"""What the user chose in menu and commands, kept over restarts: roles renewed until when, the default, the last used.

Holds no secret. Never stands in the way: what cannot be read or written is only logged.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from traycreds.adapters import files
from traycreds.core.errors import CredentialsFileError
from traycreds.core.messages import Event, RegionChosen, RoleChosen, RoleSwitched, RoleUsed
from traycreds.core.model import Role, RoleName
from traycreds.core.shown import Snapshot

log = logging.getLogger(__name__)

NAME = "choices.json"
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Whether one role is renewed.

    Attributes:
        keep: the user's choice.
        until: its end, aware, UTC; None is no end.
        configured: what the configuration said then; once it says otherwise, it was edited since, and counts.
    """

    keep: bool
    until: datetime | None
    configured: bool


@dataclass(frozen=True, slots=True)
class Region:
    """A region chosen for whoever uses a role's profile.

    Attributes:
        region: it.
        configured: what the configuration said then; once it says otherwise, it was edited since, and counts.
    """

    region: str
    configured: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """All choices of the user.

    Attributes:
        chosen: the role that is the `default` profile.
        keeping: for each role.
        recent: the roles used last, the newest first.
        regions: for each role that has another one than the configuration says.
    """

    chosen: RoleName | None = None
    keeping: Mapping[RoleName, Keeping] = field(default_factory=dict)
    recent: tuple[RoleName, ...] = ()
    regions: Mapping[RoleName, Region] = field(default_factory=dict)

    def events(self, roles: Iterable[Role]) -> tuple[Event, ...]:
        """What to tell the state that the configuration gave, so that it is as the user left it."""
        known = {role.name: role for role in roles}
        events: list[Event] = [
            RoleSwitched(name, keeping.keep, keeping.until)
            for name, keeping in self.keeping.items()
            if name in known and keeping.configured == known[name].keep
        ]
        chosen = {name: self.region_of(role) for name, role in known.items()}
        events += [RegionChosen(name, region) for name, region in chosen.items() if region is not None]
        if self.chosen in known:
            events.append(RoleChosen(self.chosen))
        events += [RoleUsed(name) for name in reversed(self.recent) if name in known]
        return tuple(events)

    def regions_alone(self) -> Choices:
        """What counts for a command as well, which keeps nothing and makes nothing the default."""
        return Choices(regions=self.regions)

    def region_of(self, role: Role) -> str | None:
        """What was chosen for a role as it is configured now; None leaves it to the configuration."""
        choice = self.regions.get(role.name)
        return None if choice is None or choice.configured != role.region else choice.region


def of(snapshot: Snapshot) -> Choices:
    """The choices that a snapshot shows."""
    return Choices(
        chosen=snapshot.chosen,
        keeping={
            view.name: Keeping(keep=view.kept, until=view.keep_until, configured=view.configured_keep)
            for view in snapshot.roles
        },
        recent=tuple(name for _, name in sorted((v.recent, v.name) for v in snapshot.roles if v.recent is not None)),
        regions={
            view.name: Region(region=view.region, configured=view.configured_region)
            for view in snapshot.roles
            if view.region is not None and view.region != view.configured_region
        },
    )


def load(state_dir: Path) -> Choices:
    """The choices of the last run; none if there are none, or the file is damaged."""
    path = state_dir / NAME
    try:
        data = files.read(path).data
        return Choices() if data is None else _decoded(json.loads(data))
    except (CredentialsFileError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        log.warning("%s is not used, since it cannot be read (%s)", path, type(error).__name__)
        return Choices()


def save(state_dir: Path, choices: Choices) -> None:
    """Keep choices for the next run; blocks for the disk."""
    path = state_dir / NAME
    data = (json.dumps(_encoded(choices), indent=2) + "\n").encode()
    try:
        files.replace(path, data, expected=files.read(path).data)
    except (CredentialsFileError, files.ChangedMeanwhileError) as error:
        log.warning("the choices could not be kept in %s (%s)", path, type(error).__name__)


def _encoded(choices: Choices) -> dict[str, Any]:
    roles = {
        name: {
            "keep": keeping.keep,
            "until": keeping.until.astimezone(timezone.utc).isoformat() if keeping.until else None,
            "configured": keeping.configured,
        }
        for name, keeping in choices.keeping.items()
    }
    regions = {
        name: {"region": choice.region, "configured": choice.configured} for name, choice in choices.regions.items()
    }
    return {
        "version": _VERSION,
        "default": choices.chosen,
        "recent": list(choices.recent),
        "roles": roles,
        "regions": regions,
    }


def _decoded(message: Any) -> Choices:
    if message["version"] != _VERSION:
        raise ValueError("another version")
    chosen = message["default"]
    return Choices(
        chosen=None if chosen is None else RoleName(str(chosen)),
        keeping={RoleName(name): _keeping(each) for name, each in message["roles"].items()},
        recent=tuple(RoleName(str(name)) for name in message.get("recent", ())),  # older versions kept none
        regions={RoleName(name): _region(each) for name, each in message.get("regions", {}).items()},
    )


def _region(each: Any) -> Region:
    configured = each["configured"]
    return Region(region=str(each["region"]), configured=None if configured is None else str(configured))


def _keeping(each: Any) -> Keeping:
    until = each["until"]
    moment = None if until is None else datetime.fromisoformat(until)
    if moment is not None and moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return Keeping(keep=each["keep"] is True, until=moment, configured=each["configured"] is True)
