"""One source of credentials and its clients, shared by all roles behind it. Knows botocore only through `stsdoor`."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from traycreds.adapters.hop import Hop
from traycreds.adapters.keys import FROM_FILES, Keys
from traycreds.adapters.ssocache import TokenFolder, login_key_of
from traycreds.adapters.stsdoor import ATTEMPTS, Assume, Door, create_client, resolve
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError


class Source:
    """One source of credentials, reached in one way: its keys, resolved once, and the clients that use them.

    Its lock also guards the session, which is not safe for threads, and makes roles that wait for one source share one
    resolution, and its failure.
    """

    def __init__(self, door: Door, region: str) -> None:
        """Prepare; nothing is resolved yet."""
        self._door = door
        self._region = region
        self._lock = threading.Lock()
        self._session: Any = None
        self._fingerprint = ""
        self._hops: dict[str, Any] = {}
        self._keys: Keys | None = None
        self._clients: dict[bool, Any] = {}
        self._anonymous: Any = None
        self._failure: Exception | None = None
        self._failures = 0

    def keys(self, hop: Hop, assume: Assume) -> Keys:
        """The source's credentials: those in hand while they are good, else resolved anew."""
        failures = self._failures
        with self._lock:
            self._reread(hop)
            if self._keys is not None and self._keys.good():
                return self._keys
            if self._failure is not None and self._failures > failures:
                raise self._failure  # it failed while this caller waited; another try would make the next one wait too
            try:
                with _login_alone(hop):
                    keys = resolve(self._session, hop, self._hops, assume)
            except Exception as error:
                self._failure, self._failures = error, self._failures + 1
                raise
            if self._keys is None or keys[:3] != self._keys[:3]:
                self._clients = {}
            self._keys, self._failure = keys, None
            return keys

    def own_session(self, hop: Hop, assume: Assume) -> Keys:
        """A new session of the profile itself; nothing comes from a cache."""
        with self._lock:
            self._reread(hop)
            with _login_alone(hop):
                return resolve(self._session, hop, {}, assume)

    def client(self, keys: Keys, *, retry: bool) -> Any:
        """The STS client for these credentials; without `retry` each call is tried once."""
        with self._lock:
            client = self._clients.get(retry) if keys[:3] == (self._keys or ())[:3] else None
            if client is None:
                client = create_client(self._session, self._region, keys, attempts=ATTEMPTS if retry else 1)
                if keys is self._keys:  # else another thread has resolved anew since
                    self._clients[retry] = client
            return client

    def anonymous_client(self, hop: Hop) -> Any:
        """The STS client that signs nothing, for a web identity token."""
        with self._lock:
            self._reread(hop)
            if self._anonymous is None:
                self._anonymous = create_client(self._session, self._region, None, attempts=ATTEMPTS)
            return self._anonymous

    def forget(self, keys: Keys) -> bool:
        """Drop credentials that AWS calls expired; False when the files have no others."""
        with self._lock:
            if self._keys is keys:
                self._keys, self._hops = None, {}
            return keys.method not in FROM_FILES

    def _reread(self, hop: Hop) -> None:
        """Begin anew when what the source depends on has changed; what we write ourselves changes none of it."""
        if self._session is None or self._fingerprint != hop.fingerprint:
            self._session = self._door.open(hop.top)
            self._fingerprint, self._keys, self._hops = hop.fingerprint, None, {}
            self._clients, self._anonymous = {}, None


@contextlib.contextmanager
def _login_alone(hop: Hop) -> Iterator[None]:
    """Keep other processes and threads of ours from renewing the same `aws login`: botocore does it without a lock."""
    if hop.login_session is None:
        yield
        return
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(TokenFolder.of_aws_login().locked(login_key_of(hop.login_session)))
        except CredentialsFileError as error:
            raise IssueError(FailureKind.NETWORK, error.sentence, error.hint) from error
        yield
