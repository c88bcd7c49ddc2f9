"""Reads the session of one role from the credentials file.

Apart from `credentials_file`, which writes: an SDK that calls `creds` must not wait for what a write loads.
"""

from __future__ import annotations

from pathlib import Path

from traycreds.awsfiles import ownership, whole_read
from traycreds.awsfiles.aws_file import decoded
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Credentials, Role


def session_of(role: Role, path: Path) -> Credentials | None:
    """The session on file, even if it is about to expire or has expired.

    Returns:
        The credentials, or None when the file has no session of ours for the role or cannot be read: the refresh that
        follows reports why.
    """
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
