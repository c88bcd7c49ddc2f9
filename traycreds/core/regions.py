"""Which region ~/.aws/config shall say for which profile, and which regions a role is offered.

Pure. Knows nothing of that file: whose a line in it is, the adapter that writes it finds out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

from traycreds.core.errors import FailureKind
from traycreds.core.model import DEFAULT_PROFILE, ProfileName, Role
from traycreds.core.shown import RoleView, Snapshot

Wish: TypeAlias = "Mapping[ProfileName, str | None]"
"""The region that each profile shall have; None takes ours away, and a profile that is not in it is left as it is."""

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
"""What is offered in each partition beside the regions that are in use; a menu is no catalogue."""
_PREFIXES = {"us-gov-": "aws-us-gov", "cn-": "aws-cn"}


def partition_of(role: Role) -> str:
    """The partition of a role: by its ARN, else by its region, else `aws`."""
    return role.arn.split(":", 2)[1] if role.arn is not None else _partition(role.region or "")


def _partition(region: str) -> str:
    return next((name for prefix, name in _PREFIXES.items() if region.startswith(prefix)), "aws")


def offered(view: RoleView, in_use: Collection[str]) -> tuple[str, ...]:
    """The regions that a role is offered.

    Args:
        view: the role.
        in_use: regions of all roles; those of its partition are offered too.
    """
    common = COMMON.get(view.partition, ())
    mine = (view.region, view.configured_region)
    more = {region for region in in_use if _partition(region) == view.partition} | {region for region in mine if region}
    return (*common, *sorted(more.difference(common)))


def wish(snapshot: Snapshot, before: Wish) -> Wish:
    """What ~/.aws/config shall say.

    A profile has its region as long as its session is on file or renewed, so that both come and go together.

    Args:
        snapshot: how things stand.
        before: what was wished last; profiles of roles that are configured no more shall have none.
    """
    if not snapshot.known:  # no session is seen yet, and that must take none away
        return before
    wished = dict.fromkeys((profile for profile in before if profile != DEFAULT_PROFILE), None) | {
        view.profile: view.region if _used(view) else None for view in snapshot.roles
    }
    chosen = next((view for view in snapshot.roles if view.is_default), None)
    if chosen is None or snapshot.default_refused:
        wished.setdefault(DEFAULT_PROFILE, None)
    elif snapshot.default_written:
        wished[DEFAULT_PROFILE] = chosen.region
    elif DEFAULT_PROFILE in before:  # it is about to become another role's, and one write is enough
        wished.setdefault(DEFAULT_PROFILE, before[DEFAULT_PROFILE])
    return wished


def _used(view: RoleView) -> bool:
    """Whether the profile is ours or about to be; where another's stands in the credentials file, it is not."""
    renewed = (view.kept or view.is_default) and view.kind is not FailureKind.FILE
    return view.expires_at is not None or renewed
