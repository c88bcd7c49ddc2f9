"""Which sections of a credentials file are ours, what we write into them, and what we refuse to touch. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime, timezone

from traycreds.awsfiles.ini import IniText, ProfileTextError
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
from traycreds.core.names import free_name
from traycreds.core.text import from_rfc_3339, rfc_3339
from traycreds.core.value_class import field, replace, value_class
from traycreds.shell.quoting import shell_word

MARKER = "traycreds_role"
"""The key that says whose a section is; SDKs ignore it."""
EXPIRY = "x_security_token_expires"
"""The key that most other tools write the expiry to (saml2aws, okta-aws-cli); RFC 3339, UTC; SDKs ignore it."""
WRITTEN_KEY = "traycreds_key"
"""The key with the access key id that we wrote, no secret; if the real one differs, the keys are not ours."""
_ACCESS_KEY = "aws_access_key_id"
_SESSION_KEYS = (_ACCESS_KEY, "aws_secret_access_key", "aws_session_token", EXPIRY, MARKER)
SESSION_OF = "traycreds_of"
"""The key that says where the session is from, because a name can get another role (`Role.session_of`)."""
ACCOUNT = "aws_account_id"
"""The key from which SDKs take the account of a session; written if known."""
_NOT_ALWAYS = (SESSION_OF, ACCOUNT)
"""The keys that not every session has."""
OUR_KEYS = (*_SESSION_KEYS, WRITTEN_KEY, *_NOT_ALWAYS)
LEFTOVER_KEYS = ("aws_session_token", "aws_security_token", EXPIRY, MARKER, WRITTEN_KEY, *_NOT_ALWAYS)
"""Our keys that remain when someone types long-term keys into one of our sections."""
_LONG_TERM = "AKIA"
"""How ids of long-term keys begin; those of sessions begin with ASIA (IAM User Guide, unique identifiers)."""

ProfileValues = Mapping[str, str]
_NONE: Mapping[ProfileName, Refusal] = {}


@value_class
class Edit:
    """What a batch changes on file; holds secrets, so never shown in a repr."""

    sets: dict[ProfileName, ProfileValues] = field(repr=False)
    removes: tuple[ProfileName, ...]
    refused: tuple[Refusal, ...]


def is_ours(own: ProfileValues | None) -> bool:
    """Whether we wrote a section and nobody has put their own keys into it since.

    `aws configure` does that with long-term keys, saml2aws with a session. Sections of early versions have no record of
    their access key id.
    """
    if own is None or MARKER not in own:
        return False
    access_key = own.get(_ACCESS_KEY, "")
    if WRITTEN_KEY in own and access_key:
        return access_key == own[WRITTEN_KEY]
    return not access_key.startswith(_LONG_TERM)


def leftovers(own: ProfileValues) -> tuple[str, ...]:
    """Our keys in a section that now holds someone else's keys."""
    if MARKER not in own:
        return ()
    return LEFTOVER_KEYS if _is_long_term(own) else (MARKER, WRITTEN_KEY, *_NOT_ALWAYS)


def _is_long_term(own: ProfileValues) -> bool:
    return own.get(_ACCESS_KEY, "").startswith(_LONG_TERM)


def view(text: IniText) -> StoreView:
    """What is on file: our profiles, and the names of all others with content."""
    found: list[OwnedProfile] = []
    foreign: list[ProfileName] = []
    for name, own in text.own().items():
        profile = ProfileName(name)
        if is_ours(own):
            found.append(owned(profile, own))
        elif own:
            foreign.append(profile)
    return StoreView(owned=tuple(found), foreign=tuple(foreign))


def owned(profile: ProfileName, own: ProfileValues) -> OwnedProfile:
    """The content of one of our sections."""
    return OwnedProfile(
        profile=profile, role=RoleName(own[MARKER]), expires_at=expiry(own), session_of=own.get(SESSION_OF)
    )


def expiry(own: ProfileValues) -> datetime | None:
    """When the session in one of our sections ends; None without a complete session or valid date."""
    if not all(own.get(key) for key in _SESSION_KEYS):
        return None
    moment = from_rfc_3339(own[EXPIRY])
    try:
        return moment and moment.astimezone(timezone.utc)
    except OverflowError:
        # A moment at the edge of the calendar may be outside it in UTC.
        return None


def values(write: ProfileWrite) -> dict[str, str]:
    """The keys of one profile."""
    credentials = write.credentials
    key = credentials.access_key_id
    secrets = (key, credentials.secret_access_key, credentials.session_token)
    more = {SESSION_OF: write.session_of, ACCOUNT: credentials.account_id}
    session = zip(_SESSION_KEYS, (*secrets, rfc_3339(credentials.expires_at), write.role), strict=True)
    return {**dict(session), WRITTEN_KEY: key, **{name: text for name, text in more.items() if text}}


