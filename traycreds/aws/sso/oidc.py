"""The sign-in service (sso-oidc): registration, device codes, tokens. Errors never show a token, secret or code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from traycreds import __version__
from traycreds.aws import connections
from traycreds.aws.errors import code_of, is_none_of_aws, message_of
from traycreds.aws.sso.session import SsoSession
from traycreds.core import text
from traycreds.core.errors import FailureKind, IssueError
from traycreds.core.text import rfc_3339
from traycreds.core.value_class import field, value_class

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
REDIRECT = "http://127.0.0.1/oauth/callback"
"""The registered redirect; at sign-in it may have any port (RFC 8252, 7.3)."""

_WORDS: dict[str, tuple[FailureKind, str, str]] = {
    "AccessDeniedException": (
        FailureKind.SIGN_IN,
        "The sign-in to {session} was refused.",
        "If that was a mistake, sign in again.",
    ),
    "ExpiredTokenException": (
        FailureKind.SIGN_IN,
        "The code for the sign-in to {session} has expired.",
        "Sign in again.",
    ),
    "InvalidClientException": (
        FailureKind.SIGN_IN,
        "AWS no longer recognizes the registration for {session}.",
        "Sign in again to register again.",
    ),
    "InvalidGrantException": (
        FailureKind.SIGN_IN,
        "AWS did not accept the browser's response for {session}.",
        "Sign in again.",
    ),
    "InvalidRequestException": (
        FailureKind.BAD_CONFIG,
        "AWS does not accept the request to sign in to {session}: {detail}.",
        "Check sso_start_url and sso_region in ~/.aws/config.",
    ),
    "InvalidScopeException": (
        FailureKind.BAD_CONFIG,
        "AWS does not recognize a scope of {session}.",
        "Fix sso_registration_scopes in ~/.aws/config.",
    ),
    "SlowDownException": (
        FailureKind.THROTTLED,
        "The sign-in service in {region} is throttling requests.",
        "Try again in a minute.",
    ),
}
LATEST = text.LATEST.timestamp()
LONGEST = timedelta(days=3650).total_seconds()
"""No sign-in, code or pause lasts longer, in seconds."""
_LINE = 160


@value_class(kw_only=True)
class Registration:
    """What AWS knows this program by."""

    client_id: str
    secret: str = field(repr=False)
    expires_at: datetime


@value_class(kw_only=True)
class DeviceCode:
    """A device code, with what a person needs to confirm it."""

    code: str = field(repr=False)
    user_code: str
    page: str
    page_with_code: str
    expires_in: timedelta
    interval: timedelta


class Oidc:
    """The service in one region, for one sign-in."""

    def __init__(self, client: Any, session: SsoSession) -> None:
        """Call by an unsigned botocore client that tries each call once: codes and refresh tokens work once."""
        self._client = client
        self._session = session

    def register(self, *, code: bool) -> Registration:
        """Register this program, for a redirect (`code`) or a device code. Raises IssueError: refused, unreachable."""
        wanted: dict[str, Any] = {"clientName": f"traycreds-{__version__}", "clientType": "public"}
        if self._session.scopes:
            wanted["scopes"] = list(self._session.scopes)
        if code:
            wanted["grantTypes"] = ["authorization_code", "refresh_token"]
            wanted |= {"redirectUris": [REDIRECT], "issuerUrl": self._session.start_url}
        response = self._call("register_client", **wanted)
        return Registration(
            client_id=_text(response, "clientId"),
            secret=_text(response, "clientSecret"),
            expires_at=datetime.fromtimestamp(_number(response, "clientSecretExpiresAt", LATEST), timezone.utc),
        )

    def authorize_url(self, registration: Registration, *, redirect: str, state: str, challenge: str) -> str:
        """The page where a person allows the sign-in; nothing in it is secret."""
        query = {
            "response_type": "code",
            "client_id": registration.client_id,
            "redirect_uri": redirect,
            "state": state,
            "code_challenge_method": "S256",
            "scopes": " ".join(self._session.scopes),
            "code_challenge": challenge,
        }
        return f"{self._client.meta.endpoint_url}/authorize?{urlencode(query, quote_via=quote)}"

    def token_for_code(self, registration: Registration, *, code: str, verifier: str, redirect: str) -> dict[str, Any]:
        """The token for what the browser brought back. Raises IssueError: AWS refuses, or cannot be reached."""
        return self._token(
            registration, grantType="authorization_code", code=code, codeVerifier=verifier, redirectUri=redirect
        )

    def start_device(self, registration: Registration) -> DeviceCode:
        """A code to be confirmed in any browser. Raises IssueError: AWS refuses, or cannot be reached."""
        response = self._call(
            "start_device_authorization",
            clientId=registration.client_id,
            clientSecret=registration.secret,
            startUrl=self._session.start_url,
        )
        return DeviceCode(
            code=_text(response, "deviceCode"),
            user_code=_text(response, "userCode"),
            page=_text(response, "verificationUri"),
            page_with_code=_text(
                response, "verificationUriComplete" if response.get("verificationUriComplete") else "verificationUri"
            ),
            expires_in=timedelta(seconds=_number(response, "expiresIn")),
            # The default of 5 seconds is from RFC 8628, section 3.2.
            interval=timedelta(seconds=_number({"interval": response.get("interval") or 5}, "interval")),
        )

    def token_for_device(self, registration: Registration, device: DeviceCode) -> dict[str, Any] | str:
        """The token, or "pending" or "slow down" until someone confirms the code. Raises IssueError."""
        try:
            return self._token(registration, grantType=DEVICE_GRANT, deviceCode=device.code)
        except _RefusedError as error:
            if error.code == "AuthorizationPendingException":
                return "pending"
            if error.code == "SlowDownException":
                return "slow down"
            raise

    def _token(self, registration: Registration, **grant: str) -> dict[str, Any]:
        response = self._call(
            "create_token", clientId=registration.client_id, clientSecret=registration.secret, **grant
        )
        return {
            "startUrl": self._session.start_url,
            "region": self._session.region,
            **_lasting(response),
            "clientId": registration.client_id,
            "clientSecret": registration.secret,
            "registrationExpiresAt": rfc_3339(registration.expires_at),
            **_renewing(response),
        }

    def _call(self, operation: str, **parameters: Any) -> Any:
        try:
            with connections.bounded(connections.SECONDS):
                return getattr(self._client, operation)(**parameters)
        except connections.CallEndedError:
            raise _overdue(self._session.region) from None
        except Exception as error:
            known = self._explain(error)
            if known is None:
                raise
            # Botocore's text may quote what was sent, so leave it out of the chain.
            raise known from None

    def _explain(self, error: Exception) -> IssueError | None:
        code = code_of(error)
        words = {"session": self._session.label, "region": self._session.region, "detail": _line(message_of(error))}
        if code in _WORDS or code == "AuthorizationPendingException":
            kind, sentence, hint = _WORDS.get(code, (FailureKind.SIGN_IN, "The sign-in is not confirmed.", ""))
            return _RefusedError(code, kind, sentence.format_map(words), hint.format_map(words))
        host = urlsplit(self._client.meta.endpoint_url).netloc
        if code:
            sentence = f"The sign-in service in {self._session.region} has an internal error ({code})."
            return IssueError(FailureKind.NETWORK, sentence, "Try again later.")
        if is_none_of_aws(error):
            sentence = (
                f"The server that responded for the sign-in service in {self._session.region} is not AWS ({host})."
            )
            return IssueError(FailureKind.ANSWER, sentence, "Check the network, VPN and proxy.")
        if any(one.__name__ in ("HTTPClientError", "ConnectionError") for one in type(error).__mro__):
            sentence = f"Could not reach the sign-in service in {self._session.region} ({host})."
            return IssueError(FailureKind.NETWORK, sentence, "Check the network, VPN and proxy, and sso_region.")
        return None


class _RefusedError(IssueError):
    """A refusal with AWS's code."""

    def __init__(self, code: str, kind: FailureKind, sentence: str, hint: str) -> None:
        super().__init__(kind, sentence, hint)
        self.code = code


