"""What the sign-in service remembers: registrations, codes, waiting devices, sign-ins that can be renewed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registration."""

    secret: str = field(repr=False)
    scopes: tuple[str, ...]
    grants: tuple[str, ...]
    redirects: tuple[str, ...]
    expires_at: datetime

    @property
    def renews(self) -> bool:
        """Whether its tokens come with a refresh token: AWS gives one to clients with a scope."""
        return bool(self.scopes) and (not self.grants or "refresh_token" in self.grants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What an authorization code stands for."""

    client_id: str
    redirect: str
    challenge: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device that waits to be allowed; `allowed` is None until someone decides."""

    client_id: str
    user_code: str
    expires_at: datetime
    interval: int
    allowed: bool | None = None
    polled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a refresh token stands for: a sign-in of a client, until it ends."""

    client_id: str
    family: str
    ends_at: datetime
    used: bool = False
