"""Reads the session of one role out of the credentials file; only one that we wrote, and never writes."""

from __future__ import annotations

from pathlib import Path

from traycreds.adapters import files, sections
from traycreds.adapters.awsfile import decoded
from traycreds.core.errors import CredentialsFileError
from traycreds.core.initext import IniText, ProfileTextError
from traycreds.core.model import Credentials, Role


def session_of(role: Role, path: Path) -> Credentials | None:
    """The session on file, however short it lasts or long it is over.

    None when there is none of ours, or the file cannot be read: whoever refreshes it then will say why.
    """
    try:
        text = IniText(decoded(files.read(path).data or b""))
    except (CredentialsFileError, ProfileTextError):
        return None
    own = text.own().get(role.profile)
    if own is None or not sections.is_ours(own) or own[sections.MARKER] != role.name:
        return None
    expires_at = sections.expiry(own)
    if expires_at is None:
        return None
    access_key_id, secret_access_key, session_token = (own[key] for key in sections.OUR_KEYS[:3])
    return Credentials(
        access_key_id=access_key_id,
        secret_access_key=secret_access_key,
        session_token=session_token,
        expires_at=expires_at,
    )
