"""Owns our entries of the operating system's keyring; every call runs on a thread of its own and is waited for briefly.

A keyring may prompt, block or be missing: then there is nothing in it, and the caller goes on with what it has in
memory. Imported and asked at first need only. Never writes to a keyring that keeps its entries in clear on disk.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from traycreds.adapters.digest import sha256

log = logging.getLogger(__name__)

T = TypeVar("T")

SERVICE = "traycreds"
PATIENCE = 5.0
"""Seconds to wait for a keyring; one that asks to be unlocked takes longer and serves the next time."""
CHUNK = 1000
"""Characters of one entry: Windows holds 2560 bytes of UTF-16 (CRED_MAX_CREDENTIAL_BLOB_SIZE)."""
MOST_CHUNKS = 32
WORTHY = 1
"""The lowest priority of a keyring that the keyring library recommends; below are those that encrypt nothing."""


class Vault:
    """Texts by name, each cut into entries that every keyring can hold."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        """Touch nothing yet.

        Args:
            patience: seconds to wait for the keyring, each call.
        """
        self._patience = patience
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[Callable[[], None]] | None = None
        self._late: Future[Any] | None = None
        self._silent = False

    def load(self, name: str) -> str | None:
        """The text of a name; None when there is none, or no keyring that answers."""
        return self._ask(lambda backend: _load(backend, name), None)

    def save(self, name: str, text: str) -> bool:
        """Keep a text under a name; False when it is not kept (yet)."""
        return self._ask(lambda backend: _save(backend, name, text), None) is True

    def delete(self, name: str) -> None:
        """Forget a name."""
        self._ask(lambda backend: _delete(backend, name), None)

    def _ask(self, work: Callable[[Any], T], otherwise: T) -> T:
        future: Future[T] = Future()
        with self._lock:
            if self._jobs is None:
                self._jobs = queue.SimpleQueue()
                threading.Thread(target=self._work, args=(self._jobs,), name="keyring", daemon=True).start()
            self._jobs.put(lambda: self._answer(future, work, otherwise))
            waits = self._late is None or self._late.done()
        try:
            return future.result(self._patience if waits else 0)  # nobody waits twice for one that hangs
        except FutureTimeout:
            if waits:
                log.info("the keyring does not answer; what it holds or shall hold is out of reach for now")
                self._late = future
            return otherwise

    @staticmethod
    def _work(jobs: queue.SimpleQueue[Callable[[], None]]) -> None:
        while True:
            jobs.get()()

    def _answer(self, future: Future[T], work: Callable[[Any], T], otherwise: T) -> None:
        """On the keyring's thread; whatever its back end raises means that it cannot be used."""
        result = otherwise
        try:
            backend = _backend()
            if backend is not None:
                result = work(backend)
            self._say(None if backend is not None else "there is none that encrypts")
        except Exception as error:  # noqa: BLE001 - back ends raise what their platform raises; the text may hold anything
            self._say(type(error).__name__)
        finally:
            future.set_result(result)

    def _say(self, trouble: str | None) -> None:
        if trouble is not None and not self._silent:
            log.info("no keyring (%s): nothing is read from it or kept in it", trouble)
        self._silent = trouble is not None


def _backend() -> Any | None:
    """The user's keyring, or None where the library is missing or knows none that is safe."""
    try:
        import keyring  # noqa: PLC0415 - looks for back ends on import; optional
    except ImportError:
        return None
    backend = keyring.get_keyring()
    return backend if backend.priority >= WORTHY else None


def _entry(name: str, index: int) -> str:
    return f"{name} {index}" if index else name


def _digest(text: str) -> str:
    return sha256(text.encode())[:16]


def _save(backend: Any, name: str, text: str) -> bool:
    """The first entry says how many there are and what they amount to; it is written last, so that it never lies."""
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
        with contextlib.suppress(Exception):  # PasswordDeleteError: it is gone already
            backend.delete_password(SERVICE, _entry(name, index))
