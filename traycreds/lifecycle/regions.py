"""The regions for profiles in ~/.aws/config, and those that a role is offered. Pure; knows nothing of that file."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from traycreds.core.engine_state import Session, State
from traycreds.core.errors import FailureKind
from traycreds.core.events import SetRegions
from traycreds.core.model import DEFAULT_PROFILE, DesiredRegions, Role
from traycreds.core.snapshot import RoleView
from traycreds.core.value_class import replace
from traycreds.lifecycle.due_sessions import wanted

COMMON: Mapping[str, tuple[str, ...]] = {
    "aws": (
        "us-east-1",
        "us-east-2",
        "us-west-2",
        "ca-central-1",
        "sa-east-1",
        "eu-west-1",
        "eu-west-2",
        "eu-central-1",
        "eu-north-1",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
    ),
    "aws-us-gov": ("us-gov-east-1", "us-gov-west-1"),
    "aws-cn": ("cn-north-1", "cn-northwest-1"),
}
"""Regions offered in each partition besides those in use; a menu is not a catalog."""
_PREFIXES = {"us-gov-": "aws-us-gov", "cn-": "aws-cn"}


def partition_of(role: Role) -> str:
    """The partition of a role: by its ARN or that of its MFA device, else by its region, else `aws`."""
    scheme, _, rest = (role.arn or role.mfa_serial or "").partition(":")
    return rest.partition(":")[0] if scheme == "arn" and rest else _partition(role.region or "")


def _partition(region: str) -> str:
    return next((name for prefix, name in _PREFIXES.items() if region.startswith(prefix)), "aws")


def offered(view: RoleView, in_use: Collection[str]) -> tuple[str, ...]:
    """The regions offered for a role, with those `in_use` of its partition."""
    common = COMMON.get(view.partition, ())
    mine = (view.region, view.configured_region)
    more = {region for region in in_use if _partition(region) == view.partition} | {region for region in mine if region}
    return (*common, *sorted(more.difference(common)))


def desired(state: State, before: DesiredRegions) -> DesiredRegions:
    """The regions for ~/.aws/config; a profile has one while its session is on file or renewed.

    `before` was desired last; profiles of roles no longer configured get none.
    """
    # The sessions are still unknown, and that must not remove a region.
    if not state.file_known:
        return before
    regions = dict.fromkeys((profile for profile in before if profile != DEFAULT_PROFILE), None) | {
        session.role.profile: _region(session) if _used(session, state) else None for session in state.sessions
    }
    default = state.session(state.default_role)
    if default is not None:
        regions[DEFAULT_PROFILE] = _region(default)
    elif not _default_awaited(state):
        regions.setdefault(DEFAULT_PROFILE, None)
    elif DEFAULT_PROFILE in before:
        # The default is about to become a role's, so one write is enough.
        regions.setdefault(DEFAULT_PROFILE, before[DEFAULT_PROFILE])
    return regions


def _default_awaited(state: State) -> bool:
    """Whether `default` is about to be written, unless it has the user's own content."""
    refused = state.default_failure is not None and state.write_failure is None
    return state.session(state.chosen) is not None and not refused


def bring_about(state: State) -> tuple[State, tuple[SetRegions, ...]]:
    """Write the regions to ~/.aws/config if they changed; never if `desired_regions` is None."""
    before = state.desired_regions
    if before is None:
        return state, ()
    regions = desired(state, before)
    if regions == before:
        return state, ()
    return replace(state, desired_regions=regions), (SetRegions(regions),)


def _region(session: Session) -> str | None:
    return session.region or session.role.region


def _used(session: Session, state: State) -> bool:
    """Whether the profile is ours or about to be; not if the credentials file has a foreign one."""
    refused = session.failure is not None and session.failure.kind is FailureKind.FILE
    return session.expires_at is not None or (wanted(session, state) and not refused)
