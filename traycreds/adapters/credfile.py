"""The credentials file as a store of sessions: fits `engine.ports.CredentialStore`.

Owns when a read is believed, how a write is tried again, and the second look at what we wrote. Never changes a byte
outside our own sections, except that `take_over` and `revise` change a foreign one when the user asks for it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from traycreds.adapters import files, lockfile, sections
from traycreds.adapters.awsfile import decoded, encoded
from traycreds.core import profiles
from traycreds.core.errors import CredentialsFileError, UsageError
from traycreds.core.initext import IniText, ProfileTextError
from traycreds.core.model import DEFAULT_PROFILE, Batch, Refusal, StoreView, WriteReport

_UNDO_WINDOW = 35.0
"""Seconds after a write during which its undoing is taken for an accident; spans one idle turn of the engine."""
_MENDS = 3
"""How often the same write is put back before we say so instead."""
_SETTLE_TIME, _SETTLE_STEP = 0.6, 0.05
"""Seconds that a doubtful file must stay the same to be believed, and between looks."""
_SETTLE_LIMIT = 10.0
"""Seconds after which a file that never comes to rest is given up."""
_RACE_LIMIT = 10.0
"""Seconds during which a write begins anew when somebody else was faster; less than the lock's patience."""


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(slots=True)
class _Recent:
    """A section that we wrote (`after`) or removed (None), as it was before, to tell an undoing from an edit."""

    before: Mapping[str, str] | None = field(repr=False)
    after: Mapping[str, str] | None = field(repr=False)
    written_at: float
    mends: int = 0


