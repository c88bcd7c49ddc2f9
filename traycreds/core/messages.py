"""Events (facts, past participles) and actions (imperatives): all that goes into and comes out of a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from traycreds.core.commands import Command
from traycreds.core.errors import FailureKind
from traycreds.core.model import Batch, Credentials, Refusal, Role, RoleName, Settings, State, StoreView, WriteReport


@dataclass(frozen=True, slots=True)
class Resumed:
    """The machine slept, or its clock was set: waits that were reckoned before mean nothing now."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ClockSeen:
    """AWS's clock was found to be further ahead of this machine's (or less far) than was known."""

    skew: timedelta
    at: datetime


@dataclass(frozen=True, slots=True)
class NetworkChanged:
    """The machine reaches the world by another way than before, or again."""

    at: datetime


@dataclass(frozen=True, slots=True)
class RoleChosen:
    """The user made a role the `default` profile; None takes the choice back."""

    name: RoleName | None


@dataclass(frozen=True, slots=True)
class RoleUsed:
    """The user took a role's session elsewhere: into the console, a shell, a program."""

    name: RoleName


@dataclass(frozen=True, slots=True)
class RoleSwitched:
    """The user turned keeping of a role on or off.

    Attributes:
        name: the role.
        on: renew it, or let it run out.
        until: end of keeping (UTC); None keeps until told otherwise.
    """

    name: RoleName
    on: bool
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoleDropped:
    """The user wants a session ended and its section removed."""

    name: RoleName


@dataclass(frozen=True, slots=True)
class RegionChosen:
    """The user chose a region for whoever uses a role's profile; None goes back to what the configuration says."""

    name: RoleName
    region: str | None


@dataclass(frozen=True, slots=True)
class RegionsNoted:
    """~/.aws/config was brought to say the regions of profiles, but for these."""

    notes: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class RefreshAsked:
    """The user asked for a refresh now; no names means every role that is kept or chosen."""

    names: tuple[RoleName, ...] = ()


@dataclass(frozen=True, slots=True)
class Paused:
    """The user stopped or resumed renewing."""

    on: bool


@dataclass(frozen=True, slots=True)
class Locked:
    """The user's screen was locked or unlocked."""

    on: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """The configuration was read; sessions of roles that stay are kept.

    Attributes:
        roles, settings: what it says.
        discovered: it names no role, so these are the profiles of ~/.aws/config.
        includes: it names files of others.
    """

    roles: tuple[Role, ...]
    settings: Settings
    discovered: bool = False
    includes: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """STS gave credentials for the role as it was when asked for."""

    role: Role
    credentials: Credentials
    at: datetime


@dataclass(frozen=True, slots=True)
class IssueFailed:
    """A refresh failed, of the role as it was when asked for.

    Attributes:
        at: when the try began: waits count from there, so that nobody waits twice for a call that hung.
        device: the MFA device whose code is needed.
        sign_in: the sign-in that is needed.
        again_at: when the same will do, since it only has to wait for its turn.
    """

    role: Role
    kind: FailureKind
    sentence: str
    hint: str
    at: datetime
    device: str | None = None
    sign_in: str | None = None
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A write ended; the report says what stands on file and what was refused."""

    batch: Batch
    report: WriteReport
    at: datetime


@dataclass(frozen=True, slots=True)
class WriteFailed:
    """A write failed as a whole; the file is as it was."""

    sentence: str
    hint: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FileChangedOutside:
    """The credentials file was read, at the start or since somebody else changed it."""

    view: StoreView
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
    | RegionsNoted
    | RefreshAsked
    | Paused
    | Locked
    | ConfigChanged
    | Issued
    | IssueFailed
    | Written
    | WriteFailed
    | FileChangedOutside
)


@dataclass(frozen=True, slots=True)
class Issue:
    """Get a session of this role from AWS."""

    role: Role


@dataclass(frozen=True, slots=True)
class Write:
    """Change the credentials file."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class Button:
    """What a notice offers to do, where the desktop can show it.

    Attributes:
        label: one to three words.
        command: what a click asks, of the engine or of the program.
    """

    label: str
    command: Event | Command


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell the user.

    Attributes:
        key: what it is about; a later one with the same key replaces it.
        title: a few words.
        body: what is wrong and what to do.
        urgent: a person is needed.
        buttons: what is offered; a desktop without buttons shows the notice all the same.
        roles: the roles that it says are failing.
    """

    key: str
    title: str
    body: str
    urgent: bool = False
    buttons: tuple[Button, ...] = ()
    roles: tuple[RoleName, ...] = ()


Action: TypeAlias = Issue | Write | Notify


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done now: the state after asking for it, the actions, and when to look again."""

    state: State
    actions: tuple[Action, ...]
    wake_at: datetime | None
