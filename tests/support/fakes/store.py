"""The credentials file in memory: a small working store that passes the contract suite of the real one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from tests.support.builders import NOW
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import (
    DEFAULT_PROFILE,
    Batch,
    Credentials,
    OwnedProfile,
    ProfileName,
    Refusal,
    RoleName,
    StoreView,
    WriteReport,
)


class MemoryStore:
    """Fits `core.ports.CredentialStore`.

    Attributes:
        sessions: our profiles with the role and the credentials they hold.
        of: what those credentials are of.
        foreign: the names of other people's profiles.
        batches: every batch to write, in order.
        failure: raised by every `read` and `write` while it is set.
        soon: seconds after which it wants to be looked at.
    """

    def __init__(self, *, foreign: Iterable[str] = (), now: Callable[[], datetime] = lambda: NOW) -> None:
        self.sessions: dict[ProfileName, tuple[RoleName, Credentials]] = {}
        self.of: dict[ProfileName, str | None] = {}
        self.foreign: list[ProfileName] = [ProfileName(name) for name in foreign]
        self.batches: list[Batch] = []
        self.failure: CredentialsFileError | None = None
        self._now = now
        self._changed = True
        self.soon: float | None = None

    def read(self) -> StoreView:
        self._changed = False
        if self.failure:
            raise self.failure
        return self._view()

    def changed(self) -> bool:
        return self._changed

    def next_check(self) -> float | None:
        return self.soon

    def write(self, batch: Batch) -> WriteReport:
        self.batches.append(batch)
        if self.failure:
            raise self.failure
        refused, before = [], dict(self.sessions)
        for each in batch.sets:
            if refusal := self._refusal(each.profile):
                refused.append(refusal)
                continue
            role, held = self.sessions.get(each.profile, (None, None))
            same = role == each.role and self.of.get(each.profile) in {None, each.session_of}
            kept = same and held and held.expires_at > max(self._now(), each.credentials.expires_at)
            if not kept:
                self.sessions[each.profile] = (each.role, each.credentials)
                self.of[each.profile] = each.session_of
        if batch.copy_default_from:
            source = self.sessions.get(batch.copy_default_from)
            if source is None:
                name = batch.copy_default_from
                refused.append(Refusal(profile=DEFAULT_PROFILE, sentence=f"{name} has no session.", hint="Refresh it."))
            elif refusal := self._refusal(DEFAULT_PROFILE):
                refused.append(refusal)
            else:
                self.sessions[DEFAULT_PROFILE] = source
                self.of[DEFAULT_PROFILE] = self.of.get(batch.copy_default_from)
        for name in batch.removes:
            if name in self.foreign:
                refused.append(self._refusal(name))
            self.sessions.pop(name, None)
        same = frozenset(
            each.profile for each in batch.sets if self.sessions.get(each.profile) == before.get(each.profile)
        )
        return WriteReport(view=self._view(), refused=tuple(refused), unchanged=same)

    def edit_outside(self, *, foreign: Iterable[str] = (), lost: Iterable[str] = ()) -> None:
        """Someone else adds their own profiles, or removes some of our profiles."""
        self.foreign += [ProfileName(name) for name in foreign]
        for name in lost:
            self.sessions.pop(ProfileName(name), None)
        self._changed = True

    def _view(self) -> StoreView:
        owned = tuple(
            OwnedProfile(
                profile=name,
                role=role,
                expires_at=held.expires_at.replace(microsecond=0),
                session_of=self.of.get(name),
            )
            for name, (role, held) in self.sessions.items()
        )
        return StoreView(owned=owned, foreign=tuple(self.foreign))

    def _refusal(self, name: ProfileName) -> Refusal | None:
        if name in self.foreign:
            new_name = "base" if name == DEFAULT_PROFILE else f"{name}-base"
            command = f"traycreds import take-over {name} --as {new_name}"
            return Refusal(profile=name, sentence=f"Profile {name} is not ours.", hint=f"To keep it: {command}")
        if not re.fullmatch(r"[\w\-/.%@:+]+", name, re.ASCII):
            return Refusal(
                profile=name, sentence=f"Profile {name} is not read the same way.", hint="Name it otherwise."
            )
        return None
