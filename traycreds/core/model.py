"""The values that travel between all parts, all frozen; moments are aware datetimes in UTC, durations timedeltas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NewType, TypeAlias
from urllib.parse import quote

from traycreds.core.errors import FailureKind
from traycreds.core.names import account_id, account_of
from traycreds.core.throttle import Throttle
from traycreds.core.value_class import field, replace, value_class

if TYPE_CHECKING:
    from traycreds.core.choices import Choices

Need: TypeAlias = Literal["network", "timers", "notices"]
"""What roles need from this machine: network changes, timers on time, permission for notices."""
RoleName = NewType("RoleName", str)
ProfileName = NewType("ProfileName", str)

DEFAULT_PROFILE = ProfileName("default")
ONE_HOUR = timedelta(hours=1)
"""AWS's default duration of a session, and the longest for a chained role."""
DesiredRegions: TypeAlias = Mapping[ProfileName, "str | None"]
"""The region for each profile; None removes ours, and profiles without an entry stay unchanged."""


@value_class(kw_only=True)
class Role:
    """A role that the user may keep or switch to, with everything AssumeRole needs.

    Attributes:
        profile: the profile written in the credentials file.
        arn: None when the profile itself is the source (IAM Identity Center).
        source_profile: the profile whose credentials assume the role.
        from_profile: a profile of ~/.aws/config that gives everything not set here.
        permission_set: ACCOUNT/NAME for a sign-in; None without one.
        region: for STS and users of the profile; None leaves it to the profile.
        duration, keep: None leaves the duration to AWS (one hour); keep alive from launch.
        group, favourite, color, label: menu heading (None: account); listed first; badge color; text beside the name.
    """

    name: RoleName
    profile: ProfileName
    arn: str | None = None
    source_profile: ProfileName | None = None
    from_profile: ProfileName | None = None
    permission_set: str | None = None
    region: str | None = None
    duration: timedelta | None = None
    session_name: str | None = None
    external_id: str | None = None
    mfa_serial: str | None = None
    mfa_process: str | None = None
    source_identity: str | None = None
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tag_keys: tuple[str, ...] = ()
    keep: bool = False
    group: str | None = None
    favourite: bool = False
    color: str | None = None
    label: str | None = None

    def same_session(self, other: Role) -> bool:
        """Whether both mean the same credentials in the same profile, however they are kept and shown."""
        one, two = (replace(r, keep=False, group=None, favourite=False, color=None, label=None) for r in (self, other))
        return one == two

    @property
    def account_id(self) -> str | None:
        """The twelve-digit account of the role's ARN or permission set, or None."""
        return account_of(self.arn) or account_id((self.permission_set or "").partition("/")[0])

    @property
    def session_of(self) -> str:
        """What its sessions are of, whatever the user calls it: an ARN, ACCOUNT/PERMISSION SET, or a profile's name."""
        return self.arn or quote(self.permission_set or self.from_profile or "", safe="/:+=,.@")


@value_class(kw_only=True)
class Settings:
    """The `[settings]` table.

    Attributes:
        notify_before: how early the end of a session that cannot be renewed is announced.
        max_in_flight: the most concurrent STS calls.
        call_deadline: the time limit of one refresh.
        mfa_session: how long one MFA code serves.
        mfa_process: a command that prints an MFA code; None asks the user.
        store: where MFA sessions survive a restart: "keyring", or "memory" for nowhere.
        pause_when_locked: no timed refresh or notice while the screen is locked (unknown on Windows).
        on_refreshed, on_failed: programs run after a session is written or a failure is announced.
        theme, mark_production: panel "light", "dark" or "auto"; production has a red badge.
        browser: a program with arguments; empty for the desktop's own.
        container: open the console in a Firefox container named after the role.
        login_path: without a terminal, search the PATH of the user's login shell too.
    """

    notify_before: timedelta = timedelta(minutes=5)
    max_in_flight: int = 8
    call_deadline: timedelta = timedelta(seconds=45)
    mfa_session: timedelta = timedelta(hours=36)
    mfa_process: str | None = None
    store: str = "keyring"
    pause_when_locked: bool = False
    on_refreshed: tuple[str, ...] = ()
    on_failed: tuple[str, ...] = ()
    theme: str = "auto"
    mark_production: bool = True
    browser: tuple[str, ...] = ()
    container: bool = False
    login_path: bool = True


@value_class(kw_only=True)
class Credentials:
    """Temporary credentials of one session, with a remark for the user; secret, so never shown in a repr."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_at: datetime
    account_id: str | None = None
    note: str | None = None


@value_class(kw_only=True)
class Failure:
    """The last failure of a session.

    Attributes:
        attempts, first_at, last_at: failures in a row; when the row and the last attempt began.
        retry_at: next timed attempt; None waits for the user or a file change.
        announced: the user knows (for failures of the whole file; sessions keep `Announced`).
        device, sign_in: the MFA device whose code is needed; the sign-in as the user named it.
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
        notices: by key, those shown until they no longer apply; with the end of keeping they announce.
        throttle, refreshed: what holds refreshes back after AWS throttled; roles that we wrote since the last plan.
        paused, locked, skew: no timed refresh; the screen is locked; how far AWS's clock is ahead.
        gather_until, quiet_until: news waits, to report roles in flight together; because the machine just woke.
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
    def resting(self) -> bool:
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


@value_class(kw_only=True)
class ProfileWrite:
    """One profile to write, with its owner and the origin of its session (`Role.session_of`)."""

    profile: ProfileName
    role: RoleName
    credentials: Credentials
    session_of: str | None = None


@value_class(kw_only=True)
class Batch:
    """All changes of one replace of the credentials file; copies to `default` come after `sets`."""

    sets: tuple[ProfileWrite, ...] = ()
    copy_default_from: ProfileName | None = None
    removes: tuple[ProfileName, ...] = ()


@value_class(kw_only=True)
class OwnedProfile:
    """A profile with our marker; `session_of` is None if an earlier version wrote it."""

    profile: ProfileName
    role: RoleName
    expires_at: datetime | None
    session_of: str | None = None

    def is_of(self, role: Role) -> bool:
        """Whether it belongs to the current role: the user can reuse a name for another role."""
        return self.role == role.name and self.session_of in {None, role.session_of}


@value_class(kw_only=True)
class Refusal:
    """A profile that was not written although the rest was, with the reason for the user."""

    profile: ProfileName
    sentence: str
    hint: str


@value_class(kw_only=True)
class FileNote:
    """Something about the credentials file that a person should look at; nothing is lost."""

    sentence: str
    hint: str


@value_class(kw_only=True)
class StoreView:
    """What is on file: our profiles, the names of others, why tools ignore some of both, and what to tell once."""

    owned: tuple[OwnedProfile, ...] = ()
    foreign: tuple[ProfileName, ...] = ()
    hidden: tuple[Refusal, ...] = ()
    notes: tuple[FileNote, ...] = ()


@value_class(kw_only=True)
class WriteReport:
    """The outcome of one write: what is on file, what was refused, and whose section is unchanged."""

    view: StoreView
    refused: tuple[Refusal, ...] = ()
    unchanged: frozenset[ProfileName] = frozenset()
