"""Events (facts, past participles) and actions (imperatives): all that goes into and comes out of a decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from traycreds.core.errors import FailureKind
from traycreds.core.model import (
    Batch,
    Credentials,
    DesiredRegions,
    FileNote,
    Need,
    ProfileName,
    Refusal,
    Role,
    RoleName,
    Settings,
    StoreView,
    WriteReport,
)
from traycreds.core.ui_commands import Command
from traycreds.core.value_class import value_class

if TYPE_CHECKING:
    from traycreds.core.engine_state import Choices


@value_class
class Resumed:
    """The machine slept, or its clock was set: waits that were computed before mean nothing now."""

    at: datetime


@value_class
class ClockSeen:
    """AWS's clock turned out to be ahead of this machine's by another amount."""

    skew: timedelta
    at: datetime


@value_class
class NetworkChanged:
    """The machine's network is back, or its route has changed."""

    at: datetime


@value_class
class RoleChosen:
    """The user made a role the `default` profile; None undoes that."""

    name: RoleName | None


@value_class
class RoleUsed:
    """The user took a role's session elsewhere: into the console, a shell, a program."""

    name: RoleName


@value_class
class RoleSwitched:
    """The user turned keeping on or off; `until` (UTC) ends keeping, None keeps without an end."""

    name: RoleName
    on: bool
    until: datetime | None = None


@value_class
class RoleDropped:
    """The user wants a session ended and its section removed."""

    name: RoleName


@value_class
class RegionChosen:
    """The user chose a region for a role's profile; None restores the configured one."""

    name: RoleName
    region: str | None


@value_class
class RegionsRefused:
    """~/.aws/config has the regions of profiles now, except these."""

    notes: tuple[Refusal, ...]


@value_class
class RefreshAsked:
    """The user asked for a refresh now; no names means every role that is kept or chosen."""

    names: tuple[RoleName, ...] = ()


@value_class
class Paused:
    """The user stopped or resumed renewing."""

    on: bool


@value_class
class Locked:
    """The user's screen was locked or unlocked."""

    on: bool
    at: datetime


@value_class
class ConfigChanged:
    """The configuration was read; sessions of unchanged roles are kept.

    `discovered`: it names no role, so these are the profiles of ~/.aws/config. `includes`: it names files of others.
    """

    roles: tuple[Role, ...]
    settings: Settings
    discovered: bool = False
    includes: bool = False


@value_class
class Issued:
    """STS gave credentials for the role as it was when asked for."""

    role: Role
    credentials: Credentials
    at: datetime


@value_class
class IssueFailed:
    """A refresh of the role failed.

    `at` is when the attempt began: backoff counts from there, so a hung call is not waited for twice. With `again_in`,
    it is when the attempt ended, and the same call works that long after it, because it only waits its turn. `reason`
    says what is wrong in a few words, if those of the kind do not.
    """

    role: Role
    kind: FailureKind
    sentence: str
    hint: str
    at: datetime
    device: str | None = None
    sign_in: str | None = None
    again_in: timedelta | None = None
    reason: str | None = None


@value_class
class Written:
    """A write ended; the report says what is on file and what was refused."""

    batch: Batch
    report: WriteReport
    at: datetime


@value_class
class WriteFailed:
    """A write failed and the file is unchanged; `view` is what is on file, None if unknown."""

    sentence: str
    hint: str
    at: datetime
    view: StoreView | None = None


@value_class
class FileChangedOutside:
    """The credentials file was read, at the start or after another program changed it."""

    view: StoreView
    at: datetime


@value_class
class FileMissing:
    """Our sections are not on file, or there is no file; the note says why the store waits before it writes them."""

    note: FileNote


@value_class
class Clicked:
    """The user asked by a click: if the one role that it is about needs an MFA code, a dialog asks for it."""

    event: Event
    at: datetime


Event: TypeAlias = (
    Resumed
    | ClockSeen
    | NetworkChanged
    | RoleChosen
    | RoleUsed
    | RoleSwitched
    | RoleDropped
    | RegionChosen
    | RegionsRefused
    | RefreshAsked
    | Paused
    | Locked
    | ConfigChanged
    | Issued
    | IssueFailed
    | Written
    | WriteFailed
    | FileChangedOutside
    | FileMissing
    | Clicked
)


@value_class
class Issue:
    """Get a session of this role from AWS."""

    role: Role


@value_class
class Write:
    """Change the credentials file."""

    batch: Batch


@value_class
class Button:
    """A notice's button: one to three words, and what a click asks of the engine or the program."""

    label: str
    command: Event | Command


@value_class
class Notify:
    """Tell the user.

    Attributes:
        key: a later notice with the same key replaces this one.
        urgent, needs_user: a person is needed; its roles wait for a person.
        roles: those reported as failing.
        ending: the role whose keeping ends, and when.
        device: the MFA device whose code is needed.
    """

    key: str
    title: str
    body: str
    urgent: bool = False
    buttons: tuple[Button, ...] = ()
    roles: tuple[RoleName, ...] = ()
    ending: tuple[RoleName, datetime] | None = None
    device: str | None = None
    needs_user: bool = False


@value_class
class TakeBack:
    """Remove the notices with these keys, because they no longer apply."""

    keys: tuple[str, ...]


@value_class
class SaveChoices:
    """Keep the user's choices over a restart."""

    choices: Choices


@value_class
class SetRegions:
    """Write the regions of profiles to ~/.aws/config."""

    regions: DesiredRegions


@value_class(kw_only=True)
class RunHook:
    """Run the user's program after a refresh or failure; `error` is None after a refresh."""

    program: tuple[str, ...]
    role: RoleName
    profile: ProfileName
    expires_at: datetime | None
    error: FailureKind | None = None


@value_class
class AskForCode:
    """Ask the user for the code of an MFA device."""

    device: str


@value_class
class OpenSignIn:
    """Open the sign-in that a role needs in the browser."""

    role: RoleName


@value_class
class SetNeeds:
    """Give the roles exactly what they need from this machine."""

    needs: frozenset[Need]


FollowUp: TypeAlias = SaveChoices | SetRegions | SetNeeds | RunHook | AskForCode | OpenSignIn
"""Actions outside the engine, which it gives to its runner."""

Action: TypeAlias = Issue | Write | Notify | TakeBack | FollowUp
