"""Who exists in the simulated AWS: users, MFA devices, roles, sessions. Thread-safe; makes no decision."""

from __future__ import annotations

import secrets
import string
import threading
from collections.abc import Iterable
from datetime import datetime

from traycreds.core.value_class import field, replace, value_class
from traycreds.sim import totp

ID_ALPHABET = string.ascii_uppercase + "234567"
DEFAULT_ACCOUNT = "111122223333"


@value_class(kw_only=True)
class Principal:
    """Who makes a call.

    Attributes:
        arn: as in GetCallerIdentity.
        trusted_as: the ARN that a trust policy names: the user, or the role behind an assumed role.
        unique_id: the AROA or AIDA id; for roles with a colon and the session name.
    """

    arn: str
    trusted_as: str
    account: str
    unique_id: str
    source_identity: str | None = None
    mfa: bool = False


@value_class(kw_only=True)
class Key:
    """A key pair: long-lived (no token) or of a session."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    principal: Principal
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    active: bool = True


@value_class(kw_only=True)
class MfaDevice:
    """A virtual MFA device: its ARN, its user's ARN, and a base32 seed."""

    serial: str
    owner: str
    secret: str = field(repr=False)


@value_class(kw_only=True)
class SimRole:
    """A role that can be assumed by what `trust` names.

    That may be ARNs, `arn:aws:iam::ACCOUNT:root` for an account, and `*` for all. `max_session` is in seconds.
    """

    arn: str
    trust: tuple[str, ...]
    external_id: str | None = None
    max_session: int = 3600
    requires_mfa: bool = False
    unique_id: str

    @property
    def account(self) -> str:
        """The account of its ARN."""
        return self.arn.split(":")[4]

    @property
    def name(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition("/")[2]

    def trusts(self, principal: Principal) -> bool:
        """Whether the trust policy names this principal."""
        root = f"arn:aws:iam::{principal.account}:root"
        return any(one in ("*", principal.trusted_as, principal.arn, root) for one in self.trust)


class World:
    """Everything that exists, under one lock."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lock = threading.RLock()
        self._keys: dict[str, Key] = {}
        self._roles: dict[str, SimRole] = {}
        self._devices: dict[str, MfaDevice] = {}
        self._used_codes: set[tuple[str, int]] = set()

    def add_user(self, name: str, *, account: str = DEFAULT_ACCOUNT) -> Key:
        """Create an IAM user with one long-lived key pair."""
        arn = f"arn:aws:iam::{account}:user/{name}"
        principal = Principal(arn=arn, trusted_as=arn, account=account, unique_id=unique_id("AIDA"))
        key = Key(access_key_id=unique_id("AKIA"), secret_access_key=secrets.token_urlsafe(30), principal=principal)
        return self._keep(key)

    def add_key(self, user: Key) -> Key:
        """Give a user a second key pair, as rotation does."""
        return self._keep(
            replace(user, access_key_id=unique_id("AKIA"), secret_access_key=secrets.token_urlsafe(30), active=True)
        )

    def deactivate(self, access_key_id: str) -> None:
        """Make a key inactive; AWS then answers InvalidClientTokenId."""
        with self._lock:
            self._keys[access_key_id] = replace(self._keys[access_key_id], active=False)

    def add_role(
        self,
        arn: str,
        *,
        trust: Iterable[str] = (),
        external_id: str | None = None,
        max_session: int = 3600,
        requires_mfa: bool = False,
    ) -> SimRole:
        """Create a role, or replace it."""
        role = SimRole(
            arn=arn,
            trust=tuple(trust),
            external_id=external_id,
            max_session=max_session,
            requires_mfa=requires_mfa,
            unique_id=unique_id("AROA"),
        )
        with self._lock:
            self._roles[arn] = role
        return role

    def add_mfa_device(self, user: Key, *, name: str = "phone") -> MfaDevice:
        """Give a user a virtual MFA device."""
        alphabet = string.ascii_uppercase + "234567"
        device = MfaDevice(
            serial=f"arn:aws:iam::{user.principal.account}:mfa/{name}",
            owner=user.principal.arn,
            secret="".join(secrets.choice(alphabet) for _ in range(32)),
        )
        with self._lock:
            self._devices[device.serial] = device
        return device

    def open_session(self, principal: Principal, *, expires_at: datetime) -> Key:
        """Issue temporary credentials; like AWS's, they end on a whole second."""
        return self._keep(
            Key(
                access_key_id=unique_id("ASIA"),
                secret_access_key=secrets.token_urlsafe(30),
                session_token="FwoGZXIvYXdzE" + secrets.token_urlsafe(180),
                principal=principal,
                expires_at=expires_at.replace(microsecond=0),
            )
        )

    def key(self, access_key_id: str) -> Key | None:
        """The key of this id, active or not."""
        with self._lock:
            return self._keys.get(access_key_id)

    def role(self, arn: str) -> SimRole | None:
        """The role of this ARN."""
        with self._lock:
            return self._roles.get(arn)

    def device(self, serial: str) -> MfaDevice | None:
        """The MFA device of this serial."""
        with self._lock:
            return self._devices.get(serial)

    def use_code(self, device: MfaDevice, code: str, *, at: float) -> bool:
        """Whether a code is right for a moment (one period early or late allowed); each is accepted once."""
        now = totp.counter(at)
        with self._lock:
            for period in (now - 1, now, now + 1):
                if totp.code_of(device.secret, period) == code and (device.serial, period) not in self._used_codes:
                    self._used_codes.add((device.serial, period))
                    return True
        return False

    def _keep(self, key: Key) -> Key:
        with self._lock:
            self._keys[key.access_key_id] = key
        return key


def unique_id(prefix: str) -> str:
    """A fresh id of 20 characters, as IAM makes them (AKIA, ASIA, AIDA, AROA)."""
    return prefix + "".join(secrets.choice(ID_ALPHABET) for _ in range(20 - len(prefix)))
