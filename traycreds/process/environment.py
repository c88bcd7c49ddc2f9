"""The environment of the programs that a user configures: hooks, `mfa_process`, `credential_process`, the browser."""

from __future__ import annotations

import os
from collections.abc import Mapping

CREDENTIALS = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        # Older names, which the SDKs for Java (the first two) and Ruby still read.
        "AWS_ACCESS_KEY",
        "AWS_SECRET_KEY",
        "AMAZON_ACCESS_KEY_ID",
        "AMAZON_SECRET_ACCESS_KEY",
        "AMAZON_SESSION_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_BEARER_TOKEN_BEDROCK",
    }
)
"""Variables that hold credentials, or lead to them."""


def for_program(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without credentials (a shell's session may be in it), plus `more`."""
    return {**{name: value for name, value in os.environ.items() if name not in CREDENTIALS}, **(more or {})}
