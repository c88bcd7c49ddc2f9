"""The values that travel between all parts: roles, credentials, sessions, state, snapshots.

All are frozen. All moments are aware datetimes in UTC; all durations are timedeltas. A Snapshot can hold no secret.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NewType

from traycreds.core.errors import FailureKind
from traycreds.core.throttle import Throttle

RoleName = NewType("RoleName", str)
ProfileName = NewType("ProfileName", str)

DEFAULT_PROFILE = ProfileName("default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role that the user may keep or switch to, with everything AssumeRole needs.

    Attributes:
        name: what the user calls it.
        profile: the profile written in the credentials file.
        arn: the role's ARN; None when the profile itself is the source (IAM Identity Center).
        source_profile: the profile whose credentials assume the role.
        from_profile: a profile of ~/.aws/config from which everything not set here was taken.
        region: AWS region for STS and for whoever uses the profile; None leaves it to the profile.
        duration: how long a session should last; None leaves it to AWS (one hour).
        keep: renew from launch on.
        group: heading under which the menu shows it; None groups by account.
        favourite: comes first in the menu.
    """

    name: RoleName
    profile: ProfileName
    arn: str | None = None
    source_profile: ProfileName | None = None
    from_profile: ProfileName | None = None
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

    def same_session(self, other: Role) -> bool:
        """Whether both mean the same credentials in the same profile, however they are kept and shown."""

        def bare(role: Role) -> Role:
            return replace(role, keep=False, group=None, favourite=False)

        return bare(self) == bare(other)

    @property
    def account_id(self) -> str | None:
        """The twelve-digit account of the role's ARN, or None."""
        parts = (self.arn or "").split(":")
        return parts[4] or None if len(parts) > 4 else None  # noqa: PLR2004 - arn:partition:service:region:account:...


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The `[settings]` table.

    Attributes:
        notify_before: how long before expiry a session that cannot be renewed is announced.
        max_in_flight: the most STS calls at one time.
        call_deadline: how long one refresh may take in all before it counts as failed.
        mfa_session: how long one MFA code shall serve.
        mfa_process: a command that prints an MFA code; None asks the user.
        store: where MFA sessions outlive a restart: "keyring", or "memory" for nowhere.
        pause_when_locked: nothing is renewed by timer, nor told, while the screen is locked (Windows does not say).
        on_refreshed: a program with its arguments that is run after a session was written; empty for none.
        on_failed: the same after the user was told of a failure.
        theme: what the panel is like that the icon must be seen on: "light", "dark", or "auto" for either.
        browser: a program with its arguments that opens the console; empty for the desktop's own.
        container: the console opens in a Firefox container named after the role.
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
    browser: tuple[str, ...] = ()
    container: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Temporary credentials of one session, and what the user should know of it. The secrets never show in a repr."""

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expires_at: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The last failure of a session.

    Attributes:
        kind: its class.
        sentence: what went wrong, for the user.
        hint: what to do, for the user.
        attempts: how many tries in a row have failed.
        first_at: when the row of failures began.
        last_at: when the last try began.
        retry_at: next try by timer; None waits for the user or for a file to change.
        told: the user knows (for failures of the file as a whole; sessions keep `Told`).
        device: the MFA device whose code is needed.
        sign_in: the sign-in that is needed, by the name that a person gave it.
    """

    kind: FailureKind
    sentence: str
    hint: str
    attempts: int
    first_at: datetime
    last_at: datetime
    retry_at: datetime | None
    told: bool = False
    device: str | None = None
    sign_in: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the user was last told about a session, so that each thing is said once."""

    kind: FailureKind | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """All that is known of one role's session.

    Attributes:
        role: the role.
        keep: whether it is renewed.
        keep_until: end of keeping; None keeps until told otherwise.
        asked: the user asked for a refresh that has not begun yet, or one waits for its turn, until `not_before`.
        issued_at, note: when the newest session began, and what to know of it; None when it was found on file.
        expires_at: expiry of the session on file; None when there is none.
        unwritten: credentials in hand that are not on file yet.
        drop: our section shall be removed from the file, once no call is under way that would bring it back.
        failure: the last failure, if the last try failed.
        told, told_end: what the user was last told, and of which end of keeping.
        region: what the user chose for whoever uses the profile; None is what the configuration says.
        outlook: what `core.outlook` has reckoned from the rest; never copied, so that it outlives no change.
    """

    role: Role
    keep: bool = False
    keep_until: datetime | None = None
    asked: bool = False
    not_before: datetime | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    note: str | None = None
    unwritten: Credentials | None = field(default=None, repr=False)
    drop: bool = False
    failure: Failure | None = None
    told: Told | None = None
    told_end: datetime | None = None
    region: str | None = None
    outlook: tuple[datetime, datetime] | None = field(
        init=False, default_factory=lambda: None, repr=False, compare=False
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that the engine knows.

    Attributes:
        settings: the `[settings]` table.
        discovered: no role is configured; those that there are were found in ~/.aws/config.
        includes: the configuration names files of others.
        file_known: the credentials file was read; nothing is asked of AWS before, since fresh sessions may be in it.
        sessions: one for each role, in the order of the configuration.
        calls: roles with a refresh under way, also such as are configured no more.
        overtaken: those of them whose refresh began before the file was last read, or the user last asked.
        chosen: the role that is the `default` profile.
        recent: the roles that the user took last, the newest first.
        default_due: `default` must be written again from the chosen role's profile.
        default_failure: why `default` could not be written.
        remove_default: our `default` section shall be removed.
        writing: a write is under way.
        write_failure: why the last write failed as a whole.
        throttle: how refreshes are held back, since AWS asked to slow down.
        paused, locked: the user wants nothing renewed by timer; the screen is locked, as far as is known.
        skew: how far AWS's clock is ahead of this machine's.
        gather_until: news waits until then for that of roles which are being tried, to be told as one.
        quiet_until: nothing is told before this moment, since the machine woke and its network may not be up yet.
        region_notes: profiles whose region ~/.aws/config does not say as it should, and why.
    """

    settings: Settings = Settings()
    discovered: bool = False
    includes: bool = False
    file_known: bool = False
    sessions: tuple[Session, ...] = ()
    calls: frozenset[RoleName] = frozenset()
    overtaken: frozenset[RoleName] = frozenset()
    chosen: RoleName | None = None
    recent: tuple[RoleName, ...] = ()
    default_due: bool = False
    default_failure: Failure | None = None
    remove_default: bool = False
    writing: bool = False
    write_failure: Failure | None = None
    throttle: Throttle | None = None
    paused: bool = False
    locked: bool = False
    skew: timedelta = timedelta(0)
    gather_until: datetime | None = None
    quiet_until: datetime | None = None
    region_notes: tuple[Refusal, ...] = ()

    @property
    def away(self) -> bool:
        """Whether the screen is locked and the user wants nothing renewed meanwhile."""
        return self.locked and self.settings.pause_when_locked

    @property
    def resting(self) -> bool:
        """Whether nothing is renewed by timer."""
        return self.paused or self.away

    def hushed(self, now: datetime) -> bool:
        """Whether nothing may be told at a moment: nobody is there to read it, or it may pass by itself."""
        return self.away or (self.quiet_until is not None and now < self.quiet_until)

    def session(self, name: RoleName | None) -> Session | None:
        """The session of a role, or None when there is no such role."""
        return next((session for session in self.sessions if session.role.name == name), None)

    def map(self, change: Callable[[Session], Session]) -> State:
        """The state with every session changed."""
        return replace(self, sessions=tuple(change(session) for session in self.sessions))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileWrite:
    """One profile to be written, with its owner."""

    profile: ProfileName
    role: RoleName
    credentials: Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Everything that one replace of the credentials file shall change.

    Attributes:
        sets: profiles to write.
        copy_default_from: our profile whose section is copied to `default`, after `sets`.
        removes: our profiles to remove, `default` included if it is ours.
    """

    sets: tuple[ProfileWrite, ...] = ()
    copy_default_from: ProfileName | None = None
    removes: tuple[ProfileName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedProfile:
    """A profile of the credentials file that carries our marker."""

    profile: ProfileName
    role: RoleName
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A profile that was not written although the rest was, with the reason for the user."""

    profile: ProfileName
    sentence: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreView:
    """What is on file: our profiles, and the names of all others that hold anything."""

    owned: tuple[OwnedProfile, ...] = ()
    foreign: tuple[ProfileName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteReport:
    """The outcome of one write: what stands on file afterwards, and what was refused."""

    view: StoreView
    refused: tuple[Refusal, ...] = ()
