"""A role with its session, for commands that pass it on."""

from __future__ import annotations

from traycreds.core.model import Credentials, Role, Settings
from traycreds.core.text import rfc_3339
from traycreds.core.value_class import field, value_class


@value_class(kw_only=True)
class RoleSession:
    """A role with its session, and the settings it was found with: defaults if the app found it."""

    role: Role
    credentials: Credentials
    settings: Settings = field(default_factory=Settings)


def as_json(credentials: Credentials, *, token: str) -> dict[str, str]:
    """Credentials as SDKs take them from a process or an endpoint, which call the session token differently."""
    return {
        "AccessKeyId": credentials.access_key_id,
        "SecretAccessKey": credentials.secret_access_key,
        token: credentials.session_token,
        "Expiration": rfc_3339(credentials.expires_at),
        **({} if credentials.account_id is None else {"AccountId": credentials.account_id}),
    }
