"""The values that travel between all parts, all frozen; moments are aware datetimes in UTC, durations timedeltas."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, NewType, TypeAlias
from urllib.parse import quote

from traycreds.core.names import account_id, account_of
from traycreds.core.value_class import field, replace, value_class

Need: TypeAlias = Literal["network", "timers", "notices"]
"""What roles need from this machine: network changes, timers on time, permission for notices."""
RoleName = NewType("RoleName", str)
ProfileName = NewType("ProfileName", str)

DEFAULT_PROFILE = ProfileName("default")
ONE_HOUR = timedelta(hours=1)
"""AWS's default duration of a session, and the longest for a chained role."""
TOKEN_SETTINGS = ("saml_process", "web_identity_process")
"""Fields of a Role that name a program which prints the token of an identity provider."""
DesiredRegions: TypeAlias = Mapping[ProfileName, "str | None"]
"""The region for each profile; None removes ours, and profiles without an entry stay unchanged."""


@value_class(kw_only=True)
class Role:
    """A role that the user may keep or switch to, with everything AssumeRole needs.

    Attributes:
        profile: the profile written in the credentials file.
        arn: None when the profile itself is the source (IAM Identity Center), and for the MFA session of a user.
        saml_process, web_identity_process: instead, a program that prints the token of an identity provider.
        saml_provider: the ARN of that provider; None takes it from the SAML assertion.
        from_profile: a profile of ~/.aws/config that gives everything not set here.
        permission_set: ACCOUNT/NAME for a sign-in; None without one.
        region: for STS and users of the profile; None leaves it to the profile.
        duration: None leaves it to AWS (one hour).
        group, label: menu heading (None: account); text beside the name.
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
    saml_process: str | None = None
    saml_provider: str | None = None
    web_identity_process: str | None = None
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
    def is_mfa_session(self) -> bool:
        """Whether this is the MFA session of the source profile's user, with no role to assume."""
        return self.arn is None and self.from_profile is None and self.mfa_serial is not None

    @property
    def token_setting(self) -> str | None:
        """The setting that names the program with the token for its sessions, if it has one."""
        return next((name for name in TOKEN_SETTINGS if getattr(self, name) is not None), None)

    @property
    def account_id(self) -> str | None:
        """The twelve-digit account of the role's ARN, permission set or MFA device, or None."""
        if self.is_mfa_session:
            return account_of(self.mfa_serial)
        return account_of(self.arn) or account_id((self.permission_set or "").partition("/")[0])

    @property
    def session_of(self) -> str:
        """What its sessions are of, whatever the user calls it: an ARN, ACCOUNT/PERMISSION SET, profile or device."""
        device = self.mfa_serial if self.is_mfa_session else None
        return self.arn or quote(self.permission_set or self.from_profile or device or "", safe="/:+=,.@")


@value_class
class BrowserChoice:
    """Which browser opens a page.

    Attributes:
        program: a program with arguments; empty for the desktop's own.
        container: in its own Firefox container.
        keys: what to fix in the configuration if it cannot be started.
    """

    program: tuple[str, ...]
    container: bool
    keys: str


@value_class(kw_only=True)
class Settings:
    """The `[settings]` table; `config.schema` says what each means to the user.

    Attributes:
        max_in_flight, call_deadline: the most concurrent STS calls; the time limit of one refresh.
        mfa_process: None asks the user.
        store: where MFA sessions survive a restart: "keyring", or "memory" for nowhere.
        pause_when_locked: no timed refresh or notice while the screen is locked (unknown on Windows).
        browser, sign_in_browser: a program with arguments; empty for the desktop's own.
        list_access_keys: consent to ask IAM for the age of keys.
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
    console_sign_out: bool = False
    sign_in_browser: tuple[str, ...] = ()
    sign_in_container: bool = False
    login_path: bool = True
    max_key_age: timedelta | None = None
    list_access_keys: bool = False

    @property
    def console_opens_in(self) -> BrowserChoice:
        """The browser of the console."""
        return BrowserChoice(self.browser, self.container, "browser or container in [settings]")

    @property
    def sign_in_opens_in(self) -> BrowserChoice:
        """The browser of a sign-in without its own table."""
        keys = "sign_in_browser or sign_in_container in [settings]"
        return BrowserChoice(self.sign_in_browser, self.sign_in_container, keys)


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
    # Not even the place of the file is there, such as a drive.
    gone: bool = False


@value_class(kw_only=True)
class WriteReport:
    """The outcome of one write: what is on file, what was refused, and whose section is unchanged."""

    view: StoreView
    refused: tuple[Refusal, ...] = ()
    unchanged: frozenset[ProfileName] = frozenset()
