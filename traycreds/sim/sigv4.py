"""Checks AWS Signature Version 4 as STS does, with hmac alone; must never answer anything or look at the action.

Rules: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote

from traycreds.core.value_class import value_class
from traycreds.sim.errors import ErrorResponse
from traycreds.sim.world import Key

WINDOW = timedelta(minutes=15)
ALGORITHM = "AWS4-HMAC-SHA256"
STAMP = "%Y%m%dT%H%M%SZ"
HEADER = re.compile(
    rf"{ALGORITHM} Credential=(?P<key>[A-Z0-9]{{16,128}})/(?P<date>[0-9]{{8}})"
    r"/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)"
    r"/aws4_request,\s*SignedHeaders=(?P<headers>[a-z0-9;-]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


@value_class(kw_only=True)
class SignedRequest:
    """The signed request as it came over the wire; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@value_class(kw_only=True)
class Signer:
    """Who signed, and for which region."""

    key: Key
    region: str


def verify(
    request: SignedRequest,
    *,
    find_key: Callable[[str], Key | None],
    real_now: datetime,
    session_now: datetime,
    service: str = "sts",
) -> Signer:
    """Check a request's signature, key and session token. Raises ErrorResponse with the code and words of STS.

    `real_now` is for the 15-minute window of the signature, `session_now` for session tokens, on a faster clock.
    """
    header = request.headers.get("authorization")
    if header is None:
        raise ErrorResponse(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
    match = HEADER.fullmatch(header.strip())
    if match is None:
        raise ErrorResponse(
            403, "IncompleteSignature", "Authorization header requires 'Credential', 'SignedHeaders' parameters."
        )
    key = find_key(match["key"])
    if key is None or not key.active:
        raise ErrorResponse(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    _check_window(request.headers.get("x-amz-date", ""), match["date"], real_now)
    if match["service"] != service:
        message = f"Credential should be scoped to correct service: '{service}'."
        raise ErrorResponse(403, "SignatureDoesNotMatch", message)
    expected = signature(request, match["headers"].split(";"), key.secret_access_key, match["region"], service)
    if not hmac.compare_digest(expected, match["signature"]):
        raise ErrorResponse(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.",
        )
    if request.headers.get("x-amz-security-token") != key.session_token:
        raise ErrorResponse(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
    if key.expires_at is not None and key.expires_at <= session_now:
        raise ErrorResponse(403, "ExpiredToken", "The security token included in the request is expired")
    return Signer(key=key, region=match["region"])


def signature(request: SignedRequest, signed_headers: list[str], secret: str, region: str, service: str = "sts") -> str:
    """The hex signature that this request should carry."""
    stamp = request.headers.get("x-amz-date", "")
    pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(request.query, True))
    canonical = "\n".join(
        [
            request.method,
            quote(request.path, safe="/-_.~"),
            "&".join(f"{k}={v}" for k, v in pairs),
            *(f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in signed_headers),
            "",
            ";".join(signed_headers),
            hashlib.sha256(request.body).hexdigest(),
        ]
    )
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    derived = f"AWS4{secret}".encode()
    for part in (stamp[:8], region, service, "aws4_request"):
        derived = hmac.digest(derived, part.encode(), "sha256")
    return hmac.digest(derived, to_sign.encode(), "sha256").hex()


def _check_window(stamp: str, scope_date: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(stamp, STAMP).replace(tzinfo=timezone.utc)
    except ValueError:
        raise ErrorResponse(403, "IncompleteSignature", "Date must be in ISO-8601 'basic format'.") from None
    if stamp[:8] != scope_date:
        raise ErrorResponse(
            403,
            "SignatureDoesNotMatch",
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scope_date}' "
            f"!= '{stamp[:8]}', from '{stamp}'.",
        )
    server = now.strftime(STAMP)
    if signed_at < now - WINDOW:
        edge = (now - WINDOW).strftime(STAMP)
        message = f"Signature expired: {stamp} is now earlier than {edge} ({server} - 15 min.)"
        raise ErrorResponse(403, "SignatureDoesNotMatch", message)
    if signed_at > now + WINDOW:
        edge = (now + WINDOW).strftime(STAMP)
        message = f"Signature not yet current: {stamp} is still later than {edge} ({server} + 15 min.)"
        raise ErrorResponse(403, "SignatureDoesNotMatch", message)
