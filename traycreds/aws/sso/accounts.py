"""The accounts and roles of a sign-in: listed at a limited rate, and cached for a day. Keeps no token.

AWS answers 429 to a client that lists a thousand accounts at full speed, so calls take turns and a 429 slows down all.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from traycreds.aws import connections
from traycreds.aws.errors import code_of, is_none_of_aws
from traycreds.aws.sso import oidc
from traycreds.aws.sso.session import SsoSession
from traycreds.aws.sso.token_cache import key_of, left
from traycreds.aws.sso.token_refresh import Tokens
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError
from traycreds.core.text import from_rfc_3339, json_value, rfc_3339
from traycreds.core.value_class import as_dict, value_class
from traycreds.files import atomic_write, contents
from traycreds.files.atomic_write import ChangedMeanwhileError
from traycreds.shell.quoting import shell_word

log = logging.getLogger(__name__)

GOOD_FOR = timedelta(hours=24)
"""How long a list is believed: assignments change seldom, and the user can ask for a new one."""
WORKERS = 4
TRIES = 8
"""Attempts per call; each further one comes after a 429 or a fault, at a slower pace."""
SECONDS = 20.0
"""For one try, whose connection is ended then, however slowly it drips."""
FOR_ALL_TRIES = 60.0
"""Seconds after which a failed call is not retried."""
PAGE = 100
MOST_PAGES = 1000
"""Of one list: of a hundred thousand accounts. A list without an end would fill the memory."""
FASTEST, SLOWEST = 20.0, 1.0
"""Calls a second."""


@value_class(kw_only=True)
class Account:
    """An account with the roles assigned in it."""

    id: str
    name: str
    email: str
    roles: tuple[str, ...]


class Pace:
    """Lets calls of several threads through, one after the other, at a speed that 429s bring down."""

    def __init__(
        self,
        *,
        fastest: float = FASTEST,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Begin at full speed: `fastest` calls a second."""
        self._fastest = self._speed = fastest
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Wait for the turn of one call."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + 1 / self._speed
        if turn > now:
            self._sleep(turn - now)

    def slower(self) -> None:
        """AWS asked to slow down: all wait a second, then continue at half the speed."""
        with self._lock:
            self._speed = max(SLOWEST, self._speed / 2)
            self._next = max(self._next, self._clock() + 1)

    def faster(self) -> None:
        """A call went through."""
        with self._lock:
            self._speed = min(self._fastest, self._speed + self._fastest / 100)


