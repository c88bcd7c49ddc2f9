"""The simulator's `aws login`: refresh tokens work once and only with a fresh proof of the right key; awscrt is the oracle."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from datetime import datetime, timedelta, timezone

import pytest
from awscrt.crypto import EC, ECType

from traycreds.sim import Simulator, es256
from traycreds.sim.refusal import Refused

URL = "https://signin.example/v1/token"


def coded(data) -> str:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def private(pem: str) -> EC:
    return EC.new_key_from_der_data(base64.b64decode("".join(pem.splitlines()[1:-1])))


def sign(key: EC, message: bytes) -> bytes:
    return EC.decode_der_signature_to_padded_pair(key.sign(hashlib.sha256(message).digest()), pad_to=32)


def proof(key: EC, *, shown: EC | None = None, header=(), **claims) -> str:
    x, y = (shown or key).get_public_coords()
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": {"kty": "EC", "crv": "P-256", "x": coded(x), "y": coded(y)}}
    body = {"htm": "POST", "htu": URL, "iat": int(time.time()), "jti": str(uuid.uuid4())}
    text = f"{coded({**head, **dict(header)})}.{coded({**body, **claims})}"
    return f"{text}.{coded(sign(key, text.encode()))}"


class Desk:
    def __init__(self) -> None:
        self.ahead = timedelta(0)
        simulator = Simulator(clock=lambda: datetime.now(timezone.utc) + self.ahead)
        self.world, self.console = simulator.world, simulator.console
        self.user = simulator.world.add_user("base")
        self.token = self.console.sign_in(self.user).token
        self.key = private(self.token["dpopKey"])

    def renew(self, with_proof: str, **changes):
        wanted = {"grantType": "refresh_token", "clientId": self.token["clientId"], **changes}
        return self.console.create_token({"refreshToken": self.token["refreshToken"], **wanted}, with_proof, URL)

    def refusal(self, with_proof: str, **changes) -> str:
        with pytest.raises(Refused) as caught:
            self.renew(with_proof, **changes)
        return caught.value.body["error"]


@pytest.fixture
def desk():
    return Desk()


def test_keys_and_signatures_are_those_of_p_256():
    key = es256.new_key()
    theirs = private(es256.pem(key))
    x, y = theirs.get_public_coords()
    public = es256.public(key)
    signature = sign(theirs, b"message")

    assert (int.from_bytes(x, "big"), int.from_bytes(y, "big")) == public
    assert es256.verify(public, b"message", signature)
    assert not es256.verify(public, b"massage", signature)
    assert not es256.verify(es256.public(es256.new_key()), b"message", signature)
    assert not es256.verify((public[0], public[1] + 1), b"message", signature), "no point of the curve"
    assert not es256.verify(public, b"message", bytes(64))
    assert not es256.verify(public, b"message", signature[1:])


def test_a_refresh_token_works_once_and_gives_a_session_of_the_user(desk):
    answer = desk.renew(proof(desk.key))

    session = desk.world.key(answer["accessToken"]["accessKeyId"])
    assert session.principal == desk.user.principal
    assert answer["expiresIn"] == 900
    assert desk.refusal(proof(desk.key)) == "TOKEN_EXPIRED"
    assert desk.renew(proof(desk.key), refreshToken=answer["refreshToken"])


def test_the_sign_in_ends(desk):
    desk.ahead = timedelta(hours=12)
    assert desk.refusal(proof(desk.key)) == "TOKEN_EXPIRED"


def test_another_key_opens_nothing(desk):
    assert desk.refusal(proof(EC.new_generate(ECType.P_256))) == "TOKEN_EXPIRED"


def test_a_proof_works_once(desk):
    used = proof(desk.key)
    answer = desk.renew(used)
    assert desk.refusal(used, refreshToken=answer["refreshToken"]) == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"htu": "https://elsewhere.example/v1/token"},
        {"htm": "GET"},
        {"iat": int(time.time()) - 600},
        {"iat": "now"},
        {"header": {"alg": "none"}},
        {"header": {"jwk": {}}},
        {"header": {"typ": "JWT"}},
        {"shown": EC.new_generate(ECType.P_256)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_proof_that_is_none(desk, changes):
    assert desk.refusal(proof(desk.key, **changes)) == "invalid_request"


@pytest.mark.parametrize("nothing", ["", "a.b", "a.b.c", "..", "é.é.é"])
def test_no_proof_at_all(desk, nothing):
    assert desk.refusal(nothing) == "invalid_request"


@pytest.mark.parametrize("changes", [{"clientId": "x"}, {"grantType": "password"}])
def test_another_grant_or_client(desk, changes):
    assert desk.refusal(proof(desk.key), **changes) == "invalid_request"