def edit(
    text: IniText,
    batch: Batch,
    now: datetime,
    hidden: Mapping[ProfileName, Refusal] = _NONE,
    *,
    keep_longer: bool = True,
) -> Edit:
    """What a batch changes: foreign sections are refused, and with `keep_longer` a session that lasts longer stays.

    `hidden` says which profiles cannot hold a session, and why.
    """
    on_file = text.own()
    sets: dict[ProfileName, ProfileValues] = {}
    refused: list[Refusal] = []
    for write in batch.sets:
        new = values(write)
        if refusal := hidden.get(write.profile) or refusal_of(write.profile, new, on_file):
            refused.append(refusal)
        elif not keep_longer or not _is_better(on_file.get(write.profile), new, now):
            sets[write.profile] = new
    if source := batch.copy_default_from:
        new_default = sets.get(source, on_file.get(source))
        if new_default and not is_ours(new_default):
            refused.append(replace(_foreign(source, on_file), profile=DEFAULT_PROFILE))
        elif new_default is None or expiry(new_default) is None:
            refused.append(
                Refusal(
                    profile=DEFAULT_PROFILE,
                    sentence=f"Profile {source} has no traycreds session to use as the default profile.",
                    hint=f"Refresh the role of profile {source}, then choose it again.",
                )
            )
        elif refusal := hidden.get(DEFAULT_PROFILE) or refusal_of(DEFAULT_PROFILE, {}, on_file):
            refused.append(refusal)
        else:
            sets[DEFAULT_PROFILE] = {
                **{key: new_default[key] for key in (*_SESSION_KEYS, *_NOT_ALWAYS) if key in new_default},
                WRITTEN_KEY: new_default[_ACCESS_KEY],
            }
    removes = tuple(name for name in batch.removes if name in on_file and name not in sets)
    refused += [_foreign(name, on_file) for name in removes if not is_ours(on_file[name])]
    return Edit(sets, tuple(name for name in removes if is_ours(on_file[name])), tuple(refused))


def without_stale(text: IniText, sets: Mapping[ProfileName, ProfileValues]) -> IniText:
    """The text without the old session's extra keys, such as its account, in profiles that get a new one."""
    from traycreds.awsfiles import ini_edit

    own = text.own()
    for name, new in sets.items():
        if stale := {key for key in _NOT_ALWAYS if key in own.get(name, {}) and key not in new}:
            text = ini_edit.swap(text, name, stale, {})
    return text


def take_over_command(profile: str, taken: Container[str]) -> str:
    """The command that moves a foreign profile to a free name."""
    base = "base" if profile == DEFAULT_PROFILE else f"{profile}-base"
    return f"traycreds import take-over {shell_word(profile)} --as {shell_word(free_name(base, taken))}"


def _is_better(own: ProfileValues | None, new: ProfileValues, now: datetime) -> bool:
    """Whether the section has a valid session of the same role that outlasts the new one."""
    if own is None or not is_ours(own) or own[MARKER] != new[MARKER]:
        return False
    if own.get(SESSION_OF, new.get(SESSION_OF)) != new.get(SESSION_OF):
        return False
    old_end, new_end = expiry(own), expiry(new)
    return old_end is not None and new_end is not None and old_end > now and old_end > new_end


def refusal_of(profile: ProfileName, new: ProfileValues, on_file: Mapping[str, ProfileValues]) -> Refusal | None:
    """Why values must not be written to a profile, given the keys of each section on file; None if they may be."""
    from traycreds.awsfiles import ini_edit

    try:
        ini_edit.check(profile, new)
    except ProfileTextError as error:
        return Refusal(
            profile=profile,
            sentence=f"Profile {profile} was not written because {error.cause}.",
            hint="Name the role and its profile with letters, digits, '-' and '_' only.",
        )
    own = on_file.get(profile)
    # Nothing is lost with a header that has nothing under it.
    return _foreign(profile, on_file) if own and not is_ours(own) else None


def _foreign(profile: ProfileName, on_file: Mapping[str, ProfileValues]) -> Refusal:
    own = on_file[profile]
    if MARKER not in own:
        whose = f"traycreds did not write profile {profile}."
    elif _is_long_term(own):
        whose = f"Profile {profile} now holds long-term keys that traycreds did not write."
    else:
        whose = f"Profile {profile} now holds a session that traycreds did not write."
    return Refusal(
        profile=profile,
        sentence=f"{whose} traycreds leaves it unchanged.",
        hint=f"To keep it under another name, with a backup: {take_over_command(profile, on_file)}",
    )
