"""Texts too short to be redacted, such as MFA codes and the values of a made-up STS, are in no output to begin with."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from tests.chaos.answers import Answers, with_value
from tests.support.sandbox_mfa import Mfa, log_of
from traycreds.control import client
from traycreds.control.protocol import Request
from traycreds.state import known_secrets, paths

VALUES = {"AccessKeyId": "ASIA7QX4", "SecretAccessKey": "q7Kd9zPw", "SessionToken": "tk5Vb8Rm2x"}


def short(body: str) -> str:
    """Not of what the next call is signed with."""
    if "AssumeRoleResult" not in body:
        return body
    for name, value in VALUES.items():
        body = with_value(name, value)(body)
    return body


@pytest.fixture
def answers(sandbox):
    """An STS whose sessions have values as short as a word."""
    found = Answers(sandbox.simulator, lambda: datetime.now(timezone.utc))
    found.changes[None] = short
    yield found
    found.close()


@pytest.mark.usefixtures("answers")
def test_neither_app_nor_command_shows_or_logs_one(sandbox):
    mfa = Mfa(sandbox)
    code = mfa.code()
    mfa.print(code)
    sandbox.add_role("dev", extra="keep = true")
    mfa.add_role("strong", extra="keep = true")
    mfa.settings(mfa.process())
    shown = []
    with sandbox.apps() as start:
        app = start("--verbose", "run", "--no-tray", **mfa.environment())
        for role in ("dev", "strong"):
            profile = sandbox.wait_for_profile(f"{role}-session")
            assert profile["aws_secret_access_key"] == VALUES["SecretAccessKey"], "such a session is written"
        runtime = paths.locate(sandbox.environment()).runtime_dir
        shown += [client.ask(runtime, Request(id="1", do=do, roles=("dev",)), seconds=20) for do in ("refresh", "use")]
        for line in (
            "status",
            "status --json",
            "status strong",
            "list",
            "doctor",
            "use dev",
            "refresh dev",
            "keep dev",
        ):
            done = sandbox.command("--verbose", *line.split())
            shown += [done.stdout, done.stderr]
        sandbox.command("quit")
        shown += list(app.communicate(timeout=20))
    text = json.dumps(shown) + log_of(sandbox.home)
    assert "dev" in text
    for value in (*VALUES.values(), code):
        assert known_secrets.without(value) == value, "nothing redacts it"
        assert value not in text
