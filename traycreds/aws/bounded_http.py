"""Limits HTTP answers: bytes, XML tags and seconds until complete. For all clients of a botocore session."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from traycreds.core.errors import FailureKind, IssueError

LIMIT = 1024 * 1024
"""Bytes of a body; an answer of STS has some thousand, a page of the portal's roles some ten thousand."""
TAGS = 5_000
"""Tags of a body; an answer of STS has some thirty. Each takes a hundred times its size once it is parsed."""
SECONDS = 20.0
"""Time for a body, after its headers."""
_PIECE = 65536
_HINT = "Check for a proxy or a network sign-in page between this machine and AWS."


def bound(events: Any) -> None:
    """Bound all clients that a botocore session with these events makes from now on."""
    events.register("creating-client-class", _add_bounds, unique_id="traycreds-bounds")


def _add_bounds(base_classes: list[type], **_: object) -> None:
    base_classes.insert(0, _BoundedClient)


class _BoundedClient:
    """Comes before botocore's client."""

    _endpoint: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._endpoint.http_session = BoundedSession(self._endpoint.http_session)


class BoundedSession:
    """An HTTP session of botocore whose answers are whole when they come, and within the bounds."""

    def __init__(self, session: Any) -> None:
        """Wrap a session."""
        self._session = session

    def send(self, request: Any) -> Any:
        """Send a request and read the answer. Raises IssueError: the body is too long or slow, or has too many tags."""
        # Otherwise the session would read the body itself, without a limit.
        request.stream_output = True
        response = self._session.send(request)
        response.raw = _Whole(_read(response.raw, urlsplit(request.url).netloc))
        return response

    def close(self) -> None:
        """Close the session."""
        self._session.close()


class _Whole:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def _read(raw: Any, host: str) -> bytes:
    """All of a body; the connection of one beyond the bounds is closed."""
    overdue = threading.Event()

    def give_up() -> None:
        overdue.set()
        _break_off(raw)

    timer = threading.Timer(SECONDS, give_up)
    timer.daemon = True
    timer.start()
    body = bytearray()
    try:
        for piece in raw.stream(_PIECE):
            body += piece
            if len(body) > LIMIT:
                break
    except Exception:
        if not overdue.is_set():
            raise
    finally:
        timer.cancel()
    if overdue.is_set() or len(body) > LIMIT:
        raw.close()
        raise _overdue(host) if overdue.is_set() else _endless(host)
    if body.count(b"<") > TAGS:
        raise IssueError(FailureKind.ANSWER, f"{host} sent more than {TAGS} tags in one response.", _HINT)
    return bytes(body)


def _break_off(raw: Any) -> None:
    with contextlib.suppress(OSError, AttributeError, ValueError, RuntimeError):
        # `shutdown` exists since urllib3 2.3.
        if hasattr(raw, "shutdown"):
            raw.shutdown()
        else:
            raw._fp.fp.raw._sock.shutdown(socket.SHUT_RDWR)  # noqa: SLF001 - older ones have no other way


def _endless(host: str) -> IssueError:
    sentence = f"{host} sent more than {LIMIT // 1024**2} MiB in one response, so traycreds stopped reading."
    return IssueError(FailureKind.ANSWER, sentence, _HINT)


def _overdue(host: str) -> IssueError:
    sentence = f"The response from {host} was incomplete after {SECONDS:.0f} seconds."
    return IssueError(FailureKind.ANSWER, sentence, _HINT)
