"""Saves the user's choices when they change, and restores them at the start. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from traycreds.core.engine_state import Choices, Keeping, Region, State
from traycreds.core.events import Event, RegionChosen, RoleChosen, RoleSwitched, RoleUsed, SaveChoices
from traycreds.core.model import Role, RoleName
from traycreds.core.value_class import replace


def of(state: State) -> Choices:
    """The choices that a state holds."""
    return Choices(
        chosen=state.chosen,
        keeping={
            session.role.name: Keeping(keep=session.keep, until=session.keep_until, configured=session.role.keep)
            for session in state.sessions
        },
        recent=tuple(name for name in state.recent if state.session(name) is not None),
        regions={
            session.role.name: Region(region=session.region, configured=session.role.region)
            for session in state.sessions
            if session.region is not None and session.region != session.role.region
        },
    )


def events(choices: Choices, roles: Iterable[Role]) -> tuple[Event, ...]:
    """The events that restore the user's choices in a newly configured state."""
    by_name = {role.name: role for role in roles}
    regions = {name: choices.region_of(role) for name, role in by_name.items()}
    # What the configuration says anyway needs none: each passes over all roles, before the icon is there.
    others = {name: keeping for name, keeping in choices.keeping.items() if _is_other(keeping)}
    found: list[Event] = [
        RoleSwitched(RoleName(name), keeping.keep, keeping.until)
        for name, keeping in others.items()
        if name in by_name and keeping.configured == by_name[RoleName(name)].keep
    ]
    found += [RegionChosen(name, region) for name, region in regions.items() if region is not None]
    if choices.chosen is not None and choices.chosen in by_name:
        found.append(RoleChosen(RoleName(choices.chosen)))
    found += [RoleUsed(RoleName(name)) for name in reversed(choices.recent) if name in by_name]
    return tuple(found)


def _is_other(keeping: Keeping) -> bool:
    return keeping.until is not None or keeping.keep != keeping.configured


def save(state: State) -> tuple[State, tuple[SaveChoices, ...]]:
    """Save the choices if they changed; never if `saved_choices` is None."""
    if state.saved_choices is None:
        return state, ()
    newest = of(state)
    if newest == state.saved_choices:
        return state, ()
    return replace(state, saved_choices=newest), (SaveChoices(newest),)
