"""`traycreds creds`: prints a role's session for an SDK, which waits for it."""

from __future__ import annotations

import argparse
import json

from traycreds.cli.options import options
from traycreds.usecases.session import app_session, role_session


def creds(parsed: argparse.Namespace) -> int:
    """`traycreds creds`: prints for `credential_process` (AWS SDKs and Tools Reference Guide, version 1)."""
    found = app_session.for_program(options(parsed), parsed.role).credentials
    print(json.dumps({"Version": 1, **role_session.as_json(found, token="SessionToken")}))  # noqa: S106 - a key's name
    return 0
