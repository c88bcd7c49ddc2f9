"""Reads the credentials file while others write it, and believes only what cannot be half a write. Never writes.

Known content need not settle (`files.write_end`): if nothing is lost, it is whole. In doubt it must stay unchanged.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from traycreds.awsfiles import ownership
from traycreds.awsfiles.aws_file import decoded
from traycreds.awsfiles.concurrency import vanished_sections
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch, FileNote
from traycreds.core.text import name_list
from traycreds.files import atomic_write, contents, write_end, writers
from traycreds.state import known_secrets

_QUICK, BUSY_STEP = 1.0, 0.002
"""Seconds after a change for which a file that is being written is looked at often, and between those looks: between
two programs that write one after the other it is whole for a millisecond."""
_LONGEST_BUSY = 25.0
"""Seconds after which a file that programs write in turn is given up for now, because half of it is not all."""
_RECENT = 0.5
"""Seconds since the last pause for which one still holds: a pause of milliseconds is long on a busy machine."""
_HOLD = f"{vanished_sections.HOLD:g}"

BUSY = FileNote(
    sentence="Another program is writing the credentials file, so traycreds is waiting for it.",
    hint="traycreds writes the profile as soon as it can: see `traycreds status`.",
)
MISSING = FileNote(
    sentence="The credentials file is missing, so traycreds waits in case another program is replacing it.",
    hint=f"If it stays missing, traycreds creates it within {_HOLD} seconds and keeps a copy of what was in it.",
)
"""What holds a read or a write up."""
NAMED = 4
"""How many profiles a sentence names."""


class _Doubt:
    """What is in doubt during one read.

    Attributes:
        first: nothing is known of the old content, and the file has not settled.
        expected: sections without which it is not whole.
        within: seconds after which the caller must ask again.
    """

    def __init__(self, *, first: bool, expected: set[str], within: float | None) -> None:
        self.first = first
        self.expected = expected
        self.within = within
        self.busy = False


class SharedFile:
    """The credentials file as it is read. For one thread at a time.

    Attributes:
        has_read: it was read at least once.
        seen, known: stamp and content that were believed last.
        is_open: a program had it open for writing then; None: unknown.
        vanished: foreign sections that are gone.
    """

    def __init__(
        self,
        path: Path,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        lock_dir: Path,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        missing: Callable[[FileNote], None] = lambda _: None,
    ) -> None:
        """Touch nothing yet; the file may be missing or a link, `lock_dir` remembers linked folders.

        `missing` is called when a wait for a file without our sections begins.
        """
        self._missing = missing
        self._path = path
        self._lock_dir = lock_dir
        self._now = now
        self._sleep = sleep
        self._monotonic = monotonic
        self._left_open: contents.Stamp | None = None
        self._insisting = False
        self._parsed = b"", IniText("")
        self._folder: tuple[int, int] | None = None
        self._was_there = False
        self._paused_at: float | None = None
        self._held_up_by = BUSY
        self.has_read = False
        self.seen: contents.Stamp | None = None
        self.known: IniText | None = None
        self.is_open: bool | None = None
        self.vanished: vanished_sections.Vanished | None = None

    def pause(self, seconds: float, why: FileNote = BUSY) -> None:
        """Step back for other programs."""
        self._held_up_by = why
        self._paused_at = self._monotonic()
        self._sleep(seconds)

    @property
    def held_up(self) -> FileNote | None:
        """What keeps the file from being read or written at this moment, if anything; from any thread."""
        paused_at = self._paused_at
        recent = paused_at is not None and self._monotonic() - paused_at < _RECENT
        return self._held_up_by if recent else None

    @property
    def patient(self) -> bool:
        """Whether a program that has the file open for writing may still be waited for."""
        return not self._insisting and self._left_open is None

    def remember(self, text: IniText, data: bytes, stamp: contents.Stamp) -> None:
        """We replaced the file by this text; the next read need not parse it."""
        self.known, self.seen = text, stamp
        self._parsed = data, text
        self._seen_there(stamp)

    def read(self, within: float | None = None) -> tuple[IniText, bytes | None]:
        """Read the file, and believe it only if it cannot be half a write; None waits until that is known.

        Raises CredentialsFileError: unreadable, or keeps changing. Raises ChangedMeanwhileError: not `within` the
        seconds.
        """
        path = contents.real_path(self._path)
        watch = write_end.Watch(lambda: self._read_once(path), self.pause)
        folder = self._folder_of(path)
        doubt = _Doubt(
            first=self.known is None and not write_end.is_at_rest(watch.reading),
            expected=set(self.known.sections if self.known else ()),
            within=within,
        )
        reading = watch.wait(lambda watch: self._pause(watch, doubt))
        self.has_read, self.seen, self.is_open = True, reading.stamp, reading.is_open
        if reading.stamp != self._left_open:
            self._left_open = None
        try:
            text = self._text_of(reading)
        except ProfileTextError as error:
            raise self.bad_text(error, "cannot be read by AWS tools") from error
        self._folder = folder
        self._seen_there(reading.stamp)
        self.vanished = vanished_sections.update(self.vanished, self.known, text, self._monotonic() - watch.waited)
        self.known = text
        return text, reading.data

    def _pause(self, watch: write_end.Watch, doubt: _Doubt) -> float | None:
        """Seconds until the next read; None once it is believed, or given up."""
        # While a program writes the file, an unchanged text does not mean that it is complete.
        if doubt.busy:
            watch.same_for = 0.0
        if watch.same_for >= write_end.SECONDS:
            return None
        reading = watch.reading
        doubt.busy = not self._insisting and reading.is_open is True and reading.stamp != self._left_open
        if self._is_whole(watch, doubt) and not doubt.busy and (not doubt.first or watch.waited >= write_end.SECONDS):
            return None
        if doubt.within is not None and watch.waited >= doubt.within:
            raise atomic_write.ChangedMeanwhileError
        # The pause of the next program begins with its first change.
        same_for = watch.waited - watch.changed_at
        if doubt.busy and same_for >= vanished_sections.HOLD:
            self._left_open = reading.stamp
            return None
        if watch.waited >= (_LONGEST_BUSY if doubt.busy else write_end.LONGEST_WAIT):
            sentence = f"{self._path} keeps changing."
            raise CredentialsFileError(sentence, "Another program keeps writing to it. Stop that program.")
        return BUSY_STEP if doubt.busy and same_for < _QUICK else write_end.CHECK_EVERY

    def _is_whole(self, watch: write_end.Watch, doubt: _Doubt) -> bool:
        """Whether nothing is missing, or another file has been there long enough without it."""
        try:
            sections = self._text_of(watch.reading).sections.keys()
        except ProfileTextError:
            return False
        if doubt.first:
            doubt.expected |= sections
        return doubt.expected <= sections or (watch.replaced and watch.waited >= write_end.SECONDS)

    def note_secrets(self, text: IniText) -> None:
        """Have no text that leaves this process hold a secret of the file."""
        now = self._now()
        for own in text.own().values():
            end = ownership.expiry(own)
            lasts = None if end is None else end - now
            known_secrets.note(own.get("aws_secret_access_key"), own.get("aws_session_token"), lasts=lasts)

    def _seen_there(self, stamp: contents.Stamp | None) -> None:
        if stamp is not None and not self._was_there:
            self._was_there = True
            contents.remember_linked(self._path, self._lock_dir)

    def _folder_of(self, path: Path) -> tuple[int, int] | None:
        folder = contents.place(path.parent)
        if self._folder not in {None, folder}:
            self.known = self.vanished = None
        return folder

    def _read_once(self, path: Path) -> contents.Reading:
        reading = contents.read(path)
        if reading.stamp is None:
            contents.refuse_emptied(self._path, self._lock_dir)
        return reading

    def _text_of(self, reading: contents.Reading) -> IniText:
        data = reading.data or b""
        if data != self._parsed[0]:
            self._parsed = data, IniText(decoded(data))
        return self._parsed[1]

    @contextlib.contextmanager
    def others_held_off(self, path: Path, *, insist: bool) -> Iterator[None]:
        """Hold off constant writers, once we have waited long enough. Raises ChangedMeanwhileError: one is writing."""
        if not insist or not path.is_file():
            yield
            return
        # A file that we hold open cannot be replaced on Windows, and holds nobody off there.
        if sys.platform == "win32":
            yield
            return
        with path.open("rb") as file, writers.held_off(file.fileno()) as held:
            if held.is_open and self._left_open is None:
                raise atomic_write.ChangedMeanwhileError
            self._insisting = held.is_open is False
            try:
                yield
            finally:
                self._insisting = False

    def wait_for_vanished(self, batch: Batch) -> float:
        """Hold a write back while foreign sections that vanished may come again; returns for how many seconds."""
        waited = 0.0
        while True:
            self.read()
            if self.vanished is None or waited >= vanished_sections.HOLD:
                return waited
            text, now = self.known or IniText(""), self._monotonic()
            in_doubt = vanished_sections.is_in_doubt(self.vanished, text, is_open=self.is_open, now=now)
            if not in_doubt or not vanished_sections.seconds_to_hold(self.vanished, batch, now, self._now()):
                return waited
            why = self._why(self.vanished)
            if waited == 0.0 and why is not BUSY and not any(map(ownership.is_ours, text.own().values())):
                self._missing(why)
            self.pause(write_end.CHECK_EVERY, why)
            waited += write_end.CHECK_EVERY

    def _why(self, lost: vanished_sections.Vanished) -> FileNote:
        """What a write waits for while these sections are gone."""
        if self.is_open:
            return BUSY
        if self.seen is None:
            return MISSING
        names = name_list(sorted(lost.names), NAMED)
        sentence = f"{names} vanished from the credentials file, so traycreds waits in case a program is writing it."
        hint = f"If they stay away, traycreds writes it within {_HOLD} seconds and keeps a copy of what was in it."
        return FileNote(sentence=sentence, hint=hint)

    def bad_text(self, error: ProfileTextError, what: str) -> CredentialsFileError:
        """Describes a text that cannot be used."""
        location = f" (line {error.line})" if error.line else ""
        return CredentialsFileError(
            f"{self._path} {what}: {error.cause}{location}.",
            "Fix that by hand. Until then, traycreds leaves the file unchanged.",
        )
