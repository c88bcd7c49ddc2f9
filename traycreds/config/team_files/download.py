"""Downloads an included file: https only, with a deadline, a size limit and the pinned hash. Sends no secret."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.connection import HTTPSConnection
from urllib3.exceptions import HTTPError, IncompleteRead, LocationValueError, ProxySchemeUnknown

from traycreds import __version__
from traycreds.aws import botocore_session, connections
from traycreds.config.team_files.accepted_files import LARGEST, AcceptedFiles
from traycreds.config.team_files.includes import IncludedFile
from traycreds.core.errors import ConfigError
from traycreds.core.text import printable, proxy_in_words
from traycreds.files import contents
from traycreds.files.digest import sha256
from traycreds.process.bounded_call import bounded_call

SILENCE = 10.0
"""Seconds without a byte after which a download stops."""
DEADLINE = 30.0
"""Seconds for a whole download, even if bytes keep dripping in."""
_SLACK = 1.0
"""Seconds until a download has stopped after its deadline."""
_PIECE = 65536
_MOST_REDIRECTS = 10
_WORDS = 200
"""Characters of a server's words to show."""
_HINT = "What you accepted before stays. Try again with `traycreds import team`."


def fetch(source: IncludedFile, accepted_files: AcceptedFiles, *, deadline: float = DEADLINE) -> None:
    """Download and keep a file, within the deadline. Raises ConfigError, which is also kept for `doctor`."""
    try:
        data = _within(deadline, source)
        came = sha256(data)
        if came != source.pin:
            sentence = f"{source.label} has changed: expected sha256 {source.pin}, got {came}."
            hint = "If you expect the change, review it, then put the new hash in include. Nothing was changed."
            error = ConfigError(sentence, hint)
            accepted_files.not_fetched(source, error, mismatch=True)
            raise error
    except _FetchError as error:
        refused = ConfigError(f"{source.label} could not be fetched: {error}.", _HINT)
        accepted_files.not_fetched(source, refused, mismatch=False)
        raise refused from error
    accepted_files.fetched(source, data)


class _FetchError(Exception):
    """A few words on why the download failed."""


def _within(deadline: float, source: IncludedFile) -> bytes:
    """The content of an address; the deadline ends the connections, and with them the thread that waits for them."""

    def work() -> bytes:
        with connections.bounded(deadline):
            return _download(source)

    try:
        return bounded_call(work, seconds=deadline + _SLACK, name="fetch")
    except (connections.CallEndedError, TimeoutError):
        # During a name lookup there is no connection that the deadline could end.
        raise _FetchError(f"the server did not finish within {deadline:.0f} seconds") from None


def _download(source: IncludedFile) -> bytes:
    address = source.key
    try:
        for _ in range(_MOST_REDIRECTS + 1):
            with _connections(address) as pool:
                response = pool.request("GET", address, redirect=False, preload_content=False, decode_content=False)
                with response:
                    target = response.get_redirect_location()
                    if not target:
                        return _content(response)
            address = urljoin(address, target)
            if urlsplit(address).scheme != "https":
                raise _FetchError("the server redirects to an address that is not https, which is not allowed")
    except ProxySchemeUnknown:
        named = proxy_in_words(getproxies().get("https", ""), os.environ)
        raise _FetchError(f"the proxy of {named} is of an unsupported kind") from None
    except (LocationValueError, ValueError):
        # The texts of these errors hold the address, and it may hold a token.
        raise _FetchError("the address, or one that the server redirects to, is not valid") from None
    except (HTTPError, OSError) as error:
        raise _FetchError(_in_words(error)) from None
    raise _FetchError(f"the server redirects more than {_MOST_REDIRECTS} times")


def _content(response: urllib3.BaseHTTPResponse) -> bytes:
    if response.status not in range(200, 300):
        raise _FetchError(f"the server answered {response.status} {printable(response.reason or '')[:_WORDS]}".rstrip())
    pieces, size = [], 0
    while piece := response.read1(_PIECE):
        size += len(piece)
        if size > LARGEST:
            raise _FetchError(f"it is larger than {LARGEST} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _connections(address: str) -> urllib3.PoolManager:
    trust, timeout = _trust(), urllib3.Timeout(connect=SILENCE, read=SILENCE)
    headers = {"User-Agent": f"traycreds/{__version__}"}
    proxy = getproxies().get("https")
    if not proxy or proxy_bypass(urlsplit(address).netloc):
        direct = urllib3.PoolManager(headers=headers, ssl_context=trust, timeout=timeout, retries=False)
        direct.pool_classes_by_scheme = {"https": _NotedPool}
        return direct
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    login = urllib3.util.parse_url(proxy).auth
    by_proxy = urllib3.ProxyManager(
        proxy,
        headers=headers,
        proxy_headers=urllib3.make_headers(proxy_basic_auth=unquote(login)) if login else None,
        proxy_ssl_context=trust,
        ssl_context=trust,
        timeout=timeout,
        retries=False,
    )
    by_proxy.pool_classes_by_scheme = {"https": _NotedPool}
    return by_proxy


class _NotedPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = connections.noted(HTTPSConnection)


def _trust() -> ssl.SSLContext:
    """The system's certificates, plus those that calls to AWS trust (AWS_CA_BUNDLE)."""
    context = ssl.create_default_context()
    bundle = os.environ.get("AWS_CA_BUNDLE")
    try:
        if bundle and not Path(bundle).is_dir():
            contents.check_bounded(Path(bundle))
        context.load_verify_locations(bundle or botocore_session.certificates())
    except OSError as error:
        # The errors of `ssl` are an `OSError` too.
        raise _FetchError(f"AWS_CA_BUNDLE names {bundle}, which holds no certificates") from error
    return context


def _in_words(error: BaseException) -> str:
    # urllib3 keeps what it met as the cause, or among the arguments.
    while inner := error.__cause__ or next((each for each in error.args if isinstance(each, BaseException)), None):
        error = inner
    match error:
        case TimeoutError():
            return f"the server sent nothing for {SILENCE:.0f} seconds"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted ({error.verify_message}); AWS_CA_BUNDLE may name one that is"
        case IncompleteRead():
            return "the connection was lost"
        case OSError(strerror=str(words)) if words:
            return words[:1].lower() + words[1:]
    return printable(str(error))[:_WORDS] or type(error).__name__
