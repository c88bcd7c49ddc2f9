"""The credentials file as a store of sessions: fits `core.ports.CredentialStore`.

Owns when a read is believed, how a write is retried, and how concurrent writes end. Never changes a byte outside our
sections, except when the user asks (`take_over`, `revise`) or another program wrote too late.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from traycreds.awsfiles import ini_edit, ownership
from traycreds.awsfiles.aws_file import decoded, encoded, encoding
from traycreds.awsfiles.concurrency import merge, vanished_sections
from traycreds.awsfiles.concurrency.late_writes import LateWrite, LateWrites
from traycreds.awsfiles.concurrency.recent_writes import RecentWrites
from traycreds.awsfiles.concurrency.shared_file import BUSY_STEP, NAMED, SharedFile
from traycreds.awsfiles.hidden_profiles import HiddenProfiles
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.core.errors import CredentialsFileError, UsageError
from traycreds.core.model import DEFAULT_PROFILE, Batch, FileNote, Refusal, StoreView, WriteReport
from traycreds.core.ports import Clock, UndoneError
from traycreds.core.text import name_list
from traycreds.core.value_class import replace
from traycreds.files import atomic_write, contents, locks
from traycreds.state.paths import Paths

RACE_LIMIT = 10.0
"""Seconds during which a write starts over if another program was faster; less than the lock's patience."""
_YIELD = 0.3
"""Seconds during which a write yields to others; after that, they wait for its milliseconds."""
_INSISTENCE = 100
"""Tries to do that in a row, before waiting again until the file has settled."""
_UNDER_LOCK = 1.0
"""Seconds that our other processes wait for the lock while the file settles."""
_LINGER, _LINGER_STEP, _FINISH_STEP = 0.2, 0.002, 0.05
"""Seconds after a write during which we stay with a program that was overtaken in mid-write, and between looks."""
_NOTHING = Batch()

