"""The sign-in service of `aws login` in the simulator (signin): renews console sign-ins, CreateOAuth2Token with DPoP.

Each refresh token works once and only with a proof of the key that the sign-in is bound to (RFC 9449). Knows nothing of
HTTP.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from traycreds.sim.errors import ErrorResponse
from traycreds.sim.world import Key, Principal, World

CLIENT = "arn:aws:signin:::devtools/same-device"
PROOF_AGE = 300
"""Seconds that a proof may be old, or ahead."""
_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    """What a refresh token stands for."""

    key: ec.EllipticCurvePublicNumbers
    principal: Principal
    ends_at: datetime
    used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What `aws login` leaves behind.

    Attributes:
        session: goes into `login_session` of the profile.
        token: the content of the file in ~/.aws/login/cache.
    """

    session: str
    token: dict[str, Any] = field(repr=False)


class ConsoleSignIn:
    """Signs users in for `aws login`, and renews that.

    Attributes:
        token_length: how long the credentials last that a token is (AWS: at most 15 minutes).
        sign_in_length: how long a sign-in can be renewed (AWS: 12 hours).
        refuses: what every renewal is refused with, such as USER_CREDENTIALS_CHANGED; None refuses none.
    """

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        """Issue sessions into a world; everything but proofs ends by this clock."""
        self.token_length = timedelta(minutes=15)
        self.sign_in_length = timedelta(hours=12)
        self.refuses: str | None = None
        self._world = world
        self._clock = clock
        self._lock = threading.Lock()
        self._grants: dict[str, _Grant] = {}
        self._proofs: set[str] = set()

    def sign_in(self, user: Key, *, left: timedelta | None = None) -> Login:
        """Sign a user in, as the browser does for `aws login`.

        Args:
            user: a key of who signs in.
            left: how long the first credentials last yet.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        public = key.public_key().public_numbers()
        grant = _Grant(key=public, principal=user.principal, ends_at=self._clock() + self.sign_in_length)
        with self._lock:
            answer = self._tokens(grant, self.token_length if left is None else left)
        ends_at = self._clock() + timedelta(seconds=answer["expiresIn"])
        token = {
            "accessToken": {
                **answer["accessToken"],
                "accountId": user.principal.account,
                "expiresAt": ends_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
            "tokenType": answer["tokenType"],
            "clientId": CLIENT,
            "refreshToken": answer["refreshToken"],
            "dpopKey": _pem(key),
        }
        return Login(session=user.principal.arn, token=token)

    def create_token(self, body: Mapping[str, Any], proof: str, url: str) -> dict[str, Any]:
        """Response CreateOAuth2Token.

        Args:
            body: the request.
            proof: its DPoP header.
            url: where it was sent.

        Raises:
            ErrorResponse: the proof is none, or the sign-in is over.
        """
        key = self._proven(proof, url)
        if body.get("grantType") != "refresh_token" or body.get("clientId") != CLIENT:
            raise _refused(400, "ValidationException", "invalid_request", "Invalid request")
        if self.refuses is not None:
            raise _denied(self.refuses)
        with self._lock:
            old = self._grants.get(str(body.get("refreshToken")))
            if old is None or old.used or old.key != key or old.ends_at <= self._clock():
                raise _denied("TOKEN_EXPIRED")
            self._grants[body["refreshToken"]] = replace(old, used=True)
            return self._tokens(old, self.token_length)

    def _tokens(self, grant: _Grant, lasts: timedelta) -> dict[str, Any]:
        session = self._world.open_session(grant.principal, expires_at=self._clock() + lasts)
        refresh_token = secrets.token_urlsafe(48)
        self._grants[refresh_token] = grant
        return {
            "accessToken": {
                "accessKeyId": session.access_key_id,
                "secretAccessKey": session.secret_access_key,
                "sessionToken": session.session_token,
            },
            "tokenType": "aws_sigv4",
            "expiresIn": int(lasts.total_seconds()),
            "refreshToken": refresh_token,
        }

    def _proven(self, proof: str, url: str) -> ec.EllipticCurvePublicNumbers:
        """The public key whose owner made a proof for this request, now and once (RFC 9449, 4.3)."""
        try:
            head, claims, signature = proof.split(".")
            header, payload = json.loads(_decoded(head)), json.loads(_decoded(claims))
            jwk = header["jwk"]
            x, y = _decoded(jwk["x"]), _decoded(jwk["y"])
            key = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
            good = (
                (header["typ"], header["alg"], jwk["kty"], jwk["crv"]) == ("dpop+jwt", "ES256", "EC", "P-256")
                and (payload["htm"], payload["htu"]) == ("POST", url)
                and abs(time.time() - payload["iat"]) <= PROOF_AGE
                and len(x) == len(y) == _BYTES
            )
            _verify(key, f"{head}.{claims}".encode(), _decoded(signature))
            once = str(payload["jti"])
        except (ValueError, KeyError, TypeError, InvalidSignature):
            raise _invalid_proof() from None
        with self._lock:
            if not good or once in self._proofs:
                raise _invalid_proof()
            self._proofs.add(once)
        return key


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    # The AWS CLI writes the key in this format.
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(pem, form, serialization.NoEncryption()).decode()


def _verify(key: ec.EllipticCurvePublicNumbers, message: bytes, signature: bytes) -> None:
    """Check an ES256 signature (RFC 7518, 3.4): r and s, 32 bytes each.

    Raises:
        ValueError: the key is not a point of the curve, or the signature has another length.
        InvalidSignature: the signature is not of this key and message.
    """
    if len(signature) != 2 * _BYTES:
        raise ValueError("an ES256 signature has 64 bytes")
    r, s = (int.from_bytes(part, "big") for part in (signature[:_BYTES], signature[_BYTES:]))
    key.public_key().verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _invalid_proof() -> ErrorResponse:
    return _refused(400, "ValidationException", "invalid_request", "Invalid DPoP proof")


def _denied(error: str) -> ErrorResponse:
    return _refused(403, "AccessDeniedException", error, "Access denied")


def _refused(status: int, code: str, error: str, message: str) -> ErrorResponse:
    return ErrorResponse(status, code, message, body={"error": error, "message": message})
