"""A simulated IAM in which users manage their own access keys; tests alone, never shipped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from traycreds.core.text import rfc_3339
from traycreds.core.value_class import replace
from traycreds.sim.errors import ErrorResponse, denied
from traycreds.sim.sts import Form
from traycreds.sim.world import Key, World

ACTIONS = frozenset({"ListAccessKeys", "CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"})
MOST = 2
"""Keys of one user."""


class Iam:
    """Access keys of users.

    Attributes:
        denied: actions that a policy denies.
        late: how often STS does not know a new key yet.
        created: when each key was made; others are an hour old.
        lost: actions whose answer is lost after they were carried out.
    """

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        self._world = world
        self._clock = clock
        self.denied: set[str] = set()
        self.late = 0
        self.created: dict[str, datetime] = {}
        self.lost: set[str] = set()
        self._waits: dict[str, int] = {}

    def keys_of(self, user: Key) -> list[Key]:
        """The long-term keys of a user, the oldest first."""
        return [
            key
            for key in self._world._keys.values()
            if key.principal.arn == user.principal.arn and key.session_token is None
        ]

    def check_known(self, key: Key) -> None:
        """Refuse a key that is too new. Raises ErrorResponse."""
        if self._waits.get(key.access_key_id, 0):
            self._waits[key.access_key_id] -= 1
            raise ErrorResponse(403, "InvalidClientTokenId", "The security token included in the request is invalid.")

    def result(self, action: str, form: Form, caller: Key) -> str:
        """The XML of an action's result. Raises ErrorResponse."""
        self.check_known(caller)
        if action in self.denied:
            raise denied(f"User: {caller.principal.arn} is not authorized to perform: iam:{action}")
        carry_out = getattr(self, f"_{action.removesuffix('s').removesuffix('AccessKey').lower()}")
        text = carry_out(form, caller)
        if action in self.lost:
            raise ErrorResponse(500, "InternalFailure", "The answer is lost.")
        return str(text)

    def _list(self, _form: Form, caller: Key) -> str:
        members = "".join(
            f"<member><UserName>me</UserName><AccessKeyId>{key.access_key_id}</AccessKeyId>"
            f"<Status>{'Active' if key.active else 'Inactive'}</Status>"
            f"<CreateDate>{rfc_3339(self._made(key))}</CreateDate></member>"
            for key in self.keys_of(caller)
        )
        return f"<AccessKeyMetadata>{members}</AccessKeyMetadata><IsTruncated>false</IsTruncated>"

    def _made(self, key: Key) -> datetime:
        return self.created.get(key.access_key_id, self._clock() - timedelta(hours=1))

    def _create(self, _form: Form, caller: Key) -> str:
        if len(self.keys_of(caller)) >= MOST:
            raise ErrorResponse(409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
        key = self._world.add_key(caller)
        self.created[key.access_key_id] = self._clock()
        self._waits[key.access_key_id] = self.late
        return (
            f"<AccessKey><UserName>me</UserName><AccessKeyId>{key.access_key_id}</AccessKeyId><Status>Active</Status>"
            f"<SecretAccessKey>{key.secret_access_key}</SecretAccessKey></AccessKey>"
        )

    def _update(self, form: Form, caller: Key) -> str:
        key = self._own(form, caller)
        self._world._keys[key.access_key_id] = replace(key, active=form["Status"] == "Active")
        return ""

    def _delete(self, form: Form, caller: Key) -> str:
        del self._world._keys[self._own(form, caller).access_key_id]
        return ""

    def _own(self, form: Form, caller: Key) -> Key:
        wanted = form["AccessKeyId"]
        for key in self.keys_of(caller):
            if key.access_key_id == wanted:
                return key
        raise ErrorResponse(404, "NoSuchEntity", f"The Access Key with id {wanted} cannot be found.")
