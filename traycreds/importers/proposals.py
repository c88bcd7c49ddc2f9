"""Which roles an import proposes, from ~/.aws/config (aws-vault's and granted's included) and logsmith. Only reads.

Proposes nothing that the configuration already has under any name, and no name that is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from traycreds.awsfiles.ownership import MARKER
from traycreds.awsfiles.profiles import REGION_MARKER, ROLE_KINDS, AwsProfile, AwsProfiles, Kind, whole_seconds
from traycreds.core.errors import ConfigError
from traycreds.core.model import Role
from traycreds.core.names import free_name, safe_name
from traycreds.core.value_class import value_class
from traycreds.importers import logsmith
from traycreds.importers.logsmith import LogsmithRole

_INCLUDE = ("include_profile", "parent_profile")
"""aws-vault's own keys that lend a profile the settings of another (its usage guide; the second is the old name)."""
_LENT = {
    "role_arn": "role_arn",
    "source_profile": "source_profile",
    "region": "region",
    "external_id": "external_id",
    "mfa_serial": "mfa_serial",
    "role_session_name": "session_name",
    "duration_seconds": "duration",
}
"""What such a profile passes on, and our keys for it."""
_LEAPP_FILE = Path(".Leapp") / "Leapp-lock.json"


@value_class(kw_only=True)
class Proposal:
    """One role that could be added: its `table` in the order to write, and where it was found, for the user.

    `note`: a sentence on what it still needs, or None.
    """

    name: str
    table: Mapping[str, str | int]
    origin: str
    note: str | None = None

    @property
    def profile(self) -> str:
        """The profile that is written."""
        return str(self.table.get("profile", f"{self.name}-session"))


@value_class
class Proposals:
    """What an import found; `left_out` has sentences, `missing` is an error that names a package to install."""

    proposals: tuple[Proposal, ...]
    left_out: tuple[str, ...]
    missing: ConfigError | None = None


def find(aws: AwsProfiles, existing: Sequence[Role], home: Path) -> Proposals:
    """Everything that can be added; `existing` is empty while roles are only offered, `home` has other programs."""
    naming = _Naming(aws, existing)
    left_out: list[str] = []
    for profile in aws.profiles.values():
        _take_profile(naming, aws, profile, left_out)
    missing = None
    try:
        roles, problem = logsmith.read(home / logsmith.ACCOUNTS_FILE)
    except ConfigError as error:
        missing, roles, problem = error, (), None
        left_out.append(str(error))
    if problem:
        left_out.append(f"{problem}.")
    _take_logsmith(naming, roles, left_out)
    leapp = home / _LEAPP_FILE
    if leapp.exists():
        left_out.append(
            f"Leapp keeps its sessions encrypted ({leapp}), so traycreds cannot read them. Add "
            "their roles to ~/.aws/config, and import again."
        )
    return Proposals(tuple(naming.proposals), tuple(left_out), missing)


class _Naming:
    def __init__(self, aws: AwsProfiles, existing: Sequence[Role]) -> None:
        self.aws = aws
        self.proposals: list[Proposal] = []
        self._names = {str(role.name) for role in existing}
        self._targets = {str(role.profile) for role in existing}
        self._by_profile = {str(role.from_profile): str(role.profile) for role in existing if role.from_profile}
        self._by_hand = {
            _identity(role.arn, role.source_profile): str(role.profile) for role in existing if not role.from_profile
        }
        self._by_role = {_identity(role.arn, role.source_profile): str(role.profile) for role in existing}

    def add(self, wanted: str, table: Mapping[str, str | int], origin: str, note: str | None = None) -> str:
        """Propose a new role, of which there may be two in different regions; return the profile that it writes."""
        base = self.aws.profiles.get(str(table.get("from_profile", "")))
        settings = table if base is None else base.settings
        identity = _identity(settings.get("role_arn"), settings.get("source_profile"))
        if base is None:
            there = self._by_role.get(identity)
        else:
            there = self._by_profile.get(base.name) or (self._by_hand.get(identity) if identity[0] else None)
        if there is not None:
            return there
        name = free_name(safe_name(wanted), self._names)
        target = f"{name}-session"
        holder = self.aws.profiles.get(target)
        if target in self._targets or (holder is not None and not {MARKER, REGION_MARKER} & holder.settings.keys()):
            target = self.aws.free_name(target, self._targets)
            table = {**table, "profile": target}
        self.proposals.append(Proposal(name=name, table=table, origin=origin, note=note))
        self._names.add(name)
        self._targets.add(target)
        self._by_role.setdefault(identity, target)
        return target


