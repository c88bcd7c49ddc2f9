"""What is shown of the state: a Snapshot, and to commands what became of a refresh. No secret can be in either."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta

from traycreds.core.errors import FailureKind
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.value_class import value_class


class Status(enum.Enum):
    """How a session stands, for people."""

    FRESH = "fresh"
    REFRESHING = "refreshing"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    FAILED = "failed"
    OFF = "off"


@value_class(kw_only=True)
class RoleView:
    """One role as it is shown.

    Attributes:
        name, profile, account_id, group: from the role.
        partition: the part of AWS that it is in, such as `aws-cn`.
        region: what users of the profile are to use: the user's choice, else the configured one.
        configured_region: what the configuration says.
        region_note: why ~/.aws/config says another region, or none, for its profile.
        status: how its session stands; while a failure stands, a further try makes it look no better.
        retrying: a try is under way, or about to begin, though a failure stands.
        expires_at, lifetime: expiry of the session on file; how long it lasts in all.
        note: what the user should know of it.
        kept: whether it is renewed.
        keep_until: end of keeping, if there is one.
        is_default: whether it is the `default` profile on file.
        wanted_default: whether the user wants it to be.
        kind: the class of the last failure, or None.
        error: its sentence.
        hint: what to do about it.
        failing_since: when the row of failures began that it stands in.
        needs_user: the failure waits for a person.
        retry_at: next try by timer; None where nothing retries.
        mfa_device: the MFA device whose code it waits for.
        sign_in: the sign-in that it waits for.
        favourite: the configuration wants it first.
        color, label: of its badge on the icon; what stands beside its name.
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
    lifetime: timedelta | None = None
    note: str | None = None
    kept: bool = False
    keep_until: datetime | None = None
    is_default: bool = False
    wanted_default: bool = False
    kind: FailureKind | None = None
    error: str | None = None
    hint: str | None = None
    failing_since: datetime | None = None
    needs_user: bool = False
    retry_at: datetime | None = None
    mfa_device: str | None = None
    sign_in: str | None = None
    favourite: bool = False
    color: str | None = None
    label: str | None = None
    recent: int | None = None

    @property
    def renewed(self) -> bool:
        """Whether it is renewed: it is kept, or wanted as the `default` profile."""
        return self.kept or self.wanted_default

    @property
    def in_use(self) -> bool:
        """Whether its state concerns the user: it is renewed, or is the `default` profile."""
        return self.renewed or self.is_default

    @property
    def waits_for_user(self) -> bool:
        """Whether the user is wanted for it now: it is in use, or was asked for once, and a person has to act."""
        return self.needs_user and (self.in_use or self.status is Status.FAILED)


@value_class(kw_only=True)
class Snapshot:
    """What the user interface shows; holds no secret.

    Attributes:
        as_of: the moment it was made, cut to the minute, so that it changes when a label that counts minutes must.
        roles: in the order of the configuration.
        overall: the state that the icon shows.
        default_switch: a sentence about a role that is to become the `default` profile and is not yet, or None.
        paused: nothing is renewed by timer.
        trouble: a sentence about the credentials file as a whole, or None.
        trouble_hint: what to do about it.
        skew: how far AWS's clock is ahead of this machine's, to the minute; zero when that is too little to matter.
        next_refresh_at: when the next refresh is due by timer.
        discovered: no role is configured; those that there are were found in ~/.aws/config.
        includes: the configuration names files of others, which the user reviews.
        theme: the panel that the icon must be seen on: "light", "dark" or "auto".
    """

    as_of: datetime
    roles: tuple[RoleView, ...] = ()
    overall: Status = Status.OFF
    default_switch: str | None = None
    paused: bool = False
    trouble: str | None = None
    trouble_hint: str | None = None
    next_refresh_at: datetime | None = None
    skew: timedelta = timedelta(0)
    discovered: bool = False
    includes: bool = False
    theme: str = "auto"

    @property
    def default(self) -> RoleView | None:
        """The role that is the `default` profile on file; None if none is."""
        return next((view for view in self.roles if view.is_default), None)


@value_class(kw_only=True)
class Surroundings:
    """What the menu shows beside the snapshot, since the engine has nothing to do with it.

    Attributes:
        at_login: whether the program starts at login; None while that is not known.
        sign_ins: the sign-ins that are over or end soon and are not renewed by themselves, each with a role behind it.
        notices: what the user can do where no notice appears, as a line; None if there is nothing to do.
        notices_off: whether none is seen at all.
    """

    at_login: bool | None = None
    sign_ins: tuple[tuple[str, RoleName], ...] = ()
    notices: str | None = None
    notices_off: bool = False


class RoleOutcome(enum.Enum):
    """What became of the refresh of one role."""

    WRITTEN = "written"
    """The new session is on file."""
    LONGER_KEPT = "longer_kept"
    """Nothing was written, since the session on file lasts as long as the one that came, or longer."""
    FAILED = "failed"
    """The role's view has the failure."""
    UNFINISHED = "unfinished"


@value_class
class RefreshOutcome:
    """What became of a refresh that a command asked for.

    Attributes:
        roles: by name.
        trouble: sentence and hint about the credentials file as a whole, or None.
    """

    roles: Mapping[RoleName, RoleOutcome]
    trouble: tuple[str, str] | None = None
