"""Environments: of the programs that a user configures, such as hooks, and ours below `exec --server`."""

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

HIDDEN = "hidden-by-traycreds-exec"
"""The name of the file that AWS tools of a served program find in place of the credentials file."""
KEPT = "TRAYCREDS_CREDENTIALS_FILE"
"""What AWS_SHARED_CREDENTIALS_FILE was before, for traycreds itself; empty if it was not set."""
CREDENTIALS_FILE = "AWS_SHARED_CREDENTIALS_FILE"


def for_program(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without credentials (a shell's session may be in it), plus `more`."""
    return {**{name: value for name, value in os.environ.items() if name not in CREDENTIALS}, **(more or {})}


def own_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a traycreds below `exec --server`, with the user's own credentials file again."""
    own = {name: value for name, value in environ.items() if name != KEPT}
    if own.get(CREDENTIALS_FILE, "").replace("\\", "/").rpartition("/")[2] != HIDDEN:
        return own
    del own[CREDENTIALS_FILE]
    return {**own, CREDENTIALS_FILE: environ[KEPT]} if environ.get(KEPT) else own
