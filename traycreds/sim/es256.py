"""ECDSA over the curve P-256 with SHA-256 (FIPS 186-5), as DPoP proofs are signed; for the simulator alone.

Slow and open to timing: good to check the proofs of a test, never to guard a secret.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import textwrap
from typing import TypeAlias

Point: TypeAlias = "tuple[int, int]"

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_BASE: Point = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_SIZE = 32


def new_key() -> int:
    """A private key."""
    return secrets.randbelow(_ORDER - 1) + 1


def public(key: int) -> Point:
    """The public key of a private one."""
    point = _times(key, _BASE)
    assert point is not None, "a private key is below the order"
    return point


def pem(key: int) -> str:
    """A private key as text (SEC 1 in PEM)."""
    x, y = public(key)
    der = (
        bytes.fromhex("30770201010420")
        + key.to_bytes(_SIZE, "big")
        + bytes.fromhex("a00a06082a8648ce3d030107a14403420004")
        + x.to_bytes(_SIZE, "big")
        + y.to_bytes(_SIZE, "big")
    )
    lines = textwrap.fill(base64.b64encode(der).decode(), width=64)
    return f"-----BEGIN EC PRIVATE KEY-----\n{lines}\n-----END EC PRIVATE KEY-----\n"


def verify(key: Point, message: bytes, signature: bytes) -> bool:
    """Whether a signature (r and s, 32 bytes each) of a message is by the private key of this public one."""
    x, y = key
    r, s = int.from_bytes(signature[:_SIZE], "big"), int.from_bytes(signature[_SIZE:], "big")
    on_curve = 0 <= x < _P and 0 <= y < _P and (y * y - x * x * x + 3 * x - _B) % _P == 0
    if len(signature) != 2 * _SIZE or not (on_curve and 0 < r < _ORDER and 0 < s < _ORDER):
        return False
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    inverse = pow(s, -1, _ORDER)
    point = _plus(_times(digest * inverse % _ORDER, _BASE), _times(r * inverse % _ORDER, key))
    return point is not None and point[0] % _ORDER == r


def _plus(one: Point | None, other: Point | None) -> Point | None:
    """The sum of two points; None is the point at infinity."""
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % _P == 0:
        return None
    slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, _P) if one == other else (y2 - y1) * pow(x2 - x1, -1, _P)
    x = (slope * slope - x1 - x2) % _P
    return x, (slope * (x1 - x) - y1) % _P


def _times(number: int, point: Point) -> Point | None:
    total, power = None, point
    while number:
        if number & 1:
            total = _plus(total, power)
        doubled = _plus(power, power)
        assert doubled is not None, "the order is odd"
        power, number = doubled, number >> 1
    return total
