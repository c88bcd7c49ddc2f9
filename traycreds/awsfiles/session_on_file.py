"""Reads one role's session from the credentials file, without the imports of `credentials_file`, for `creds`."""

from __future__ import annotations

from pathlib import Path

from traycreds.awsfiles import ownership, whole_read
from traycreds.awsfiles.aws_file import decoded
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Credentials, Role


def session_of(role: Role, path: Path) -> Credentials | None:
    """The role's session on file, even if expired; None if there is not ours, or the file cannot be read."""
    try:
        text = IniText(decoded(whole_read.read(path).data or b""))
    except (CredentialsFileError, ProfileTextError):
        return None
    own = text.own().get(role.profile)
    if own is None or not ownership.is_ours(own) or not ownership.owned(role.profile, own).is_of(role):
        return None
    expires_at = ownership.expiry(own)
    if expires_at is None:
        return None
    access_key_id, secret_access_key, session_token = (own[key] for key in ownership.OUR_KEYS[:3])
    return Credentials(
        access_key_id=access_key_id,
        secret_access_key=secret_access_key,
        session_token=session_token,
        expires_at=expires_at,
        account_id=own.get(ownership.ACCOUNT) or role.account_id,
    )