class AccountList:
    """What one sign-in opens."""

    def __init__(
        self,
        session: SsoSession,
        tokens: Tokens,
        connect: Callable[[str], Any],
        cache: Path,
        *,
        pace: Pace | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """Call nothing yet; `connect` makes an unsigned client ("sso" or "sso-oidc"), `cache` holds the list."""
        self._session = session
        self._tokens = tokens
        self._connect = connect
        self._path = cache / f"sso-accounts-{key_of(f'{session.cached_as} {session.start_url}')[:16]}.json"
        self._pace = pace or Pace()
        self._now = now
        self._lock = threading.Lock()
        self._under_way: set[connections.CallConnections] = set()
        self._given_up = False

    def read(self, *, fresh: bool = False, progress: Callable[[int, int], None] | None = None) -> tuple[Account, ...]:
        """The accounts with their roles, by name; a day-old list serves unless `fresh`. Raises IssueError.

        `progress` gets the numbers of finished and of all accounts, from any thread.
        """
        cached = None if fresh else self._cached()
        if cached is not None:
            return cached
        found = self._ask(progress or (lambda _done, _total: None))
        self._keep(found)
        return found

    def _ask(self, progress: Callable[[int, int], None]) -> tuple[Account, ...]:
        self._given_up = False
        client = self._connect("sso")
        listed = list(self._pages(client.list_accounts, "accountList", "accountId"))
        done = 0
        lock = threading.Lock()

        def roles(account: dict[str, str]) -> Account:
            nonlocal done
            try:
                pages = self._pages(client.list_account_roles, "roleList", "roleName", accountId=account["accountId"])
                names = [role["roleName"] for role in pages]
            except IssueError as error:
                if error.kind is not FailureKind.DENIED:
                    raise
                # The user lost access to this account after the accounts were listed.
                names = []
            with lock:
                done += 1
                progress(done, len(listed))
            return Account(
                id=account["accountId"],
                name=account.get("accountName", account["accountId"]),
                email=account.get("emailAddress", ""),
                roles=tuple(sorted(names)),
            )

        progress(0, len(listed))
        pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="sso-accounts")
        try:
            found = list(pool.map(roles, listed))
        finally:
            # After a failure, or when the user interrupts, nobody waits for the other calls.
            self._end_calls()
            pool.shutdown(wait=True, cancel_futures=True)
        return tuple(sorted(found, key=lambda account: (account.name.lower(), account.id)))

    def _pages(self, call: Callable[..., Any], name: str, key: str, **parameters: str) -> Iterator[dict[str, str]]:
        """All items of a paged list, each an object of texts with this key. Raises IssueError."""
        token = None
        for _ in range(MOST_PAGES):
            more: dict[str, str] = {} if token is None else {"nextToken": token}
            response = self._call(call, maxResults=PAGE, **parameters, **more)
            listed, token = response.get(name), response.get("nextToken")
            if not (isinstance(listed, list) and all(_has_texts(each, key) for each in listed)):
                break
            yield from listed
            if not token:
                return
            if not isinstance(token, str):
                break
        raise _strange(self._session.region)

    def _call(self, call: Callable[..., Any], **parameters: Any) -> Any:
        last_try = time.monotonic() + FOR_ALL_TRIES
        for tried in range(1, TRIES + 1):
            access = self._access_token()
            self._pace.wait()
            try:
                with self._bounded():
                    response = call(accessToken=access, **parameters)
            except Exception as error:
                failure = _explain(error, self._session)
                if failure is None:
                    raise
                over = tried == TRIES or time.monotonic() > last_try or self._given_up
                if failure.kind in (FailureKind.SIGN_IN, FailureKind.DENIED) or over:
                    raise failure from None
                log.info("%s", failure.sentence)
                self._pace.slower()
            else:
                self._pace.faster()
                return response
        raise AssertionError("the last try returns or raises")

    @contextlib.contextmanager
    def _bounded(self) -> Iterator[None]:
        with connections.bounded(SECONDS) as bounded:
            with self._lock:
                self._under_way.add(bounded)
            if self._given_up:
                bounded.end()
            try:
                yield
            finally:
                with self._lock:
                    self._under_way.discard(bounded)

    def _end_calls(self) -> None:
        self._given_up = True
        with self._lock:
            for bounded in self._under_way:
                bounded.end()

    def _access_token(self) -> str:
        token = self._tokens.fresh(
            key_of(self._session.cached_as), lambda old: oidc.renew(self._connect("sso-oidc"), old)
        )
        if token is None or left(token, self._now()) <= timedelta():
            raise _signed_out(self._session)
        return str(token["accessToken"])

    def _cached(self) -> tuple[Account, ...] | None:
        try:
            content = json_value(contents.bounded(self._path))
            at = from_rfc_3339(content["at"])
            if at is None or not timedelta() <= self._now() - at < GOOD_FOR:
                return None
            return tuple(Account(**{**one, "roles": tuple(one["roles"])}) for one in content["accounts"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _keep(self, accounts: tuple[Account, ...]) -> None:
        content = {"at": rfc_3339(self._now()), "accounts": [as_dict(account) for account in accounts]}
        try:
            atomic_write.replace(self._path, json.dumps(content).encode(), expected=contents.read(self._path).data)
        except (ChangedMeanwhileError, CredentialsFileError) as error:
            # The list is requested again next time.
            log.info("the list of accounts was not cached: %s", error)


def _has_texts(item: object, key: str) -> bool:
    return isinstance(item, dict) and key in item and all(isinstance(value, str) for value in item.values())


def _explain(error: Exception, session: SsoSession) -> IssueError | None:
    code, region = code_of(error), session.region
    if code == "UnauthorizedException":
        return _signed_out(session)
    if code in ("ForbiddenException", "ResourceNotFoundException"):
        return IssueError(
            FailureKind.DENIED,
            "You have no access to the account.",
            "Ask your IAM Identity Center administrator for it.",
        )
    if code == "TooManyRequestsException":
        return IssueError(
            FailureKind.THROTTLED, f"The portal in {region} is throttling requests.", "Try again in a few minutes."
        )
    if code:
        return IssueError(
            FailureKind.NETWORK, f"The portal in {region} has an internal error ({code}).", "Try again later."
        )
    if any(one.__name__ in ("HTTPClientError", "ConnectionError", "CallEndedError") for one in type(error).__mro__):
        return IssueError(
            FailureKind.NETWORK, f"Could not reach the portal in {region}.", "Check the network, VPN and proxy."
        )
    return _strange(region) if is_none_of_aws(error) else None


def _strange(region: str) -> IssueError:
    sentence = f"The server that responded for the portal in {region} is not AWS."
    return IssueError(FailureKind.ANSWER, sentence, "Check the network, VPN and proxy.")


def _signed_out(session: SsoSession) -> IssueError:
    return IssueError(
        FailureKind.SIGN_IN,
        f"You are not signed in to {session.label}.",
        f"Run: traycreds login {shell_word(session.label)}",
    )