_log = logging.getLogger(__name__)


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class CredentialsFile:
    """The AWS shared credentials file.

    `read`, `write` and `take_over` may block for seconds and are for one thread at a time; `changed` is for any.

    A read that looks torn (a known profile is gone, it does not parse, or a file new to us was just touched) counts
    only once the file has been unchanged for 0.6 s, because the AWS CLI truncates before it writes, or once its writer
    has closed it. After each write, call `changed` and then `read` about two seconds later, and as `next_check` says:
    `read` restores what a program overwrote with an old copy, and recovers late writes into the file that we replaced.
    """

    def __init__(
        self,
        path: Path,
        *,
        lock_dir: Path,
        aws_config: Path | None = None,
        keep_longer: bool = True,
        now: Callable[[], datetime] = _utc_now,
        sleep: Callable[[float], None] = time.sleep,
        missing: Callable[[FileNote], None] = lambda _: None,
    ) -> None:
        """Touch nothing yet; the file may be missing or a link. `aws_config` may hide profiles; see `SharedFile`."""
        self._path = path
        self._lock_dir = lock_dir
        self._now, self._keep_longer = now, keep_longer
        self._sleep = sleep
        self._file = SharedFile(path, lock_dir=lock_dir, now=now, sleep=sleep, missing=missing)
        self._hidden = HiddenProfiles(aws_config)
        self._missed = False
        self._recent = RecentWrites()
        self._late = LateWrites(time.monotonic)
        self._notes: list[FileNote] = []
        self._swept = False

    def read(self) -> StoreView:
        """What is on file, after restoring writes that a program undid. Raises CredentialsFileError, UndoneError."""
        # Take the lock only for leftover files, so that no reader waits without need.
        if not self._swept and atomic_write.strays(contents.real_path(self._path)):
            with (
                # Another process is at work here, so leave the sweep to the next read.
                contextlib.suppress(CredentialsFileError),
                locks.locked(contents.real_path(self._path), self._lock_dir, patience=0) as alone,
            ):
                self._sweep(alone=alone)
        self._take_late_writes()
        text, _ = self._file.read()
        self._file.note_secrets(text)
        self._missed = False
        undone = self._recent.undone(text)
        if exhausted := [name for name, recent in undone.items() if recent.exhausted]:
            # Report this once. From then on the file stays as it is.
            self._recent.forget(exhausted)
            times = undone[exhausted[0]].restores + 1
            raise UndoneError(
                f"Another program has undone profile {exhausted[0]} in {self._path} {times} times.",
                "Find out which program writes an old copy of the file, and close it.",
                self._view(text),
            )
        return self.write(Batch()).view if undone else self._view(text)

    def changed(self) -> bool:
        """Whether the file differs from what `read` or `write` last saw; never raises.

        True also after a change of ~/.aws/config, which may hide profiles, or a write into a file that we replaced.
        """
        late = self._late.check()
        ours = not self._file.has_read or self._missed or bool(late) or contents.stamp(self._path) != self._file.seen
        return ours or self._hidden.changed()

    @property
    def held_up(self) -> FileNote | None:
        """What keeps the file from being read or written at this moment, if anything; from any thread."""
        return self._file.held_up

    def next_check(self) -> float | None:
        """Seconds until `changed` should be asked again, because others may undo our writes; None: no need."""
        return min(filter(None, (self._late.next_check(), self._recent.next_check())), default=None)

    def finish(self, seconds: float = vanished_sections.HOLD) -> None:
        """Before exit, wait up to `seconds` for an overtaken writer. Raises CredentialsFileError: its text is lost."""
        try:
            self._stay(seconds, _FINISH_STEP)
        finally:
            self._late.close()

    def write(self, batch: Batch) -> WriteReport:
        """Make all changes in one replace, except refused ones. Raises CredentialsFileError: the file is unchanged."""
        wanted = {*(write.profile for write in batch.sets), *batch.removes}
        if batch.copy_default_from:
            wanted.add(DEFAULT_PROFILE)
        refused: tuple[Refusal, ...] = ()

        def edited(text: IniText) -> IniText:
            nonlocal refused
            hidden = self._hidden.refusals()
            edit = ownership.edit(text, batch, self._now(), hidden, keep_longer=self._keep_longer)
            refused, text = edit.refused, ownership.without_stale(text, edit.sets)
            undone = {
                name: recent
                for name, recent in self._recent.undone(text).items()
                # This batch decides what becomes of the profiles that it wants.
                if name not in wanted and not recent.exhausted
            }
            ours = {name: recent.after for name, recent in undone.items() if recent.after is not None and recent.ours}
            text = merge.put(text, {name: recent.lines for name, recent in undone.items() if not recent.ours})
            gone = [name for name, recent in undone.items() if recent.ours and name not in ours]
            return ini_edit.change(text, sets=ours | edit.sets, removes=[*edit.removes, *gone])

        old, new = self._rewrite(edited, batch)
        self._recent.remember(old, new, wanted)
        before, after = old.own(), new.own()
        unchanged = frozenset(
            each.profile for each in batch.sets if before.get(each.profile) == after.get(each.profile)
        )
        # A write that came too late is checked again at the next read.
        with contextlib.suppress(CredentialsFileError):
            new = self._stay(_LINGER, _LINGER_STEP) or new
        return WriteReport(view=self._view(new), refused=refused, unchanged=unchanged)

    def take_over(self, profile: str, new_name: str) -> Path:
        """Rename a section that is not ours, so that `profile` is free; return the path of a backup (0600).

        The section's lines stay byte for byte. If someone put keys into one of our sections, our leftovers are removed,
        also the session token beside long-term keys, which makes them unusable.

        Raises UsageError: no such section, it is ours, or a bad new name. Raises CredentialsFileError: the file is
        unchanged.
        """
        backups: list[Path] = []

        def renamed(text: IniText) -> IniText:
            own = text.own().get(profile, {})
            if ownership.is_ours(own):
                raise UsageError(f"Profile {profile} is written by traycreds.", "Choose a profile that you wrote.")
            try:
                result = ini_edit.rename(text, profile, new_name, without=ownership.leftovers(own))
            except ProfileTextError as error:
                sentence = f"Profile {profile} cannot become {new_name} because {error.cause}."
                raise UsageError(sentence, "Choose other names.") from error
            backups.append(atomic_write.back_up(contents.real_path(self._path), encoded(text.text), self._now()))
            return result

        try:
            self._rewrite(renamed)
        except BaseException:
            for backup in backups:
                backup.unlink(missing_ok=True)
            raise
        # These belong to tries that another program's write overtook.
        for stale in backups[:-1]:
            stale.unlink()
        return backups[-1]

    def revise(self, edited: Callable[[IniText], IniText]) -> None:
        """Change other sections as the user asks, in one replace; `edited` may repeat. Raises CredentialsFileError."""
        self._rewrite(edited)

    def _rewrite(
        self, edited: Callable[[IniText], IniText], batch: Batch = _NOTHING, patience: float = _YIELD
    ) -> tuple[IniText, IniText]:
        """Read, edit and replace under the lock, again if someone else writes; return the text before and after.

        `patience` is how long it yields to other writers. Vanished sections delay the sessions of `batch`.
        """
        deadline, insist_at, tries = time.monotonic() + RACE_LIMIT, time.monotonic() + patience, 0
        while time.monotonic() < deadline:
            path = contents.real_path(self._path)
            has_read, before = self._file.has_read, self._file.seen
            insist = time.monotonic() > insist_at
            if insist and tries % _INSISTENCE:
                self._file.pause(BUSY_STEP)
            else:
                # Wait before taking the lock, as our other processes wait for it.
                waited = self._file.wait_for_vanished(batch)
                deadline, insist_at = deadline + waited, insist_at + waited
            tries += 1
            with locks.locked(path, self._lock_dir) as alone:
                self._sweep(alone=alone)
                try:
                    with self._file.others_held_off(path, insist=insist):
                        old, data = self._file.read(within=0 if insist else _UNDER_LOCK)
                        self._missed |= has_read and self._file.seen != before
                        new = edited(old)
                        if new.text == old.text:
                            return old, old
                        written = encoded(new.text, data)
                        stamp = atomic_write.replace(
                            path, written, expected=data, watch=self._late.watch, patient=self._file.patient
                        )
                        self._file.remember(new, written, stamp)
                except ProfileTextError as error:
                    raise self._file.bad_text(error, "cannot be changed safely") from error
                except atomic_write.ChangedMeanwhileError:
                    continue
                self._keep_vanished(path, old)
                return old, new
        raise CredentialsFileError(
            f"Another program keeps writing to {self._path}.", "Find that program and stop it. The file is unchanged."
        )

    def _keep_vanished(self, path: Path, text: IniText) -> None:
        lost, self._file.vanished = self._file.vanished, None
        if lost and vanished_sections.is_in_doubt(lost, text, is_open=self._file.is_open, now=time.monotonic()):
            sentence = f"{name_list(sorted(lost.names), NAMED)} vanished from {self._path}."
            self._keep_copy(path, lost.whole.text.encode(encoding(), "replace"), sentence, "What was there")

    def _keep_copy(self, path: Path, data: bytes, sentence: str, what: str) -> None:
        backup = atomic_write.back_up(path, data, self._now())
        hint = f"{what} is in {backup}. Copy what is missing from it, then delete it, because it contains keys."
        _log.warning("%s %s", sentence, hint)
        self._notes.append(FileNote(sentence=sentence, hint=hint))

    def _view(self, text: IniText) -> StoreView:
        notes, self._notes = tuple(self._notes), []
        return replace(ownership.view(text), hidden=tuple(self._hidden.refusals().values()), notes=notes)

    def _stay(self, seconds: float, step: float) -> IniText | None:
        """Stay with programs that we overtook in mid-write until they are done; returns the new text if they were."""
        waited, new = 0.0, None
        while True:
            new = self._take_late_writes() or new
            if not self._late.in_use() or waited >= seconds:
                return new
            self._sleep(step)
            waited += step

    def _take_late_writes(self) -> IniText | None:
        new = None
        for late in self._late.check():
            new = self._take(late)
            self._late.done(late)
        return new

    def _take(self, late: LateWrite) -> IniText | None:
        conflicts: tuple[str, ...] = ()

        def edited(current: IniText) -> IniText:
            nonlocal conflicts
            try:
                base, then = IniText(decoded(late.base)), IniText(decoded(late.data))
                # It read before we had merged what another one wrote. Our own sections come from the file in any case.
                undone = [name for name, recent in self._recent.undone(then).items() if not recent.ours]
                blocks = {name: ini_edit.block(base, name) if name in base.sections else None for name in undone}
                both = merge.merged(base, current, merge.put(then, blocks))
            except ProfileTextError:
                conflicts = ("the file",)
                return current
            conflicts = both.conflicts
            return both.text

        old, new = self._rewrite(edited, patience=0)
        # A program that read the file before this write may undo it.
        self._recent.remember(old, new, ())
        if conflicts:
            names = name_list(conflicts, NAMED)
            sentence = f"Two programs changed {names} in {self._path} at the same time; one version was kept."
            self._keep_copy(contents.real_path(self._path), late.data, sentence, "What the other one wrote")
        return new

    def _sweep(self, *, alone: bool) -> None:
        if not self._swept:
            atomic_write.sweep(contents.real_path(self._path), alone=alone)
            self._swept = True


def open_at(
    paths: Paths,
    clock: Clock,
    *,
    keep_longer: bool = True,
    missing: Callable[[FileNote], None] = lambda _: None,
) -> CredentialsFile:
    """The file of a run; sessions expire by its clock, and longer ones stay if they are to. For `missing` see there."""
    return CredentialsFile(
        paths.credentials_file,
        lock_dir=paths.locks_dir,
        aws_config=paths.aws_config_file,
        keep_longer=keep_longer,
        now=clock.now,
        missing=missing,
    )


def end_work(store: CredentialsFile, **how: float) -> None:
    """End the work on a file, on which everything is by now; see `CredentialsFile.finish`."""
    # A program that wrote late is in the log.
    with contextlib.suppress(CredentialsFileError):
        store.finish(**how)
