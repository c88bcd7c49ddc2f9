"""What a role's session says of itself, and a source that is a program."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta, timezone


def assumed(aws) -> list[str]:
    """The names of the roles that were assumed, in order."""
    return [call.role_arn.rpartition("/")[2] for call in aws.sim.calls if call.outcome == "OK"]


def a_process(aws, key, *, lasts: timedelta | None) -> str:
    """A credential_process that prints a key and counts its runs in the file `runs`."""
    answer = {"Version": 1, "AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret_access_key}
    if key.session_token:
        answer["SessionToken"] = key.session_token
    if lasts:
        answer["Expiration"] = (datetime.now(timezone.utc) + lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
    script = aws.folder / "process.py"
    script.write_text(f"open({str(aws.folder / 'runs')!r}, 'a').write('x')\nprint({json.dumps(answer)!r})\n")
    return f'"{sys.executable}" "{script}"'


def runs(aws) -> int:
    path = aws.folder / "runs"
    return len(path.read_text()) if path.exists() else 0
