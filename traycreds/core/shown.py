"""What is shown of the state: a Snapshot for people, in which no secret can be."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from traycreds.core.errors import FailureKind
from traycreds.core.model import ProfileName, RoleName


class Status(enum.Enum):
    """How a session stands, for people."""

    FRESH = "fresh"
    REFRESHING = "refreshing"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    FAILED = "failed"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleView:
    """One role as it is shown.

    Attributes:
        name, profile, account_id, group: from the role.
        partition: the part of AWS that it is in, such as `aws-cn`.
        region: what whoever uses the profile is to use: the user's choice, else the configured one.
        configured_region: what the configuration says.
        region_note: why ~/.aws/config says another region, or none, for its profile.
        status: how its session stands; while a failure stands, a further try makes it look no better.
        retrying: a try is under way, or about to begin, though a failure stands.
        expires_at: expiry of the session on file.
        note: what the user should know of it.
        kept: whether it is renewed.
        keep_until: end of keeping, if there is one.
        configured_keep: whether the configuration says that it is renewed from launch on.
        is_default: whether it is the `default` profile.
        kind: the class of the last failure, or None.
        error: its sentence.
        hint: what to do about it.
        needs_user: the failure waits for a person.
        retry_at: next try by timer.
        mfa_device: the MFA device whose code it waits for.
        sign_in: the sign-in that it waits for.
        favourite: the configuration wants it first.
        recent: its place among the roles used last, 0 being the newest; None if it is not among them.
    """

    name: RoleName
    profile: ProfileName
    status: Status
    retrying: bool = False
    account_id: str | None = None
    group: str | None = None
    partition: str = "aws"
    region: str | None = None
    configured_region: str | None = None
    region_note: str | None = None
    expires_at: datetime | None = None
    note: str | None = None
    kept: bool = False
    keep_until: datetime | None = None
    configured_keep: bool = False
    is_default: bool = False
    kind: FailureKind | None = None
    error: str | None = None
    hint: str | None = None
    failing_since: datetime | None = None
    needs_user: bool = False
    retry_at: datetime | None = None
    mfa_device: str | None = None
    sign_in: str | None = None
    favourite: bool = False
    recent: int | None = None

    @property
    def busy(self) -> bool:
        """Whether a new session is on its way, so that how it stands may change soon."""
        return self.retrying or self.status is Status.REFRESHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the user interface shows; holds no secret.

    Attributes:
        as_of: the moment it was made, cut to the minute, so that it changes when a label that counts minutes must.
        known: the credentials file was read, so that it is known which sessions there are.
        roles: in the order of the configuration.
        overall: the state that the icon shows.
        chosen: the role that is the `default` profile.
        default_written: the `default` profile on file is the chosen role's session.
        default_refused: the trouble is about the `default` profile alone.
        paused: nothing is renewed by timer.
        hushed: nothing may be told now: the machine has just woken, or its screen is locked.
        trouble: a sentence about the credentials file as a whole, or None.
        skew: how far AWS's clock is ahead of this machine's, to the minute; zero when that is too little to matter.
        next_refresh_at: when the next refresh is due by timer.
        discovered: no role is configured; those that there are were found in ~/.aws/config.
        includes: the configuration names files of others, which the user reviews.
        theme: the panel that the icon must be seen on: "light", "dark" or "auto".
    """

    as_of: datetime
    known: bool = False
    roles: tuple[RoleView, ...] = ()
    overall: Status = Status.OFF
    chosen: RoleName | None = None
    default_written: bool = False
    default_refused: bool = False
    paused: bool = False
    hushed: bool = False
    trouble: str | None = None
    trouble_hint: str | None = None
    next_refresh_at: datetime | None = None
    skew: timedelta = timedelta(0)
    discovered: bool = False
    includes: bool = False
    theme: str = "auto"
