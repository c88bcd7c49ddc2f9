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

from tests.support.sim import AwsSimulator
from traycreds.sim.errors import ErrorResponse

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


class SignedInConsole:
    def __init__(self) -> None:
        self.ahead = timedelta(0)
        simulator = AwsSimulator(clock=lambda: datetime.now(timezone.utc) + self.ahead)
        self.world, self.console = simulator.world, simulator.console
        self.user = simulator.world.add_user("base")
        self.token = self.console.sign_in(self.user).token
        self.key = private(self.token["dpopKey"])

    def renew(self, with_proof: str, **changes):
        wanted = {"grantType": "refresh_token", "clientId": self.token["clientId"], **changes}
        return self.console.create_token({"refreshToken": self.token["refreshToken"], **wanted}, with_proof, URL)

    def refusal(self, with_proof: str, **changes) -> str:
        with pytest.raises(ErrorResponse) as caught:
            self.renew(with_proof, **changes)
        return caught.value.body["error"]


@pytest.fixture
def signed_in():
    return SignedInConsole()


def test_signatures_are_those_of_p_256(signed_in):
    text = proof(signed_in.key).rpartition(".")[0]
    good = sign(signed_in.key, text.encode())
    bad = (
        sign(signed_in.key, text.encode() + b"x"),
        sign(EC.new_generate(ECType.P_256), text.encode()),
        bytes(64),
        good[1:],
    )

    assert [signed_in.refusal(f"{text}.{coded(signature)}") for signature in bad] == ["invalid_request"] * 4
    assert signed_in.renew(f"{text}.{coded(good)}")


def test_a_key_that_is_no_point_of_the_curve(signed_in):
    x, y = signed_in.key.get_public_coords()
    off = (int.from_bytes(y, "big") + 1).to_bytes(32, "big")
    jwk = {"kty": "EC", "crv": "P-256", "x": coded(x), "y": coded(off)}
    assert signed_in.refusal(proof(signed_in.key, header={"jwk": jwk})) == "invalid_request"


def test_a_refresh_token_works_once_and_gives_a_session_of_the_user(signed_in):
    answer = signed_in.renew(proof(signed_in.key))

    session = signed_in.world.key(answer["accessToken"]["accessKeyId"])
    assert session.principal == signed_in.user.principal
    assert answer["expiresIn"] == 900
    assert signed_in.refusal(proof(signed_in.key)) == "TOKEN_EXPIRED"
    assert signed_in.renew(proof(signed_in.key), refreshToken=answer["refreshToken"])


def test_the_sign_in_ends(signed_in):
    signed_in.ahead = timedelta(hours=12)
    assert signed_in.refusal(proof(signed_in.key)) == "TOKEN_EXPIRED"


def test_another_key_opens_nothing(signed_in):
    assert signed_in.refusal(proof(EC.new_generate(ECType.P_256))) == "TOKEN_EXPIRED"


def test_a_proof_works_once(signed_in):
    used = proof(signed_in.key)
    answer = signed_in.renew(used)
    assert signed_in.refusal(used, refreshToken=answer["refreshToken"]) == "invalid_request"


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
def test_an_invalid_proof(signed_in, changes):
    assert signed_in.refusal(proof(signed_in.key, **changes)) == "invalid_request"


@pytest.mark.parametrize("nothing", ["", "a.b", "a.b.c", "..", "é.é.é"])
def test_no_proof_at_all(signed_in, nothing):
    assert signed_in.refusal(nothing) == "invalid_request"


@pytest.mark.parametrize("changes", [{"clientId": "x"}, {"grantType": "password"}])
def test_another_grant_or_client(signed_in, changes):
    assert signed_in.refusal(proof(signed_in.key), **changes) == "invalid_request"
