"""An AWS that answers in place of the network, and records whom each request was for and with which key it was signed.

Replaces the transport of botocore's own HTTP session, so that the hosts that botocore and traycreds chose can be seen. An access
key that it hands out tells how it was got: with which key, for which role, with which MFA device.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple
from unittest import mock
from urllib.parse import parse_qs, urlsplit

from tests.property.resolution.pairs import secret_of
from traycreds.sim.sigv4 import HEADER, SignedRequest, signature

UNSIGNED = "nobody"
INSTANCE = "169.254.169.254"
"""Where the metadata service of EC2 answers."""

XML = """<{0}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{0}Result><Credentials><AccessKeyId>{1}</AccessKeyId>\
<SecretAccessKey>{2}</SecretAccessKey><SessionToken>{3}</SessionToken><Expiration>{4}</Expiration></Credentials></{0}Result>\
</{0}Response>"""
XML_ERROR = "<ErrorResponse><Error><Type>Sender</Type><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>"

WAYS: dict[str, str] = {}
"""How each access key that was handed out was got."""


class Call(NamedTuple):
    """One request, or one run of a program.

    Attributes:
        host: who was asked.
        action: what for.
        key: who asked: the way by which the key was got, a token, or nobody.
        what: the role, or account and role.
        details: region, external ID, session name and duration, those on which botocore and we must agree.
    """

    host: str
    action: str
    key: str
    what: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass
class Recorder:
    """One AWS for one resolution."""

    now: datetime
    calls: list[Call] = field(default_factory=list)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Take all requests of botocore, and see all programs that are started."""
        begin = subprocess.Popen.__init__

        def start(process: Any, args: Any, *more: Any, **options: Any) -> None:
            self.calls.append(Call("this machine", "run", "", " ".join(args)))
            begin(process, args, *more, **options)

        with (
            mock.patch("botocore.httpsession.URLLib3Session.send", lambda _, request: self._send(request)),
            mock.patch.object(subprocess.Popen, "__init__", start),
        ):
            yield

    def _send(self, request: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        status, body = self._answer(request)
        return AWSResponse(request.url, status, {"Date": "", "Content-Type": "application/json"}, _Raw(body))

    def _answer(self, request: Any) -> tuple[int, str]:
        split = urlsplit(request.url)
        service = split.netloc.split(".")[0]
        if service.startswith("sts"):
            return self._sts(request, split.netloc)
        if service == "portal":
            return self._portal(request, split)
        if service == "oidc":
            return self._create_token(request, split.netloc)
        if split.netloc == INSTANCE and not split.path.endswith("/machine"):
            # The service returns a token first, then the name of the machine's role.
            return 200, "machine"
        assert split.netloc == INSTANCE or split.path == "/container", request.url
        asked = "instance" if split.netloc == INSTANCE else "container"
        self.calls.append(Call(split.netloc, asked, UNSIGNED))
        key, secret, token, end = self._issue(asked)
        found = {"AccessKeyId": key, "SecretAccessKey": secret, "Token": token, "Expiration": end}
        return 200, json.dumps({"Code": "Success", **found})

    def _sts(self, request: Any, host: str) -> tuple[int, str]:
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        action, arn = form["Action"], form.get("RoleArn", "")
        way, region = self._signer(request, body, host)
        way = form.get("WebIdentityToken", way)
        serial = form.get("SerialNumber")
        # Only traycreds sends a code this way, while botocore sends it with AssumeRole.
        if action == "GetSessionToken":
            return 200, XML.format(action, *self._issue(f"{way} with {serial}"))
        with_device = way if serial is None else f"{way} with {serial}"
        named = form["RoleSessionName"]
        details = {"region": region, "external_id": form.get("ExternalId", "")}
        details["name"] = named if named.startswith("me-") else ""
        if action == "AssumeRole" and " " not in with_device and way.startswith("AKIA"):
            details["duration"] = form.get("DurationSeconds", "")
        self.calls.append(Call(host, action, with_device, arn, tuple(details.items())))
        if "denied" in arn:
            return 403, XML_ERROR.format("AccessDenied", "No")
        return 200, XML.format(action, *self._issue(f"({with_device} > {arn.rpartition('/')[2]})"))

    def _signer(self, request: Any, body: bytes, host: str) -> tuple[str, str]:
        """The way of the key that signed, with what is wrong about it; and the region that it was signed for."""
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        match = HEADER.fullmatch(headers.get("authorization", ""))
        if match is None:
            return UNSIGNED, ""
        key = match["key"]
        sent = SignedRequest(method=request.method, path="/", query="", headers={**headers, "host": host}, body=body)
        right = signature(sent, match["headers"].split(";"), secret_of(key), match["region"]) == match["signature"]
        token = headers.get("x-amz-security-token", "")
        way = WAYS.get(key, key)
        if key in WAYS and token != f"token-of-{key}":
            way += " without its token"
        elif key not in WAYS and token:
            way += f" and {token}"
        return (way if right else f"{way} with a wrong secret"), match["region"]

    def _portal(self, request: Any, split: Any) -> tuple[int, str]:
        query = parse_qs(split.query)
        token = _text(request.headers["x-amz-sso_bearer_token"])
        account, role = query["account_id"][0], query["role_name"][0]
        self.calls.append(Call(split.netloc, "GetRoleCredentials", token, f"{account} {role}"))
        if role == "denied":
            return 403, json.dumps({"__type": "ForbiddenException", "message": "No access"})
        key, secret, session_token, _ = self._issue(f"({token} > {account} {role})")
        end = int((self.now + timedelta(hours=1)).timestamp() * 1000)
        found = {"accessKeyId": key, "secretAccessKey": secret, "sessionToken": session_token, "expiration": end}
        return 200, json.dumps({"roleCredentials": found})

    def _create_token(self, request: Any, host: str) -> tuple[int, str]:
        body = json.loads(request.body)
        self.calls.append(Call(host, "CreateToken", body["clientId"], body["refreshToken"]))
        if body["refreshToken"].startswith("refused"):
            return 400, json.dumps({"__type": "InvalidGrantException", "error": "invalid_grant"})
        new = {"accessToken": f"renewed-{body['refreshToken']}", "expiresIn": 28800, "tokenType": "Bearer"}
        if body["refreshToken"] == "last":
            return 200, json.dumps(new)
        return 200, json.dumps({**new, "refreshToken": f"{body['refreshToken']}-2"})

    def _issue(self, way: str) -> tuple[str, str, str, str]:
        """A key that tells how it was got, its secret, its token, and when it ends."""
        key = f"ASIA{hashlib.sha256(way.encode()).hexdigest()[:16].upper()}"
        WAYS[key] = way
        end = self.now + timedelta(hours=1)
        return key, secret_of(key), f"token-of-{key}", end.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Raw:
    """What botocore reads a body from."""

    def __init__(self, body: str) -> None:
        self._body = body.encode()

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._body


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
