"""What is shown of the state: a Snapshot, and the result of a refresh. Neither can hold a secret."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from traycreds.core.errors import FailureKind
from traycreds.core.model import ProfileName, RoleName
from traycreds.core.ui_commands import UiCommand
from traycreds.core.value_class import value_class

if TYPE_CHECKING:
    from traycreds.core.events import Notify


class Status(enum.Enum):
    """A session's state, for people."""

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
        partition: such as `aws-cn`.
        region, configured_region: what users of the profile get; what the configuration says.
        region_note: why ~/.aws/config has another region, or none, for its profile.
        status: while a failure lasts, another attempt does not improve it.
        retrying: an attempt is in flight, or about to begin, after a failure.
        expires_at, lifetime: expiry of the session on file; its whole length.
        is_default, wanted_default: it is the `default` profile on file; the user wants it to be.
        kind, reason, error, hint: of the last failure, or None; the reason is a few words.
        failing_since: when the current row of failures began.
        needs_user, mfa_device, sign_in: the failure waits for a person; what it waits for.
        retry_at: next timed attempt; None if nothing retries.
        recent: its place among the last used roles, from 0; None if it has none.
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
    reason: str | None = None
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
        """Whether it needs the user now: it is in use, or was requested, and a person has to act."""
        return self.needs_user and (self.in_use or self.status is Status.FAILED)


@value_class(kw_only=True)
class Snapshot:
    """What the user interface shows; holds no secret.

    Attributes:
        as_of: when it was made, cut to the minute, so that it changes whenever a label must.
        default_switch: a sentence about a role that is not the `default` profile yet, or None.
        paused, next_refresh_at: no timed refresh; the next one.
        trouble, trouble_hint: about the credentials file as a whole, or None.
        skew: how far AWS's clock is ahead, to the minute; zero if negligible.
        discovered: no role is configured, so these come from ~/.aws/config.
        keep_offered: the first clicked role of a first run, once it has a session and may be kept.
        includes: the configuration names files of others, which the user reviews.
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
    keep_offered: RoleName | None = None
    includes: bool = False
    theme: str = "auto"

    @property
    def default(self) -> RoleView | None:
        """The role that is the `default` profile on file, or None."""
        return next((view for view in self.roles if view.is_default), None)


@value_class(kw_only=True)
class Surroundings:
    """What the menu shows beside the engine's snapshot.

    Attributes:
        sign_ins: expired or soon expiring, not renewed automatically, each with a role that uses it.
        import_offer: what a click imports, once the user asked; None before.
        notices, notices_off: how to get notices, if none appear; no notice is seen at all.
        in_terminal: what is done by a command, because its window cannot be shown.
        answer: what became of the last click, if no notice could tell.
    """

    at_login: bool | None = None
    sign_ins: tuple[tuple[str, RoleName], ...] = ()
    import_offer: str | None = None
    notices: str | None = None
    notices_off: bool = False
    in_terminal: frozenset[UiCommand] = frozenset()
    answer: Notify | None = None


class RoleOutcome(enum.Enum):
    """What became of the refresh of one role."""

    WRITTEN = "written"
    """The new session is on file."""
    LONGER_KEPT = "longer_kept"
    """Nothing was written, since the session on file lasts as long as the one that came, or longer."""
    MFA_KEPT = "mfa_kept"
    """Nothing was written, and that is right: the MFA session on file lasts, and another would cost a code."""
    FAILED = "failed"
    """The role's view has the failure."""
    UNFINISHED = "unfinished"


@value_class
class RefreshOutcome:
    """The result of a refresh that a command asked for, by role; `trouble` is about the credentials file as a whole."""

    roles: Mapping[RoleName, RoleOutcome]
    trouble: tuple[str, str] | None = None
