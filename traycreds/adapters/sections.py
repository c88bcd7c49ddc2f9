"""Which sections of a credentials file are ours, what we write into them, and what we refuse to touch.

Owns the keys that we write and the rule of ownership. Pure: never reads or writes a file.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone

from traycreds.core import profiles
from traycreds.core.initext import IniText, ProfileTextError
from traycreds.core.model import (
    DEFAULT_PROFILE,
    Batch,
    OwnedProfile,
    ProfileName,
    ProfileWrite,
    Refusal,
    RoleName,
    StoreView,
)

MARKER = "traycreds_role"
"""The key that says whose a section is; SDKs ignore it."""
EXPIRY = "x_security_token_expires"
"""The key that most other tools write the expiry to (saml2aws, okta-aws-cli); RFC 3339, UTC; SDKs ignore it."""
_ACCESS_KEY = "aws_access_key_id"
OUR_KEYS = (_ACCESS_KEY, "aws_secret_access_key", "aws_session_token", EXPIRY, MARKER)
LEFTOVER_KEYS = ("aws_session_token", "aws_security_token", EXPIRY, MARKER)
"""Our keys that stay behind when somebody types long-term keys into a section of ours."""
_LONG_TERM = "AKIA"
"""How the ids of long-term keys begin, while those of sessions begin with ASIA (IAM User Guide, unique identifiers)."""
_RFC_3339 = "%Y-%m-%dT%H:%M:%SZ"

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Edit:
    """What a batch comes to, given what is on file. Holds secrets, so they never show in a repr.

    Attributes:
        sets: the keys to set in each profile.
        removes: the profiles to remove.
        refused: what must not be done, for the user.
    """

    sets: dict[ProfileName, Values] = field(repr=False)
    removes: tuple[ProfileName, ...]
    refused: tuple[Refusal, ...]


def is_ours(own: Values | None) -> bool:
    """Whether a section is one that we wrote and nobody has put keys of his own into since (`aws configure` does)."""
    return own is not None and MARKER in own and not own.get(_ACCESS_KEY, "").startswith(_LONG_TERM)


def view(text: IniText) -> StoreView:
    """What is on file: our profiles, and the names of all others that hold anything."""
    owned: list[OwnedProfile] = []
    foreign: list[ProfileName] = []
    for name, own in text.own().items():
        profile = ProfileName(name)
        if is_ours(own):
            owned.append(OwnedProfile(profile=profile, role=RoleName(own[MARKER]), expires_at=expiry(own)))
        elif own:
            foreign.append(profile)
    return StoreView(owned=tuple(owned), foreign=tuple(foreign))


def expiry(own: Values) -> datetime | None:
    """When the session in a section of ours ends; None when there is no whole session or no readable moment."""
    if not all(own.get(key) for key in OUR_KEYS):
        return None
    try:
        moment = datetime.fromisoformat(own[EXPIRY].replace("Z", "+00:00"))
        return moment.astimezone(timezone.utc) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def values(write: ProfileWrite) -> dict[str, str]:
    """The keys of one profile."""
    credentials = write.credentials
    moment = credentials.expires_at.astimezone(timezone.utc)
    secrets = (credentials.access_key_id, credentials.secret_access_key, credentials.session_token)
    return dict(zip(OUR_KEYS, (*secrets, moment.strftime(_RFC_3339), write.role), strict=True))


def edit(text: IniText, batch: Batch, now: datetime) -> Edit:
    """What a batch comes to: foreign sections are refused, and a session that lasts longer is not replaced."""
    on_file = text.own()
    sets: dict[ProfileName, Values] = {}
    refused: list[Refusal] = []
    for write in batch.sets:
        new = values(write)
        if refusal := _refusal(write.profile, new, on_file):
            refused.append(refusal)
        elif not _is_better(on_file.get(write.profile), new, now):
            sets[write.profile] = new
    if source := batch.copy_default_from:
        new_default = sets.get(source, on_file.get(source))
        if new_default is None or not is_ours(new_default) or expiry(new_default) is None:
            refused.append(
                Refusal(
                    profile=DEFAULT_PROFILE,
                    sentence=f"Profile {source} holds no session of ours that could become the default profile.",
                    hint=f"Refresh the role of profile {source}, then choose it again.",
                )
            )
        elif refusal := _refusal(DEFAULT_PROFILE, {}, on_file):
            refused.append(refusal)
        else:
            sets[DEFAULT_PROFILE] = {key: new_default[key] for key in OUR_KEYS}
    removes = tuple(name for name in batch.removes if name in on_file and name not in sets)
    refused += [_foreign(name, on_file) for name in removes if not is_ours(on_file[name])]
    return Edit(sets, tuple(name for name in removes if is_ours(on_file[name])), tuple(refused))


def take_over_command(profile: str, taken: Collection[str]) -> str:
    """The command that moves a foreign profile to a free name."""
    base = "base" if profile == DEFAULT_PROFILE else f"{profile}-base"
    names = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    free = next(name for name in names if name not in taken)
    return f"traycreds import --take-over {shlex.quote(profile)} --as {shlex.quote(free)}"


def _is_better(own: Values | None, new: Values, now: datetime) -> bool:
    """Whether the section holds a session of the same role that is valid and outlasts the new one."""
    if own is None or not is_ours(own) or own[MARKER] != new[MARKER]:
        return False
    old_end, new_end = expiry(own), expiry(new)
    return old_end is not None and new_end is not None and old_end > now and old_end > new_end


def _refusal(profile: ProfileName, new: Values, on_file: Mapping[str, Values]) -> Refusal | None:
    try:
        profiles.check(profile, new)
    except ProfileTextError as error:
        return Refusal(
            profile=profile,
            sentence=f"Profile {profile} was not written, since {error.cause}.",
            hint="Give the role and its profile names of letters, digits, '-' and '_' in the configuration.",
        )
    own = on_file.get(profile)
    # A header with nothing under it is nobody's loss.
    return _foreign(profile, on_file) if own and not is_ours(own) else None


def _foreign(profile: ProfileName, on_file: Mapping[str, Values]) -> Refusal:
    whose = (
        f"Profile {profile} now holds long-term keys that somebody put there."
        if MARKER in on_file[profile]
        else f"Profile {profile} was not written by traycreds."
    )
    return Refusal(
        profile=profile,
        sentence=f"{whose} It is left as it is.",
        hint=f"To keep it under another name, with a backup: {take_over_command(profile, on_file)}",
    )
