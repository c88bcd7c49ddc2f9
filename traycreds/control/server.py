"""Accepts commands for the running app: one thread accepts, one serves each connection, all bounded.

Nothing that a peer sends, or fails to send, can end or block the app: strangers are refused, silent peers dropped.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, final

from traycreds.control import transport
from traycreds.control.protocol import (
    BEAT,
    BEAT_SECONDS,
    REQUEST_LIMIT,
    VERSION,
    Channel,
    Connection,
    Request,
    WireError,
    request_from,
)
from traycreds.control.transport import Listener
from traycreds.core.errors import TraycredsError
from traycreds.core.value_class import value_class

log = logging.getLogger(__name__)

LIMIT = 128
"""The most connections at a time; further ones are asked to retry."""
READ_SECONDS = 5.0
"""For a request to arrive whole."""
SEND_SECONDS = 5.0
"""Seconds for the peer to read a reply."""
_ACCEPT_AGAIN = 0.1
"""Seconds to wait when no connection can be accepted, as when the process has no file handle left."""
_END_SECONDS = 1.0
"""Seconds for the thread that listens to end; it wakes at once."""


@value_class(kw_only=True)
class CommandReply:
    """The reply to a request; `then` runs once it is sent; the connection stays open until process or peer ends."""

    content: Mapping[str, Any]
    then: Callable[[], None] | None = None


Handler = Callable[[Request, Callable[[], bool]], CommandReply]
"""Carries out a request; it may block, and asks the second argument now and then whether the peer is gone.

A TraycredsError that it raises goes to the peer.
"""


@final
class ControlServer:
    """Listens while entered; if it cannot, that is logged, and the app still runs."""

    def __init__(
        self, folder: Path, handle: Handler, *, limit: int = LIMIT, read_seconds: float = READ_SECONDS
    ) -> None:
        """Touch nothing yet; `handle` runs on a connection's thread, `limit` counts connections."""
        self._folder = folder
        self._handle = handle
        self._read_seconds = read_seconds
        self._slots = threading.BoundedSemaphore(limit)
        self._over = threading.Event()
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> ControlServer:
        """Begin to listen."""
        try:
            self._listener = transport.listen(self._folder)
        except OSError as error:
            log.warning(
                "commands are not accepted because %s cannot be used: %s", self._folder, error.strerror or error
            )
            return self
        if self._listener is None:
            log.info("commands are not accepted because another app accepts them")
        else:
            self._thread = threading.Thread(target=self._accept, args=(self._listener,), name="control", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, within a second; replies in progress end with the process."""
        self._over.set()
        if self._listener is not None:
            self._listener.close()
        if self._thread is not None:
            # On Windows the pipe is there until this thread has woken.
            self._thread.join(_END_SECONDS)

    def _accept(self, listener: Listener) -> None:
        while not self._over.is_set():
            try:
                connection = listener.accept()
            except OSError:
                self._over.wait(_ACCEPT_AGAIN)
                continue
            if connection is None:
                log.info("refused another user, or the peer had gone")
                continue
            try:
                self._accept_one(connection)
            except Exception:
                log.exception("a connection could not be taken")
                connection.close()

    def _accept_one(self, connection: Connection) -> None:
        if not self._slots.acquire(blocking=False):
            with contextlib.closing(connection), contextlib.suppress(OSError):
                connection.send(_BUSY, seconds=0)
            return
        try:
            threading.Thread(target=self._serve, args=(connection,), name="control-peer", daemon=True).start()
        except BaseException:
            self._slots.release()
            raise

    def _serve(self, connection: Connection) -> None:
        try:
            with contextlib.closing(connection):
                self._exchange(connection)
        except WireError as error:
            log.info("a command was not understood: %s", error)
        except Exception:
            log.exception("a command failed")
        finally:
            self._slots.release()

    def _exchange(self, connection: Connection) -> None:
        channel = Channel(connection, limit=REQUEST_LIMIT, seconds=self._read_seconds)
        try:
            request = request_from(channel.receive())
        except WireError as error:
            channel.allow(SEND_SECONDS)
            channel.send(_refusal("", f"The command was not understood: {error}.", _OTHER_VERSION, 2))
            raise
        # The sender may have given up, for example while this process was stopped.
        if connection.is_gone():
            log.info("command %s was not run because its sender gave up", request.do)
            return
        log.debug("command %s %s", request.do, " ".join(request.roles))
        with _beats(request, channel, connection) as is_gone:
            answer = self._answer(request, is_gone)
        channel.allow(SEND_SECONDS)
        channel.send({"v": VERSION, "id": request.id, **answer.content})
        if answer.then is not None:
            answer.then()
            with contextlib.suppress(WireError):
                # The peer sends nothing. It only waits for this process to end.
                channel.receive()

    def _answer(self, request: Request, is_gone: Callable[[], bool]) -> CommandReply:
        try:
            return self._handle(request, is_gone)
        except TraycredsError as error:
            return CommandReply(content=_refusal(request.id, error.sentence, error.hint, error.exit_code))
        except Exception:
            log.exception("command %s failed", request.do)
            sentence = f"The running app hit an unexpected error in {request.do}."
            return CommandReply(content=_refusal(request.id, sentence, "Its log has the details.", 1))


@contextlib.contextmanager
def _beats(request: Request, channel: Channel, connection: Connection) -> Iterator[Callable[[], bool]]:
    """Tell the peer while it waits that the app is at work, if it asks for that; gives whether the peer is gone."""
    if not request.beats:
        yield connection.is_gone
        return
    over, alone = threading.Event(), threading.Lock()

    def is_gone() -> bool:
        # A socket has one timeout for all its users.
        with alone:
            return connection.is_gone()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            with alone:
                channel.allow(SEND_SECONDS)
                try:
                    channel.send({"v": VERSION, "id": request.id, BEAT: True})
                except WireError:
                    return

    thread = threading.Thread(target=beat, name="control-beat", daemon=True)
    thread.start()
    try:
        yield is_gone
    finally:
        over.set()
        thread.join()


def _refusal(identity: str, sentence: str, hint: str, exit_code: int) -> dict[str, Any]:
    return {
        "v": VERSION,
        "id": identity,
        "ok": False,
        "error": {"sentence": sentence, "hint": hint, "exit": exit_code},
    }


_OTHER_VERSION = "Quit the app and start it again, if its version differs from the command's."
_BUSY = (
    b'{"v":1,"id":"","ok":false,"error":{"sentence":"The running app has too many commands at hand.",'
    b'"hint":"Try again in a moment.","exit":5}}\n'
)
