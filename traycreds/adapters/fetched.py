"""Gets an included file from its address: over https alone, within a deadline, of limited size, with the pinned hash.

Keeps what came, and why nothing came, on the shelf. Sends no secret, and asks nothing of a user.
"""

from __future__ import annotations

import os
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.parse import urlsplit

from traycreds import __version__
from traycreds.adapters import stsdoor
from traycreds.adapters.digest import sha256
from traycreds.adapters.includes import Source
from traycreds.adapters.printable import printable
from traycreds.adapters.shelf import LARGEST, Shelf
from traycreds.core.errors import ConfigError

SILENCE = 10.0
"""Seconds without a byte after which a server is given up."""
DEADLINE = 30.0
"""Seconds for all of it; a server that sends a byte now and then is given up too."""
_PIECE = 65536
_WORDS = 200
"""Characters of what a server says that are told."""
_HINT = "What you accepted before stays. Try again with `traycreds import --team`."


def fetch(source: Source, shelf: Shelf, *, deadline: float = DEADLINE) -> None:
    """Get what an address gives and keep it; blocks for as long as the deadline at most.

    Raises:
        ConfigError: it could not be had, or is not what was pinned; that is kept for `doctor`.
    """
    try:
        data = _within(deadline, lambda stopped: _download(source, stopped))
        came = sha256(data)
        if came != source.pin:
            sentence = f"{source.label} gave something else: expected was sha256 {source.pin}, what came has {came}."
            hint = "If the change is meant, look at it, and put the new hash into include. Nothing was changed."
            error = ConfigError(sentence, hint)
            shelf.not_fetched(source, error, mismatch=True)
            raise error
    except _FetchError as error:
        told = ConfigError(f"{source.label} could not be fetched: {error}.", _HINT)
        shelf.not_fetched(source, told, mismatch=False)
        raise told from error
    shelf.fetched(source, data)


class _FetchError(Exception):
    """Why nothing came, a few words."""


def _within(deadline: float, work: Callable[[threading.Event], bytes]) -> bytes:
    """What `work` gives; a thread that is not done in time is left behind, and told to stop."""
    given: list[bytes] = []
    failed: list[Exception] = []
    stopped = threading.Event()

    def run() -> None:
        try:
            given.append(work(stopped))
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            failed.append(error)

    thread = threading.Thread(target=run, name="fetch", daemon=True)
    thread.start()
    thread.join(deadline)
    stopped.set()
    if given:
        return given[0]
    raise failed[0] if failed else _FetchError(f"the server was not done within {deadline:.0f} seconds")


def _download(source: Source, stopped: threading.Event) -> bytes:
    request = urllib.request.Request(source.key, headers={"User-Agent": f"traycreds/{__version__}"})  # noqa: S310 - https, by `includes`
    try:
        with _opener().open(request, timeout=SILENCE) as answer:
            pieces, size = [], 0
            while piece := answer.read1(_PIECE):
                size += len(piece)
                if size > LARGEST:
                    raise _FetchError(f"it is larger than {LARGEST} bytes")
                if stopped.is_set():
                    raise _FetchError("it took too long")
                pieces.append(piece)
            length = answer.headers.get("Content-Length")
            if length is not None and length.isdigit() and size < int(length):
                raise _FetchError("the connection broke off")
    except urllib.error.HTTPError as error:
        with error:
            raise _FetchError(f"the server answered {error.code} {_in_words(error.reason)}") from None
    except urllib.error.URLError as error:
        raise _FetchError(_in_words(error.reason)) from None
    except (OSError, HTTPException) as error:
        raise _FetchError(_in_words(error)) from None
    return b"".join(pieces)


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects, unless they leave https."""

    def redirect_request(  # noqa: PLR0917 - urllib calls it so
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https":
            fp.close()
            raise _FetchError("the server leads to an address that is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> urllib.request.OpenerDirector:
    """What opens https addresses only, by way of the proxy of HTTPS_PROXY if there is one."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPSHandler(context=_trust()),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _HttpsOnly(),
    ):
        opener.add_handler(handler)
    return opener


def _trust() -> ssl.SSLContext:
    """The certificates of the system, and beside them those that calls to AWS trust (AWS_CA_BUNDLE)."""
    context = ssl.create_default_context()
    bundle = os.environ.get("AWS_CA_BUNDLE")
    try:
        context.load_verify_locations(bundle or stsdoor.certificates())
    except OSError as error:  # ssl's own errors are some, too
        raise _FetchError(f"AWS_CA_BUNDLE names {bundle}, which holds no certificates") from error
    return context


def _in_words(error: object) -> str:
    """A few words on what the network or the server did."""
    match error:
        case TimeoutError():
            return f"the server was silent for {SILENCE:.0f} seconds"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({error.verify_message}); AWS_CA_BUNDLE may name one that is"
        case OSError(strerror=str(words)) if words:
            return words[:1].lower() + words[1:]
    return printable(str(error))[:_WORDS] or type(error).__name__
