"""Other programs at the credentials file of a chaos run, and a ledger of what each of them has written last.

They take turns, so that none of them undoes what another has written; what gets lost is lost by traycreds.
"""

from __future__ import annotations

import contextlib
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.integration.credentials_file.stress import counted, counters
from tests.support import profile_edits
from traycreds.awsfiles.ini import ProfileTextError
from traycreds.awsfiles.ownership import EXPIRY

WRITERS = 4
BY_HAND = "\n# written by hand\n[mine]\nregion = eu-west-1  \n\n; a remark\n[other]\nk = v\n"
PATIENCE = 40.0
"""Real seconds after which a foreign write that is not on file is lost."""


class Foreign:
    """All other programs.

    Attributes:
        turn: held by the one that writes.
        touched: when one of them last closed the file, in seconds of `time.monotonic`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("a", newline="\n") as file:
            file.write(BY_HAND)
        self._lines = path.read_text().splitlines()
        self.turn = threading.Lock()
        self._elsewhere = 0
        self.touched = time.monotonic()
        self._counts: dict[int, int] = {}
        self._allowed: dict[int, set[int]] = {}
        self._missing_since: float | None = None
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._copy = path.read_text()

    @property
    def at_work(self) -> bool:
        """Whether one of them writes, or has just written."""
        return self.turn.locked() or self._elsewhere > 0 or time.monotonic() < self.touched + 1.0

    def begin(self, work: Callable[[], None]) -> None:
        """Have one of them begin."""
        self._threads = [each for each in self._threads if each.is_alive()]
        thread = threading.Thread(target=work, name="foreign", daemon=True)
        thread.start()
        self._threads.append(thread)

    def end(self) -> None:
        """Let each write only what it has begun."""
        self._over.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()
        self._over.clear()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        with self.turn:
            yield
            self.touched = time.monotonic()

    def write(self, chances: random.Random, *, times: int, longest: float) -> None:
        """Some updates of their own sections by some of them, with pauses of up to `longest` seconds in the middle of a write."""
        for _ in range(times):
            number = chances.randrange(WRITERS)
            way = chances.choice((self._in_place, self._in_place, self._in_halves, self._replacing))
            pause = chances.uniform(0, longest) if chances.random() < 0.3 else chances.uniform(0, 0.05)
            with self._writing():
                if self._over.is_set():
                    return
                count = self._counts.get(number, 0) + 1
                self._counts[number] = count
                way(lambda text, number=number, count=count: counted(text, number, count), pause)
                self._allowed[number] = {count}
            if self._over.wait(chances.uniform(0, 0.2)):
                return

    def rewrite(self, path: Path, pause: float, then: Callable[[], None]) -> None:
        """Someone saves another file, in place and slowly, and changes nothing in it; one at a time."""
        self._elsewhere += 1
        text = path.read_text()
        with path.open("w", newline="\n") as file:
            time.sleep(pause)
            file.write(text)
        self.touched = time.monotonic()
        self._elsewhere -= 1
        then()

    def _in_place(self, change: Callable[[str], str], pause: float) -> None:
        new = change(self._path.read_text())
        with self._path.open("w", newline="\n") as file:
            time.sleep(pause)
            file.write(new)

    def _in_halves(self, change: Callable[[str], str], pause: float) -> None:
        new = change(self._path.read_text())
        with self._path.open("w", newline="\n") as file:
            file.write(new[: len(new) // 2])
            file.flush()
            time.sleep(pause)
            file.write(new[len(new) // 2 :])

    def _replacing(self, change: Callable[[str], str], pause: float) -> None:
        time.sleep(min(pause, 1.0))
        new = self._path.with_suffix(".theirs")
        new.write_text(change(self._path.read_text()), newline="\n")
        new.chmod(0o600)
        new.replace(self._path)

    def strip(self, chances: random.Random, *, seconds: float) -> None:
        """A tool that takes our expiry out whenever the file changes."""
        end, seen = time.monotonic() + seconds, b""
        in_place = chances.random() < 0.5
        while time.monotonic() < end and not self._over.wait(0.1):
            if self._path.read_bytes() == seen:
                continue
            with self._writing():
                way = self._in_place if in_place else self._replacing
                way(lambda text: re.sub(rf"(?m)^{EXPIRY} *=.*\n", "", text), 0.0)
                seen = self._path.read_bytes()

    def lose(self, profile: str) -> None:
        """Someone removes one of our sections."""
        with self._writing(), contextlib.suppress(ProfileTextError):
            self._replacing(lambda text: profile_edits.remove_profile(text, profile), 0.0)

    def restore(self, times: int, gap: float) -> None:
        """A sync tool puts an old copy back; what others had written by then may stay or go."""
        for _ in range(times):
            with self._writing():
                if self._over.is_set() or self._missing(self._path.read_text()):
                    return
                old = counters(self._copy)
                # Once the copy is back, any version between it and the last one may be the newest.
                for number, last in self._counts.items():
                    self._allowed[number].update(range(old.get(number, 0), last + 1))
                self._replacing(lambda _: self._copy, 0.0)
            if self._over.wait(gap):
                return

    def keep_copy(self) -> None:
        """The sync tool takes a copy, of a whole file."""
        with self.turn:
            text = self._path.read_text()
            if not self._missing(text):
                self._copy = text

    def _missing(self, text: str) -> list[str]:
        lines, found = set(text.splitlines()), counters(text)
        lost = [f"line {line!r}" for line in self._lines if line not in lines]
        lost += [
            f"w{number} has {found.get(number, 0)}, wrote {sorted(allowed)}"
            for number, allowed in self._allowed.items()
            if found.get(number, 0) not in allowed
        ]
        return lost

    def lost(self, *, patience: float = PATIENCE) -> list[str]:
        """What is not on file and should be; asked between two turns, and not for the first time."""
        missing = self._missing(self._path.read_text())
        if not missing:
            self._missing_since = None
            return []
        if self._missing_since is None:
            self._missing_since = time.monotonic()
        return missing if time.monotonic() - self._missing_since > patience else []
