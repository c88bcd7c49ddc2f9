"""All that the engine knows: sessions with what is kept of each, how AWS throttles, what the user has chosen.

Values alone: what follows from them is in `traycreds/lifecycle`. Reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from traycreds.core.errors import FailureKind
from traycreds.core.model import (
    Credentials,
    DesiredRegions,
    FileNote,
    Need,
    OwnedProfile,
    Refusal,
    Role,
    RoleName,
    Settings,
)
from traycreds.core.value_class import field, replace, value_class


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


@value_class(kw_only=True)
class Failure:
    """The last failure of a session.

    Attributes:
        attempts, first_at, last_at: failures in a row; when the row and the last attempt began.
        retry_at: next timed attempt; None waits for the user or a file change.
        announced: the user knows (for failures of the whole file; sessions keep `Announced`).
        device, sign_in: the MFA device whose code is needed; the sign-in as the user named it.
        reason: what is wrong in a few words, if those of the kind do not say it.
    """

    kind: FailureKind
    sentence: str
    hint: str
    attempts: int
    first_at: datetime
    last_at: datetime
    retry_at: datetime | None
    announced: bool = False
    device: str | None = None
    sign_in: str | None = None
    reason: str | None = None

    @property
    def in_words(self) -> str:
        """What is wrong, in a few words."""
        return self.reason or self.kind.in_words


@value_class(kw_only=True)
class Announced:
    """What the user was last told about a session, so that each thing is said once."""

    kind: FailureKind | None
    expires_at: datetime | None


@value_class(kw_only=True)
class Session:
    """All that is known of one role's session.

    Attributes:
        keep, keep_until: whether it is renewed, and until when; None has no end.
        asked, refreshed: a requested refresh has not begun (`not_before`, if set); the session is on file.
        called_at, early_at: when the last call began; when the last one that news started early did.
        issued_at, note: when the newest session began, with a remark; None if found on file.
        expires_at: expiry of the session on file; None if there is none.
        unwritten: credentials not yet on file.
        drop: remove our section, once no call in flight could bring it back.
        failure, answered: set if the last attempt failed; it began after the user's last request.
        announced, announced_end: what the user was last told, and about which end of keeping.
        region: the user's choice for the profile; None follows the configuration.
    """

    role: Role
    keep: bool = False
    keep_until: datetime | None = None
    asked: bool = False
    not_before: datetime | None = None
    refreshed: bool = False
    answered: bool = False
    called_at: datetime | None = None
    early_at: datetime | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    note: str | None = None
    unwritten: Credentials | None = field(default=None, repr=False)
    drop: bool = False
    failure: Failure | None = None
    announced: Announced | None = None
    announced_end: datetime | None = None
    region: str | None = None


@value_class(kw_only=True)
class Throttle:
    """After throttling, refreshes wait, then start one at a time, and faster with each session that AWS gives.

    The limit is the account's, not the role's: 200 roles that back off separately would ask as often as before.

    Attributes:
        refusals: throttled rounds since the last session; calls in flight together count once.
        since: when the newest wait ends; calls that began before it say nothing about later ones.
        until, limit: no refresh begins before this moment; how many may begin then.
    """

    refusals: int
    since: datetime
    until: datetime
    limit: int = 1

    def limit_at(self, now: datetime) -> int:
        """How many refreshes may begin at a moment."""
        return self.limit if self.until <= now else 0

    def shut(self, until: datetime) -> Throttle:
        """The allowed number has begun; the next ones wait for an answer to one of them, or for this moment."""
        return replace(self, until=until)

    def asked_again(self, until: datetime) -> Throttle:
        """AWS throttled again: start over, after a wait."""
        return Throttle(refusals=self.refusals + 1, since=until, until=until)

    def ended(self, at: datetime) -> Throttle:
        """A call ended otherwise, without a session: the next may begin."""
        return replace(self, until=at)

    def given(self, at: datetime) -> Throttle:
        """AWS gave a session: the next may begin, one more at a time."""
        return replace(self, refusals=0, until=at, limit=self.limit + 1)


@value_class(kw_only=True)
class State:
    """All that the engine knows.

    Attributes:
        discovered, includes: no role is configured, so these come from ~/.aws/config; files of others are included.
        file_known: the credentials file was read; before, AWS is not asked, because fresh sessions may be in it.
        calls, superseded: roles with a refresh in flight, configured or not; those begun before news of the file.
        chosen, recent: the role to be the `default` profile; the last used roles, newest first.
        default_on_file, remove_default: our `default` section or None; whether to remove it.
        default_due, default_failure: `default` must be written from the chosen role; why that failed.
        writing, write_failure, file_notes: a write is in flight; why the last whole write failed; notes yet to show.
        missing: why our sections are not on file at the moment.
        notices: by key, those shown until they no longer apply; with the end of keeping they announce.
        throttle: how refreshes are held back after AWS throttled.
        paused, locked, skew: no timed refresh; the screen is locked; how far AWS's clock is ahead.
        gather_until, quiet_until: news waits, to report roles in flight together; because the machine just woke.
        refreshed: roles whose sessions we wrote since the last plan.
        clicks, prompted: when roles were clicked: an MFA dialog may answer; roles with a recent dialog.
        first_role: the first clicked role while none is configured; None once it leads to nothing more.
        saved_choices, desired_regions, needs: last saved choices, regions of ~/.aws/config, needs; None: nobody acts.
        region_notes, hidden: profiles whose region is not in ~/.aws/config, or whose keys AWS tools ignore, and why.
    """

    settings: Settings = Settings()
    discovered: bool = False
    includes: bool = False
    file_known: bool = False
    sessions: tuple[Session, ...] = ()
    calls: frozenset[RoleName] = frozenset()
    superseded: frozenset[RoleName] = frozenset()
    chosen: RoleName | None = None
    recent: tuple[RoleName, ...] = ()
    default_on_file: OwnedProfile | None = None
    default_due: bool = False
    default_failure: Failure | None = None
    remove_default: bool = False
    writing: bool = False
    write_failure: Failure | None = None
    file_notes: tuple[FileNote, ...] = ()
    missing: FileNote | None = None
    notices: tuple[tuple[str, tuple[RoleName, datetime] | None], ...] = ()
    throttle: Throttle | None = None
    paused: bool = False
    locked: bool = False
    skew: timedelta = timedelta(0)
    gather_until: datetime | None = None
    quiet_until: datetime | None = None
    refreshed: tuple[RoleName, ...] = ()
    clicks: tuple[tuple[RoleName, datetime], ...] = ()
    prompted: tuple[tuple[RoleName, datetime], ...] = ()
    first_role: RoleName | None = None
    saved_choices: Choices | None = None
    desired_regions: DesiredRegions | None = None
    needs: frozenset[Need] | None = None
    region_notes: tuple[Refusal, ...] = ()
    hidden: tuple[Refusal, ...] = ()

    @property
    def away(self) -> bool:
        """Whether the screen is locked and the user wants no renewal while it is."""
        return self.locked and self.settings.pause_when_locked

    @property
    def suspended(self) -> bool:
        """Whether nothing is renewed by timer."""
        return self.paused or self.away

    def muted(self, now: datetime) -> bool:
        """Whether notices must wait: nobody is there to read them, or the cause may pass by itself."""
        return self.away or (self.quiet_until is not None and now < self.quiet_until)

    @property
    def default_role(self) -> RoleName | None:
        """The role whose session is in the `default` profile on file; not one that has become another since."""
        default = self.default_on_file
        session = self.session(default.role) if default else None
        return None if default is None or (session and not default.is_of(session.role)) else default.role

    def session(self, name: RoleName | None) -> Session | None:
        """The session of a role, or None when there is no such role."""
        return next((session for session in self.sessions if session.role.name == name), None)

    def map(self, change: Callable[[Session], Session]) -> State:
        """The state with every session changed."""
        return replace(self, sessions=tuple(change(session) for session in self.sessions))