class CredentialsFile:
    """The AWS shared credentials file.

    `read`, `write` and `take_over` may block for some seconds and are for one thread at a time; `changed` is for any.

    A read that looks torn (a known profile is gone, or it does not parse, or the file was touched a moment ago and we
    never saw it before) is believed only once the file has stayed so for 0.6 s, because the AWS CLI truncates before
    it writes. After each write, `changed` and then `read` should be called once about two seconds later:
    `read` puts back what a foreign program, which read before us and wrote after us, has undone.
    """

    def __init__(
        self,
        path: Path,
        *,
        lock_dir: Path,
        now: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Touch nothing yet.

        Args:
            path: the file; it and its folder need not exist, and it may be a link.
            lock_dir: a folder of ours for the lock.
            now: the clock against which sessions expire.
            sleep: how to wait for a file to settle.
        """
        self._path = path
        self._lock_dir = lock_dir
        self._now = now
        self._sleep = sleep
        self._looked = False
        self._seen: files.Stamp | None = None
        self._known: frozenset[str] | None = None
        self._missed = False
        self._recent: dict[str, _Recent] = {}
        self._swept = False

    def read(self) -> StoreView:
        """What is on file now, after putting back what a foreign program has undone of our last writes.

        Raises:
            CredentialsFileError: it cannot be read or parsed, or a foreign program keeps undoing our writes.
        """
        if not self._swept and files.strays(files.real_path(self._path)):  # else nobody need wait for a lock
            with (
                contextlib.suppress(CredentialsFileError),  # somebody is at work here: next time, then
                lockfile.locked(files.real_path(self._path), self._lock_dir, patience=0) as alone,
            ):
                self._sweep(alone=alone)
        text, _ = self._settled()
        self._missed = False
        undone = self._undone(text)
        if worn_out := [name for name, recent in undone.items() if recent.mends == _MENDS]:
            for name in worn_out:
                del self._recent[name]  # said once; from now on the file stands as it is
            raise CredentialsFileError(
                f"Another program has undone profile {worn_out[0]} in {self._path} {_MENDS + 1} times.",
                "Find out which program writes an old copy of the file, and close it.",
            )
        return self.write(Batch()).view if undone else sections.view(text)

    def changed(self) -> bool:
        """Whether the file differs from what the last `read` or `write` here saw; one `stat`, never raises.

        Also when a write came upon somebody else's change: only `read` tells of that.
        """
        return not self._looked or self._missed or files.stamp(self._path) != self._seen

    def write(self, batch: Batch) -> WriteReport:
        """Make all changes in one replace; a profile that is not ours is refused in the report.

        Raises:
            CredentialsFileError: nothing was written; the file is as it was.
        """
        for name in (*(write.profile for write in batch.sets), *batch.removes):
            self._recent.pop(name, None)  # what this batch wants of them is all that counts now
        if batch.copy_default_from:
            self._recent.pop(DEFAULT_PROFILE, None)
        refused: tuple[Refusal, ...] = ()

        def edited(text: IniText) -> IniText:
            nonlocal refused
            edit = sections.edit(text, batch, self._now())
            refused = edit.refused
            undone = {name: recent for name, recent in self._undone(text).items() if recent.mends < _MENDS}
            put_back = {name: recent.after for name, recent in undone.items() if recent.after is not None}
            taken_again = [name for name in undone if name not in put_back]
            return profiles.change(text, sets=put_back | edit.sets, removes=[*edit.removes, *taken_again])

        old, new = self._rewrite(edited)
        self._remember(old, new)
        return WriteReport(view=sections.view(new), refused=refused)

    def take_over(self, profile: str, new_name: str) -> Path:
        """Move a section that is not ours to another name, so that `profile` becomes free for us.

        The section's lines stay byte for byte, but for the name. Where somebody typed long-term keys into a section of
        ours, the session token and the marker that we left in it are taken out, since they make those keys unusable.

        Returns:
            The path of a backup of the old file, 0600, beside it.

        Raises:
            UsageError: there is no such section, it is ours, or the new name is taken or not fit.
            CredentialsFileError: nothing was written; the file is as it was.
        """
        backups: list[Path] = []

        def renamed(text: IniText) -> IniText:
            own = text.own().get(profile, {})
            if sections.is_ours(own):
                raise UsageError(f"Profile {profile} is written by traycreds.", "There is nothing to take over.")
            try:
                leftovers = sections.LEFTOVER_KEYS if sections.MARKER in own else ()
                result = profiles.rename(text, profile, new_name, without=leftovers)
            except ProfileTextError as error:
                sentence = f"Profile {profile} cannot become {new_name}, since {error.cause}."
                raise UsageError(sentence, "Name other profiles.") from error
            backups.append(files.back_up(files.real_path(self._path), encoded(text.text), self._now()))
            return result

        try:
            self._rewrite(renamed)
        except BaseException:
            for backup in backups:
                backup.unlink(missing_ok=True)
            raise
        for stale in backups[:-1]:  # of tries that somebody else's write overtook
            stale.unlink()
        return backups[-1]

    def revise(self, edited: Callable[[IniText], IniText]) -> None:
        """Change sections that are not ours as the user asks, in one replace; `edited` may be called again.

        Raises:
            CredentialsFileError: nothing was written; the file is as it was.
        """
        self._rewrite(edited)

    def _rewrite(self, edited: Callable[[IniText], IniText]) -> tuple[IniText, IniText]:
        """Read, edit and replace under the lock, from the start again if somebody else writes meanwhile.

        Returns:
            What was on file before and what is now.
        """
        path = files.real_path(self._path)
        with lockfile.locked(path, self._lock_dir) as alone:
            self._sweep(alone=alone)
            deadline = time.monotonic() + _RACE_LIMIT
            while time.monotonic() < deadline:
                looked, before = self._looked, self._seen
                old, data = self._settled()
                self._missed |= looked and self._seen != before
                try:
                    new = edited(old)
                    if new.text == old.text:
                        return old, old
                    result = encoded(new.text, data)
                except ProfileTextError as error:
                    raise self._bad_text(error, "cannot be changed safely") from error
                try:
                    self._seen = files.replace(path, result, expected=data)
                except files.ChangedMeanwhileError:
                    continue
                self._known = frozenset(new.sections)
                return old, new
        raise CredentialsFileError(
            f"Another program writes {self._path} all the time.", "Find out which, and stop it; the file is as it was."
        )

    def _settled(self) -> tuple[IniText, bytes | None]:
        """Read the file, and believe it only if it cannot be the half of somebody's write.

        Raises:
            CredentialsFileError: it cannot be read or parsed, or never comes to rest.
        """
        path = files.real_path(self._path)
        reading, text, error = self._attempt(path)
        first = self._known is None and _is_fresh(reading)
        expected = set(self._known or ())
        waited = same_for = 0.0
        while same_for < _SETTLE_TIME:
            if first and text:
                expected |= text.sections.keys()
            if text and expected <= text.sections.keys() and (not first or waited >= _SETTLE_TIME):
                break
            if waited >= _SETTLE_LIMIT:
                raise CredentialsFileError(
                    f"{self._path} never comes to rest.", "Another program writes it all the time; stop it."
                )
            self._sleep(_SETTLE_STEP)
            waited += _SETTLE_STEP
            before = reading.data
            reading, text, error = self._attempt(path)
            same_for = same_for + _SETTLE_STEP if reading.data == before else 0.0
        self._looked, self._seen = True, reading.stamp
        if error is not None:
            raise self._bad_text(error, "cannot be read by AWS tools") from error
        assert text is not None
        self._known = frozenset(text.sections)
        return text, reading.data

    def _attempt(self, path: Path) -> tuple[files.Reading, IniText | None, ProfileTextError | None]:
        reading = files.read(path)
        try:
            return reading, IniText(decoded(reading.data or b"")), None
        except ProfileTextError as error:
            return reading, None, error

    def _undone(self, text: IniText) -> dict[str, _Recent]:
        """The sections of our last writes that stand again exactly as they did before."""
        now = time.monotonic()
        self._recent = {name: each for name, each in self._recent.items() if now - each.written_at < _UNDO_WINDOW}
        on_file = text.own()
        return {name: recent for name, recent in self._recent.items() if on_file.get(name) == recent.before}

    def _remember(self, old: IniText, new: IniText) -> None:
        """Keep what a write changed, for the second look; a section that is put back keeps its count."""
        before, after = old.own(), new.own()
        for name in before | after:  # in the order of the file
            if before.get(name) == after.get(name):
                continue
            known = self._recent.get(name)
            mends = known.mends + 1 if known and known.after == after.get(name) else 0
            self._recent[name] = _Recent(before.get(name), after.get(name), time.monotonic(), mends)

    def _sweep(self, *, alone: bool) -> None:
        if not self._swept:
            files.sweep(files.real_path(self._path), alone=alone)
            self._swept = True

    def _bad_text(self, error: ProfileTextError, what: str) -> CredentialsFileError:
        where = f" (line {error.line})" if error.line else ""
        return CredentialsFileError(
            f"{self._path} {what}: {error.cause}{where}.", "Correct that by hand; until then the file is left as it is."
        )


def _is_fresh(reading: files.Reading) -> bool:
    """Whether the file was touched so lately that its writer may not have finished."""
    return reading.stamp is not None and abs(time.time() - reading.stamp.modified_ns / 1e9) < _SETTLE_TIME
