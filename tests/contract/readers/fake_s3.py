"""An S3 on loopback with one object in every bucket. It records who signs, and refuses a wrong key, secret or token."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from traycreds.core.model import Credentials

REGION = "us-east-1"
OBJECT = "grid.asc"
"""The key of the one object: a raster image of one pixel, as ESRI wrote them in text, so that GDAL can open it."""
_BODY = b"ncols 1\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\n7\n"
_ETAG = '"0123456789abcdef0123456789abcdef"'
_AUTHORIZATION = re.compile(
    rf"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/[0-9]{{8}}/{REGION}/s3/aws4_request, *"
    r"SignedHeaders=(?P<headers>[^, ]+), *Signature=(?P<signature>[0-9a-f]{64})"
)
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_LOCATION = f"{_XML}<LocationConstraint {_XMLNS}/>"
_LISTING = (
    f"{_XML}<ListBucketResult {_XMLNS}><Name>{{bucket}}</Name><Prefix/><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys>"
    f"<IsTruncated>false</IsTruncated><Contents><Key>{OBJECT}</Key><LastModified>2026-11-24T12:00:00.000Z</LastModified>"
    f"<ETag>{_ETAG}</ETag><Size>{len(_BODY)}</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"
)
_ERROR = f"{_XML}<Error><Code>{{code}}</Code><Message>The fake S3 says {{code}}.</Message></Error>"


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who signed it, with which token, what the program calls itself, and why it was refused."""

    bucket: str
    access_key_id: str | None
    session_token: str | None
    user_agent: str
    refusal: str | None


class FakeS3:
    """Use it as a context manager; `calls` and `accept` are for any thread.

    Attributes:
        host: where it listens, with the port.
    """

    def __init__(self) -> None:
        self._calls: list[Call] = []
        self._known: dict[str, Credentials] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *exc) -> None:
        self._server.shutdown()
        self._server.server_close()

    def accept(self, sessions: Iterable[Credentials]) -> None:
        """From now on these sessions are good, and no others."""
        self._known = {session.access_key_id: session for session in sessions}

    def calls(self, bucket: str) -> list[Call]:
        """The calls for a bucket so far, in order."""
        return [call for call in self._calls if call.bucket == bucket]

    def judge(self, request: AWSRequest, bucket: str) -> str | None:
        """Record a request, and give the error code of S3 if it must be refused."""
        match = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
        refusal = self._refusal(request, match)
        self._calls.append(
            Call(
                bucket,
                match and match["key"],
                request.headers.get("x-amz-security-token"),
                request.headers.get("user-agent", ""),
                refusal,
            )
        )
        return refusal

    def _refusal(self, request: AWSRequest, match: re.Match[str] | None) -> str | None:
        if match is None:
            return "AccessDenied"
        if match["key"] not in self._known:
            return "InvalidAccessKeyId"
        session = self._known[match["key"]]
        if request.headers.get("x-amz-security-token") != session.session_token:
            return "InvalidToken"
        if "x-amz-security-token" not in match["headers"].split(";"):
            return "AccessDenied"
        return None if _signature(request, match["headers"], session) == match["signature"] else "SignatureDoesNotMatch"


class _Signer(S3SigV4Auth):
    """botocore's own rules, over the headers that someone else signed."""

    def __init__(self, session: Credentials, signed: str) -> None:
        keys = (session.access_key_id, session.secret_access_key, session.session_token)
        super().__init__(BotocoreCredentials(*keys), "s3", REGION)
        self._signed = signed.split(";")

    def headers_to_sign(self, request: AWSRequest) -> HTTPMessage:
        headers = HTTPMessage()
        for name in self._signed:
            headers[name] = request.headers.get(name, "")
        return headers


def _signature(request: AWSRequest, signed: str, session: Credentials) -> str:
    """The signature that the request should carry."""
    signer = _Signer(session, signed)
    request.context["timestamp"] = request.headers.get("x-amz-date", "")
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    return str(signer.signature(to_sign, request))


def _handler(s3: FakeS3) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # With a buffer, headers and body leave in one packet.
        wbufsize = -1

        def do_GET(self) -> None:
            request = AWSRequest(self.command, f"http://{s3.host}{self.path}", dict(self.headers.items()))
            split = urlsplit(self.path)
            bucket, _, key = split.path.strip("/").partition("/")
            if refusal := s3.judge(request, bucket):
                self.answer(403, _ERROR.format(code=refusal).encode())
            elif key == OBJECT:
                self.answer_object()
            elif key:
                self.answer(404, _ERROR.format(code="NoSuchKey").encode())
            else:
                self.answer(200, (_LOCATION if "location" in split.query else _LISTING).format(bucket=bucket).encode())

        def do_HEAD(self) -> None:
            self.do_GET()

        def answer_object(self) -> None:
            headers = {"ETag": _ETAG, "Last-Modified": "Tue, 24 Nov 2026 12:00:00 GMT", "Accept-Ranges": "bytes"}
            asked = _RANGE.fullmatch(self.headers.get("range", ""))
            if asked is None:
                self.answer(200, _BODY, headers)
                return
            first, last = int(asked[1]), min(int(asked[2] or len(_BODY)), len(_BODY) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(_BODY)}"
            self.answer(206, _BODY[first : last + 1], headers)

        def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response_only(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
