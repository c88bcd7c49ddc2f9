"""A program that gives the keys of a role fails once, in whatever way: a timer tries it again, and nobody has to act."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import pytest

from tests.support.wait_until import until
from tests.windows.mark import not_on_windows
from traycreds.core.errors import FailureKind

pytestmark = not_on_windows

LONGEST = timedelta(minutes=2)
"""A program is retried after half a minute, then after a minute."""


def printing(answer):
    return f"print({json.dumps(answer)!r})"


def keys(sandbox, **changes):
    """What the program prints when it works, with changes; None takes a field out."""
    answer = {
        "Version": 1,
        "AccessKeyId": sandbox.owner.access_key_id,
        "SecretAccessKey": sandbox.owner.secret_access_key,
        **changes,
    }
    return printing({name: value for name, value in answer.items() if value is not None})


FAULTS = {
    "it exits with 1": lambda _: "raise SystemExit(1)",
    "it prints nothing": lambda _: "",
    "it prints an error and exits with 0": lambda _: "print('error: not signed in')",
    "it floods": lambda _: "print('x' * 2_000_000)",
    "another version": lambda sandbox: keys(sandbox, Version=2),
    "no keys": lambda sandbox: keys(sandbox, AccessKeyId=None),
    "a session that has expired": lambda sandbox: keys(sandbox, SessionToken="t", Expiration="2020-01-01T00:00:00Z"),
    "a token is missing": lambda sandbox: keys(sandbox, SecretAccessKey=""),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_program_that_fails_once_is_retried_by_a_timer(sandbox, fault):
    program = sandbox.home / "program.py"
    program.write_text(fault(sandbox))
    sandbox.aws_config.write_text(f"[profile tool]\ncredential_process = {sys.executable} {program}\n")
    sandbox.add_role("dev", extra="keep = true\n", source="tool")
    sandbox.run()
    until(lambda: sandbox.shown().roles[0].error, "it fails")
    (view,) = sandbox.shown().roles
    assert (view.kind, view.needs_user) == (FailureKind.PROGRAM, False)
    program.write_text(keys(sandbox))
    sandbox.pass_time_until(lambda: sandbox.valid("dev"), "it is renewed", within=LONGEST)
