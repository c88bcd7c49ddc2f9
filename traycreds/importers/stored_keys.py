"""A profile's long-term keys in the keyring, and their `credential_process`, for which AWS tools wait: loads little."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from traycreds.core.errors import UsageError
from traycreds.core.text import json_value
from traycreds.core.value_class import field, value_class
from traycreds.state.keyring_store import KeyringStore

COMMAND = "keys"
"""The word by which the program is asked for the keys, as `__main__` reads it."""
_OURS = re.compile(rf".*traycreds.* {COMMAND} (?P<profile>[!-~]+)")
PROCESS = "credential_process"


@value_class(kw_only=True)
class StoredKeys:
    """What the keyring holds of a profile; `lines` are its lines in the file, to be put back byte for byte."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    lines: str = field(repr=False)


def answer(profile: str) -> dict[str, Any]:
    """What `credential_process` prints for stored keys (AWS SDKs and Tools Reference Guide). Raises UsageError."""
    keys = load(KeyringStore(), profile)
    if keys is None:
        raise nothing_stored(profile)
    return {"Version": 1, "AccessKeyId": keys.access_key_id, "SecretAccessKey": keys.secret_access_key}


def are_stored(settings: Mapping[str, str]) -> bool:
    """Whether a profile asks us for its keys; the keyring itself is not asked."""
    return entry_of(settings.get(PROCESS)) is not None


def load(keyring: KeyringStore, profile: str) -> StoredKeys | None:
    """The stored keys of a profile, or None."""
    text = keyring.load(entry_name(profile))
    try:
        return None if text is None else StoredKeys(**json_value(text))
    except (ValueError, TypeError):
        return None


def entry_name(profile: str) -> str:
    """The entry's name in the keyring."""
    return f"keys of profile {profile}"


def entry_of(process: str | None) -> str | None:
    """The profile whose keys a credential_process asks us for; a renamed section keeps asking for the old name."""
    found = _OURS.fullmatch(process or "")
    return found["profile"] if found else None


def nothing_stored(profile: str) -> UsageError:
    """The error for keys that the keyring does not give."""
    return UsageError(
        f"The keyring does not return the keys of profile {profile}.",
        "Unlock it, and check that you are the same user.",
    )