def renew(client: Any, token: Mapping[str, Any]) -> dict[str, Any]:
    """The changes of one renewal to a cached token; botocore's errors pass. Raises IssueError: late or odd."""
    try:
        with connections.bounded(connections.SECONDS):
            response = client.create_token(
                grantType="refresh_token",
                clientId=token["clientId"],
                clientSecret=token["clientSecret"],
                refreshToken=token["refreshToken"],
            )
    except connections.CallEndedError:
        raise _overdue(client.meta.region_name) from None
    try:
        return {**_lasting(response), **_renewing(response)}
    except IssueError as error:
        # No user waits for a renewal, unlike for a sign-in, so it is retried like any unusable answer.
        raise IssueError(FailureKind.ANSWER, error.sentence, error.hint) from None


def _overdue(region: str) -> IssueError:
    sentence = f"The sign-in service in {region} did not respond within {connections.SECONDS:g} seconds."
    return IssueError(FailureKind.NETWORK, sentence, "Check the network, VPN and proxy.")


def _lasting(response: Mapping[str, Any]) -> dict[str, Any]:
    end = datetime.now(timezone.utc) + timedelta(seconds=_number(response, "expiresIn"))
    return {"accessToken": _text(response, "accessToken"), "expiresAt": rfc_3339(end)}


def _number(response: Mapping[str, Any], name: str, most: float = LONGEST) -> float:
    """A number of seconds in an answer. Raises IssueError: missing or invalid."""
    number = response.get(name)
    if not isinstance(number, (int, float)) or not 0 <= number <= most:
        raise _unusable(name)
    return number


def _text(response: Mapping[str, Any], name: str) -> str:
    """A text of an answer, safe for a terminal. Raises IssueError: missing or invalid."""
    value = response.get(name)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise _unusable(name)
    return value


def _unusable(name: str) -> IssueError:
    sentence = f"The sign-in service sent an invalid {name}."
    return IssueError(FailureKind.NETWORK, sentence, "Check the network, VPN and proxy, and try again.")


def _renewing(response: Mapping[str, Any]) -> dict[str, Any]:
    return {"refreshToken": _text(response, "refreshToken")} if response.get("refreshToken") else {}


def _line(text: str) -> str:
    return " ".join(text.split())[:_LINE].rstrip(".") or "no reason given"
