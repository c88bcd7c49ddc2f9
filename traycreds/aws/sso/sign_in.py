"""Signs in to IAM Identity Center, in the browser with PKCE or by device code, into the AWS CLI's token cache.

One sign-in to a session at a time across our processes; the others share its outcome. Shows no code or token.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from traycreds.aws.sso.callback_server import CallbackServer, SignInDenied, pkce_pair
from traycreds.aws.sso.oidc import DeviceCode, Oidc, Registration
from traycreds.aws.sso.session import SsoSession
from traycreds.aws.sso.token_cache import TokenFolder, key_of, left
from traycreds.core.errors import CredentialsFileError, FailureKind, IssueError, TraycredsError
from traycreds.core.text import from_rfc_3339, rfc_3339
from traycreds.core.value_class import value_class
from traycreds.desktop import browser
from traycreds.shell.quoting import shell_word

log = logging.getLogger(__name__)

SECONDS = 300.0
"""How long a person has, unless the caller says otherwise."""
SLOWER = 5.0
"""Seconds that each "slow down" adds to the interval (RFC 8628, 3.5)."""
REGISTRATION_SPARE = timedelta(days=1)
"""A registration that ends sooner could not renew the sign-in to its end: register again."""


@value_class(kw_only=True)
class SignInOptions:
    """How to sign in: by device code even with a browser; opening the page, or only naming it; for how many seconds.

    `by_hand`: the person sees its address, so a browser that cannot be started ends nothing.
    """

    device: bool = False
    browser: bool = True
    by_hand: bool = False
    seconds: float = SECONDS


@value_class(kw_only=True)
class SignedIn:
    """How a sign-in ended.

    `renews`: silently, while IAM Identity Center allows it. `by_other`: another process signed in while this one
    waited.
    """

    expires_at: datetime
    renews: bool
    by_other: bool = False


class SignIn:
    """Signs in to one session."""

    def __init__(
        self,
        session: SsoSession,
        oidc: Oidc,
        folder: TokenFolder,
        *,
        report: Callable[[str], None],
        open_by: browser.Open | None = None,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        """Call nothing yet.

        Args:
            session: what to sign in to.
            oidc: asks AWS.
            folder: where the token goes.
            report: gets texts for the person, best line first.
            open_by: opens the page, if not the desktop's browser.
            pause: waits between polls.
        """
        self._session = session
        self._oidc = oidc
        self._folder = folder
        self._report = report
        self._open_by = open_by
        self._pause = pause or threading.Event().wait
        self._key = key_of(session.cached_as)

    def run(self, options: SignInOptions) -> SignedIn:
        """Sign in, even if a token is still good; blocks while the person decides.

        Raises IssueError: refused, timed out or AWS unreachable. Raises CredentialsFileError: the token was not
        written.
        """
        deadline = time.monotonic() + options.seconds
        before = self._folder.read(self._key)
        with self._alone(options.seconds):
            now = self._folder.read(self._key)
            if now != before and left(now, datetime.now(timezone.utc)) > timedelta():
                return _signed_in(now or {}, by_other=True)
            token = self._token(options, deadline)
            with self._folder.locked(self._key):
                self._folder.write(self._key, token)
        log.info("signed in to %s", self._session.label)
        return _signed_in(token)

    def _token(self, options: SignInOptions, deadline: float) -> dict[str, Any]:
        # The AWS CLI also signs legacy profiles in by device code.
        if self._session.name is not None and not options.device:
            if not options.browser or browser.can_open():
                token = self._by_browser(options, deadline)
                if token is not None:
                    return token
            self._report("Cannot open a browser here, so use one on any computer.")
        return self._by_device(options, deadline)

    def _by_browser(self, options: SignInOptions, deadline: float) -> dict[str, Any] | None:
        """The token, or None when no browser could be opened."""
        verifier, challenge = pkce_pair()
        registration = self._registration(code=True)
        try:
            server = CallbackServer()
        except OSError as error:
            log.info("no listener on 127.0.0.1: %s", error)
            return None
        with server:
            url = self._oidc.authorize_url(
                registration, redirect=server.redirect, state=server.state, challenge=challenge
            )
            if options.browser:
                self._report(
                    f"Opening the sign-in page of {self._session.label} in your browser.\nIf none opens, go to {url}"
                )
                self._open(url, server.no_browser, options)
            else:
                self._report(
                    f"Open this page in a browser on this computer to sign in to {self._session.label}.\n{url}"
                )
            try:
                code = server.wait(deadline - time.monotonic())
            except SignInDenied:
                raise self._refused() from None
            except TimeoutError:
                # If AWS has lost the registration, its page never redirects back here.
                self._forget_registration(code=True)
                raise self._too_late() from None
            if code is None:
                return None
            try:
                with self._known(code=True):
                    token = self._oidc.token_for_code(
                        registration, code=code, verifier=verifier, redirect=server.redirect
                    )
            except IssueError as error:
                server.finish("The sign-in failed", error.sentence)
                raise
            server.finish("You are signed in", "You can close this window.")
            return token

    def _by_device(self, options: SignInOptions, deadline: float) -> dict[str, Any]:
        registration = self._registration(code=False)
        with self._known(code=False):
            device = self._oidc.start_device(registration)
        self._report(
            f"To sign in to {self._session.label}, open {device.page} and confirm the code {device.user_code}\n"
            f"With the code in it, the page is {device.page_with_code}"
        )
        if options.browser and browser.can_open():
            # The address has been said.
            self._open(device.page_with_code, lambda: None, options)
        deadline = min(deadline, time.monotonic() + device.expires_in.total_seconds())
        return self._poll(registration, device, deadline)

    def _open(self, url: str, failed: Callable[[], None], options: SignInOptions) -> None:
        """Open a page. Raises TraycredsError: its browser cannot be started, and nobody sees its address."""
        try:
            browser.open_page(url, failed, self._open_by)
        except TraycredsError as error:
            if not options.by_hand:
                raise
            self._report(f"{error}\nUntil then, open this page yourself: {url}")

    def _poll(self, registration: Registration, device: DeviceCode, deadline: float) -> dict[str, Any]:
        interval = device.interval.total_seconds()
        while True:
            self._pause(min(interval, max(0.0, deadline - time.monotonic())))
            if time.monotonic() >= deadline:
                raise self._too_late()
            try:
                result = self._oidc.token_for_device(registration, device)
            except IssueError as error:
                if error.kind is not FailureKind.NETWORK:
                    raise
                # The code is still valid, so ask again.
                log.info("%s", error.sentence)
                continue
            if isinstance(result, dict):
                return result
            interval += SLOWER if result == "slow down" else 0.0

    def _registration(self, *, code: bool) -> Registration:
        key = self._registration_key(code=code)
        entry = self._folder.read(key) or {}
        end = from_rfc_3339(entry.get("expiresAt"))
        if end is not None and end - datetime.now(timezone.utc) > REGISTRATION_SPARE and "clientSecret" in entry:
            return Registration(client_id=str(entry.get("clientId")), secret=entry["clientSecret"], expires_at=end)
        new = self._oidc.register(code=code)
        content = {"clientId": new.client_id, "clientSecret": new.secret, "expiresAt": rfc_3339(new.expires_at)}
        # Keeping the registration only saves a call, so a failure does no harm.
        with contextlib.suppress(CredentialsFileError):
            self._folder.write(key, {**content, "scopes": list(self._session.scopes)})
        return new

    def _registration_key(self, *, code: bool) -> str:
        """A key of our own: aws cli keeps its registrations in the same folder."""
        facts = {
            "tool": "traycreds",
            "startUrl": self._session.start_url,
            "region": self._session.region,
            "scopes": self._session.scopes,
            "grant": "code" if code else "device",
        }
        return key_of(json.dumps(facts, sort_keys=True))

    @contextlib.contextmanager
    def _known(self, *, code: bool) -> Iterator[None]:
        """Register again next time when AWS refuses."""
        try:
            yield
        except IssueError as error:
            if error.kind is FailureKind.SIGN_IN:
                self._forget_registration(code=code)
            raise

    def _forget_registration(self, *, code: bool) -> None:
        with contextlib.suppress(CredentialsFileError):
            self._folder.write(self._registration_key(code=code), {})

    @contextlib.contextmanager
    def _alone(self, seconds: float) -> Iterator[None]:
        key = f"{self._key}.sign-in"
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(self._folder.locked(key, patience=0))
            except CredentialsFileError:
                self._report(f"Another sign-in to {self._session.label} is in progress: waiting for it.")
                try:
                    stack.enter_context(self._folder.locked(key, patience=seconds))
                except CredentialsFileError:
                    raise self._too_late() from None
            yield

    def _refused(self) -> IssueError:
        sentence = f"The sign-in to {self._session.label} was refused in the browser."
        return IssueError(FailureKind.SIGN_IN, sentence, "If that was a mistake, sign in again.")

    def _too_late(self) -> IssueError:
        sentence = f"The sign-in to {self._session.label} was not confirmed in time."
        return IssueError(FailureKind.SIGN_IN, sentence, f"Run: traycreds login {shell_word(self._session.label)}")


def _signed_in(token: dict[str, Any], *, by_other: bool = False) -> SignedIn:
    end = from_rfc_3339(token.get("expiresAt"))
    assert end is not None, "a token that counts says when it ends"
    return SignedIn(expires_at=end, renews="refreshToken" in token, by_other=by_other)
