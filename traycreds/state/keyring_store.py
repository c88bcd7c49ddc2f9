"""Our entries in the system's keyring: one call at a time, on its own thread, with a short wait.

A keyring may prompt, block or be missing; then it counts as empty. Loaded when first needed. Never writes to a keyring
that stores plain text.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from traycreds.process.bounded_call import HungCalls, background_call, ended

log = logging.getLogger(__name__)

T = TypeVar("T")

SERVICE = "traycreds"
PATIENCE = 5.0
"""Seconds to wait for a keyring; one that asks to be unlocked takes longer and serves the next time."""
GIVE_UP = 120.0
"""Seconds after which a hung call is given up and the next bypasses it: the user has unlocked it by then."""
MOST_WAITING = 16
"""Calls that wait for one that hangs; beyond, the keyring is not asked."""
CHUNK = 1000
"""Characters of one entry: Windows holds 2560 bytes of UTF-16 (CRED_MAX_CREDENTIAL_BLOB_SIZE)."""
MOST_CHUNKS = 32
WORTHY = 1
"""The lowest priority that the keyring library recommends; lower ones encrypt nothing."""


class KeyringStore:
    """Texts by name, each cut into entries that every keyring can hold."""

    def __init__(self, *, patience: float = PATIENCE, give_up: float = GIVE_UP) -> None:
        """Touch nothing yet; each call waits `patience` seconds, a hung one blocks others for `give_up` seconds."""
        self._patience = patience
        self._turns = _Turns(give_up)
        self._hung = HungCalls(give_up)
        self._silent = False

    def load(self, name: str) -> str | None:
        """The text stored under a name; None without one, or without a keyring that answers."""
        return self._ask(lambda backend: _load(backend, name), None)

    def save(self, name: str, text: str) -> bool:
        """Keep a text under a name; False when it is not kept (yet)."""
        return self._ask(lambda backend: _save(backend, name, text), None) is True

    def delete(self, name: str) -> None:
        """Forget a name."""
        self._ask(lambda backend: _delete(backend, name), None)

    def _ask(self, work: Callable[[Any], T], otherwise: T) -> T:
        turn = self._turns.next()
        if turn is None:
            return otherwise
        call = background_call(lambda: self._answer(turn, work, otherwise), name="keyring")
        waits = not self._hung.pending
        # Nobody should wait twice for a keyring that hangs.
        if ended(call, self._patience if waits else 0):
            return call.result()
        if waits:
            log.info("the keyring is not responding; its contents are unavailable for now")
            self._hung.add(call)
        return otherwise

    def _answer(self, turn: object, work: Callable[[Any], T], otherwise: T) -> T:
        """Ask when it is this call's turn; whatever the back end raises means that it cannot be used."""
        self._turns.wait_for(turn)
        try:
            backend = _backend()
            result = otherwise if backend is None else work(backend)
            self._log_change(None if backend is not None else "none here encrypts")
        except Exception as error:  # noqa: BLE001 - back ends raise what their platform raises; the text may hold anything
            self._log_change(type(error).__name__)
            return otherwise
        finally:
            self._turns.end(turn)
        return result

    def _log_change(self, problem: str | None) -> None:
        if problem is not None and not self._silent:
            log.info("no keyring (%s): nothing is read from it or kept in it", problem)
        self._silent = problem is not None


class _Turns:
    """Runs calls one at a time and in order; a hung one is given up, and the next bypasses it."""

    def __init__(self, give_up: float) -> None:
        self._give_up = give_up
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._current: object | None = None
        self._since = 0.0

    def next(self) -> object | None:
        """A turn after all others; None if too many wait."""
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                return None
            turn = object()
            self._waiting.append(turn)
            return turn

    def wait_for(self, turn: object) -> None:
        with self._changed:
            while self._waiting[0] is not turn or self._left() > 0:
                self._changed.wait(self._left() if self._waiting[0] is turn else None)
            self._current, self._since = self._waiting.popleft(), time.monotonic()
            self._changed.notify_all()

    def end(self, turn: object) -> None:
        with self._changed:
            if self._current is turn:
                self._current = None
                self._changed.notify_all()

    def _left(self) -> float:
        return 0.0 if self._current is None else self._since + self._give_up - time.monotonic()


def _backend() -> Any | None:
    try:
        import keyring
    except ImportError:
        return None
    backend = keyring.get_keyring()
    return backend if backend.priority >= WORTHY else None


def _entry(name: str, index: int) -> str:
    return f"{name} {index}" if index else name


def _digest(text: str) -> str:
    from traycreds.files.digest import sha256

    return sha256(text.encode())[:16]


def _save(backend: Any, name: str, text: str) -> bool:
    """The first entry has the count and digest of the others; it is written last, so it is never wrong."""
    chunks = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    if len(chunks) > MOST_CHUNKS:
        return False
    before = _count(backend, name)
    for index, chunk in enumerate(chunks, 1):
        backend.set_password(SERVICE, _entry(name, index), chunk)
    backend.set_password(SERVICE, name, f"{len(chunks)} {_digest(text)}")
    _forget(backend, name, range(len(chunks) + 1, before + 1))
    return True


def _load(backend: Any, name: str) -> str | None:
    digest = (backend.get_password(SERVICE, name) or "").partition(" ")[2]
    indices = range(1, _count(backend, name) + 1)
    text = "".join(backend.get_password(SERVICE, _entry(name, index)) or "" for index in indices)
    return text if _digest(text) == digest else None


def _delete(backend: Any, name: str) -> None:
    _forget(backend, name, range(_count(backend, name) + 1))


def _count(backend: Any, name: str) -> int:
    """How many entries the first one counts; 0 when it says nothing that can be."""
    count = (backend.get_password(SERVICE, name) or "").partition(" ")[0]
    return int(count) if count.isascii() and count.isdigit() and int(count) <= MOST_CHUNKS else 0


def _forget(backend: Any, name: str, indices: Iterable[int]) -> None:
    for index in indices:
        # The entry may be gone already, and that raises a `PasswordDeleteError`.
        with contextlib.suppress(Exception):
            backend.delete_password(SERVICE, _entry(name, index))