def _identity(arn: object, source: object) -> tuple[str, str]:
    return str(arn or ""), str(source or "")


def _take_profile(naming: _Naming, aws: AwsProfiles, profile: AwsProfile, left_out: list[str]) -> None:
    origin = f"[{profile.name}] in {profile.file}, line {profile.line}"
    settings = profile.settings
    include = next((settings[key] for key in _INCLUDE if key in settings), None)
    if include is not None and profile.kind in {Kind.ROLE, Kind.NOTHING}:
        table = _with_lent(aws, profile)
        if "source_profile" in table and "role_arn" in table and table["source_profile"] != profile.name:
            naming.add(profile.name, table, f"{origin} (aws-vault)", _source_note(aws, str(table["source_profile"])))
            return
    if profile.kind in ROLE_KINDS:
        note = None
        if profile.kind is Kind.ROLE and "credential_source" not in settings:
            note = _source_note(aws, settings.get("source_profile"))
        naming.add(profile.name, {"from_profile": profile.name}, origin, note)
    elif settings.get("granted_sso_role_name"):
        if profile.kind is Kind.PROCESS:
            naming.add(profile.name, {"from_profile": profile.name}, f"{origin} (granted)")
        else:
            left_out.append(
                f"Profile {profile.name} has granted's settings but no credential_process, so AWS tools cannot use it. "
                f"Add to it: credential_process = granted credential-process --profile {profile.name}"
            )


def _with_lent(aws: AwsProfiles, profile: AwsProfile) -> dict[str, str | int]:
    """Our table for a profile that includes others: its own settings first, then inherited ones."""
    merged: dict[str, str] = {}
    seen: set[str] = set()
    at: AwsProfile | None = profile
    while at is not None and at.name not in seen:
        seen.add(at.name)
        merged = {**at.settings, **merged}
        at = aws.profiles.get(next((at.settings[key] for key in _INCLUDE if key in at.settings), ""))
    table: dict[str, str | int] = {ours: merged[theirs] for theirs, ours in _LENT.items() if merged.get(theirs)}
    seconds = whole_seconds(str(table.pop("duration", "")))
    if seconds is not None:
        table["duration"] = seconds
    return table


def _source_note(aws: AwsProfiles, source: str | None) -> str | None:
    there = aws.profiles.get(source or "")
    if source is None or (there is not None and there.kind is not Kind.NOTHING):
        return None
    return (
        f"Its source profile {source} has no credentials in the AWS files. If aws-vault keeps them, add to "
        f"[profile {source}]: credential_process = aws-vault export --format=json {source}"
    )


def _take_logsmith(naming: _Naming, roles: Sequence[LogsmithRole], left_out: list[str]) -> None:
    """Roles of other programs that assume roles themselves; one whose source is another comes after it."""
    by_name = {(role.group, role.name): role for role in roles}
    written: dict[tuple[str, str], str | None] = {}

    def take(role: LogsmithRole) -> str | None:
        """The profile that the role writes, None if it is left out."""
        key = (role.group, role.name)
        if key not in written:
            # This also ends a loop of sources.
            written[key] = None
            written[key] = _take_logsmith_role(naming, role, source(role), left_out)
        return written[key]

    def source(role: LogsmithRole) -> str | None:
        """The profile that assumes the role, None if there is none."""
        if role.source is not None:
            other = by_name.get((role.group, role.source))
            return None if other is None else take(other)
        return role.access_key if role.access_key in naming.aws.profiles else None

    for role in roles:
        take(role)


def _take_logsmith_role(naming: _Naming, role: LogsmithRole, source: str | None, left_out: list[str]) -> str | None:
    what = f"logsmith's profile {role.name} of group {role.group}"
    if role.sso:
        known = naming.aws.profiles.get(role.name)
        if known is None or known.kind is not Kind.SSO:
            hint = "Turn it into a profile with `aws configure sso`, and import again."
            left_out.append(f"{what} signs in through Identity Center. {hint}")
        return None
    if source is None:
        left_out.append(f"{what} needs profile {role.source or role.access_key}, which does not exist.")
        return None
    table = {"role_arn": role.arn, "source_profile": source}
    table |= {"region": role.region} if role.region else {}
    return naming.add(role.name, {**table, "group": role.group}, f"logsmith, group {role.group}", _MFA_NOTE)


_MFA_NOTE = "If the role asks for MFA, add mfa_serial, which logsmith derives from the user's name."
