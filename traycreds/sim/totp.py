"""Time-based one-time codes (RFC 6238, SHA-1, six digits, 30 s), as the virtual MFA devices of IAM make them."""

from __future__ import annotations

import base64
import hmac
import struct

PERIOD = 30
"""Seconds for which a code is shown."""


def counter(at: float) -> int:
    """The number of a moment's period (Unix seconds)."""
    return int(at // PERIOD)


def code(secret: str, at: float) -> str:
    """The six digits that a device with this base32 secret shows at a moment (Unix seconds)."""
    return code_of(secret, counter(at))


def code_of(secret: str, period: int) -> str:
    """The six digits of a period."""
    digest = hmac.digest(base64.b32decode(secret, casefold=True), struct.pack(">Q", period), "sha1")
    offset = digest[-1] & 0x0F
    (word,) = struct.unpack_from(">I", digest, offset)
    return f"{(word & 0x7FFF_FFFF) % 1_000_000:06d}"
