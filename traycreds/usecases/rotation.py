"""Replaces a profile's long-term access key: creates, verifies and writes a new one, and deactivates the old one.

Whatever fails, the profile has an active key: what was done is undone, or is left as it works. Never shows a secret.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from traycreds.aws.access_keys.iam import AccessKeys, how_to_rotate
from traycreds.aws.keys import Keys
from traycreds.awsfiles import credentials_file, ini_edit, ownership, profiles
from traycreds.awsfiles.ini import IniText
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError, TraycredsError, UsageError
from traycreds.core.text import shown_key_id
from traycreds.engine.clock import SystemClock
from traycreds.shell.quoting import shell_line
from traycreds.usecases import load
from traycreds.usecases.options import Options

_ID, _SECRET = "aws_access_key_id", "aws_secret_access_key"
_MOST_KEYS = 2
"""Keys that IAM gives to one user."""
TRIES, PAUSE = 15, 2.0
"""How often a new key is tried, and seconds between: IAM is eventually consistent."""
STEADY = 2
"""So many times in a row it must work."""


class Rotation:
    """One rotation; nothing is changed before `carry_out`.

    Attributes:
        file: the credentials file.
        old: the id of the key to replace.
        age: its age in days, known after `check_key`.
        also: other profiles of the file that have the same key.
    """

    def __init__(self, options: Options, profile: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        """Check the profile, without a call to AWS. Raises UsageError: it has no access key. Raises IssueError."""
        self.profile = profile
        self._paths = load.find_paths(options)
        self._store = credentials_file.open_at(self._paths, SystemClock())
        self._pause = pause
        self._before = self._written = ""
        self.also: tuple[str, ...] = ()
        self.file: Path = self._paths.credentials_file
        self._store.revise(self._checked)
        self._keys = AccessKeys(profile)
        self.old = self._keys.keys.access_key
        self.age = 0

    def check_key(self) -> None:
        """Ask IAM about the key, for its `age`. Raises UsageError: it cannot be replaced. Raises IssueError."""
        listed = {key.access_key_id: key for key in self._keys.list()}
        if self.old not in listed:
            sentence = f"AWS does not list the access key of profile {self.profile} among the keys of its user."
            command = shell_line(("aws", "sts", "get-caller-identity", "--profile", self.profile))
            raise UsageError(sentence, f"Check which user the profile is for: {command}")
        if len(listed) >= _MOST_KEYS:
            other = next(shown_key_id(each) for each in listed if each != self.old)
            sentence = f"The user of profile {self.profile} already has two access keys, the most that AWS allows."
            raise UsageError(sentence, f"Delete the other one, {other}, in the IAM console if nothing uses it.")
        self.age = (SystemClock().now() - listed[self.old].created_at).days

    def carry_out(self) -> str:
        """Rotate; return the id of the new key. Raises TraycredsError: the old key is in place and active."""
        new = self._create()
        try:
            self._verify(new)
            self._write(self._keys.keys, new)
            self._keys.keys, old = new, self._keys.keys
            try:
                self._keys.deactivate(self.old)
            except TraycredsError:
                if self._is_inactive():
                    return new.access_key
                self._write(new, old)
                self._keys.keys = old
                raise
        except BaseException as error:
            # An interrupt may come right after the write.
            if not self._may_be_on_file(new):
                self._discard(new.access_key, error)
            raise
        finally:
            credentials_file.end_work(self._store)
        return new.access_key

    def _may_be_on_file(self, new: Keys) -> bool:
        """Whether the profile has the new key, or the file cannot be read."""
        found: list[str | None] = []

        def noted(text: IniText) -> IniText:
            found.append(text.own().get(self.profile, {}).get(_ID))
            return text

        try:
            self._store.revise(noted)
        except CredentialsFileError:
            return True
        return found[-1] == new.access_key

    def _create(self) -> Keys:
        """A new key; one that was made without our knowing its secret is deleted. Raises IssueError."""
        try:
            return self._keys.create()
        except IssueError as error:
            for each in self._listed_besides():
                self._discard(each, error)
            raise

    def _listed_besides(self) -> list[str]:
        try:
            return [key.access_key_id for key in self._keys.list() if key.access_key_id != self.old]
        except IssueError:
            return []

    def _verify(self, new: Keys) -> None:
        """Wait until AWS accepts the new key. Raises IssueError."""
        steady = 0
        for _ in range(TRIES):
            steady = steady + 1 if self._keys.works(new) else 0
            if steady == STEADY:
                return
            self._pause(PAUSE)
        sentence = (
            f"AWS still does not accept the new access key of profile {self.profile} after {TRIES * PAUSE:.0f} seconds."
        )
        raise IssueError(FailureKind.ANSWER, sentence, "Try again later; the old key is still in place.")

    def _is_inactive(self) -> bool:
        """Whether the old key is inactive after all. Raises IssueError: unknown, so that the new one stays in place."""
        try:
            return any(key.access_key_id == self.old and not key.active for key in self._keys.list())
        except IssueError as error:
            raise _KeptError(self.profile, self.old, error) from None

    def _discard(self, access_key_id: str, error: BaseException) -> None:
        """Delete a key that is not in place; if that fails too, say so with the error."""
        try:
            self._keys.delete(access_key_id)
        except IssueError:
            if isinstance(error, TraycredsError):
                error.hint = (
                    f"{error.hint} Also delete its unused key {shown_key_id(access_key_id)} in the IAM console."
                )

    def _write(self, old: Keys, new: Keys) -> None:
        """Replace the two lines. Raises CredentialsFileError, UsageError: the file is unchanged."""

        def replaced(text: IniText) -> IniText:
            own = self._checked(text).own()[self.profile]
            block = ini_edit.block(text, self.profile)
            # Undo our own write byte for byte.
            if block == self._written:
                return ini_edit.put_blocks(text, {self.profile: self._before})
            if (own[_ID], own[_SECRET]) != (old.access_key, old.secret_key):
                sentence = f"Another program changed the access key of profile {self.profile} in {self.file}."
                raise UsageError(sentence, "Check which key is right, then try again.")
            result = ini_edit.change(text, sets={self.profile: {_ID: new.access_key, _SECRET: new.secret_key}})
            self._before, self._written = block, ini_edit.block(result, self.profile)
            return result

        self._store.revise(replaced)

    def _checked(self, text: IniText) -> IniText:
        """The text, if the profile has a long-term key in it. Raises UsageError."""
        own = text.own().get(self.profile)
        if own is None or not (own.get(_ID) and own.get(_SECRET)):
            raise self._no_key()
        if ownership.is_ours(own) or not {"aws_session_token", "aws_security_token"}.isdisjoint(own):
            raise UsageError(f"Profile {self.profile} has a session, not a long-term key.", "Choose another profile.")
        others = text.own().items()
        self.also = tuple(name for name, has in others if name != self.profile and has.get(_ID) == own[_ID])
        return text

    def _no_key(self) -> UsageError:
        sentence = f"Profile {self.profile} has no access key in {self.file}."
        aws = profiles.read_at(self._paths)
        if profiles.place(aws, self.profile, _ID) is not None:
            return UsageError(sentence, how_to_rotate(aws, self.profile))
        undo = shell_line(("traycreds", "import", "keyring", self.profile, "--undo"))
        return UsageError(sentence, f"Choose a profile that has one. If its keys are in the keyring, first run: {undo}")


class _KeptError(TraycredsError):
    """The new key is in place and works, but whether the old one is still active is not known."""

    exit_code = IssueError.exit_code

    def __init__(self, profile: str, old: str, error: IssueError) -> None:
        sentence = f"The new access key of profile {profile} is in place, but the old one may still be active."
        hint = f"Deactivate {shown_key_id(old)} in the IAM console."
        super().__init__(f"{sentence} {error.sentence}", hint)
