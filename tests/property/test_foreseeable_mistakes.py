"""Random settings of a profile, outputs of its program and answers of AWS: what fails says so in one sentence.

The oracle: a kind that is known, one sentence, a remedy, and nothing of what is secret. Each example is made from its
seed, which the failure names.
"""

from __future__ import annotations

import os

import pytest

from tests.property.mistakes import ARN, BASE, PASSWORD, SECRET, TOKEN, offline, role_of, section
from tests.support.builders import a_role
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind, IssueError
from traycreds.doctor.checks import examine
from traycreds.doctor.finding import ENVIRONMENT, Severity
from traycreds.state.paths import locate


@pytest.fixture
def machine(home):
    with offline(home):
        yield home


def outcome(seed: int, home) -> str:
    """What is wrong with what is said for a seed; "" when nothing is."""
    with role_of(seed, home) as role:
        return "" if role is None else what_is_wrong(StsSource(), role)


def what_is_wrong(source: StsSource, role) -> str:
    try:
        source.issue(role)
    except IssueError as error:
        return fault_of(error)
    except Exception as error:  # noqa: BLE001 - it is what the oracle refuses
        return f"{type(error).__name__}: {error}"
    return ""


def fault_of(error: IssueError) -> str:
    sentence, hint = error.sentence, error.hint
    if error.kind is FailureKind.UNEXPECTED or "the log for details" in hint:
        return f"unexpected: {error}"
    if not sentence.endswith((".", "…")) or not hint or not sentence.isprintable() or not hint.isprintable():
        return f"no sentence, or no remedy: {error!r}"
    return f"a secret: {error}" if any(secret in str(error) for secret in (SECRET, TOKEN, PASSWORD)) else ""


EXAMPLES = 100
FIRST = [0, *(pytest.param(n, marks=pytest.mark.thorough) for n in range(100, 3000, 100))]


@pytest.mark.parametrize("first", FIRST)
def test_a_failure_is_one_sentence_with_a_remedy(first, machine):
    wrong = {seed: what for seed in range(first, first + EXAMPLES) if (what := outcome(seed, machine))}
    assert not wrong


@pytest.mark.parametrize("command", ["", '""', '"open', "'", "\\", "~/tool", "no-such-tool", "/", "cat x|head", "a=b"])
def test_any_command_for_codes_of_a_profile_is_reported_in_a_sentence_with_a_remedy(command, machine):
    """No random case gets to a code."""
    device = "arn:aws:iam::123456789012:mfa/alice"
    settings = {"role_arn": ARN, "source_profile": "base", "mfa_serial": device, "mfa_process": command}
    (machine / ".aws/config").write_text(section("profile top", settings))
    (machine / ".aws/credentials").write_text(BASE)
    role = a_role("r", arn=None, source_profile=None, mfa_serial=device, mfa_process=command, from_profile="top")
    assert what_is_wrong(StsSource(), role) == ""


def unseen(seed: int, home) -> str:
    """What of the configuration keeps a refresh from working, though doctor finds nothing; "" when nothing does."""
    with role_of(seed, home) as role:
        if role is None:
            return ""
        places = locate(os.environ)
        origin = 'from_profile = "top"' if role.from_profile else f'role_arn = "{role.arn}"\nsource_profile = "top"'
        places.config_file.write_text(f"[roles.r]\n{origin}\nkeep = true\n")
        try:
            StsSource().issue(role)
        except IssueError as error:
            if error.kind is not FailureKind.BAD_CONFIG:
                return ""
            found = examine(places)
            seen = any(each.severity is Severity.ERROR or each.file == ENVIRONMENT for each in found)
            return "" if seen else error.sentence
    return ""


@pytest.mark.parametrize("first", FIRST)
def test_doctor_finds_what_is_wrong_in_the_files_before_a_refresh_does(first, machine, monkeypatch):
    tool = machine / "bin" / "tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=os.pathsep)
    locate(os.environ).config_file.parent.mkdir(parents=True)
    wrong = {seed: what for seed in range(first, first + EXAMPLES) if (what := unseen(seed, machine))}
    assert not wrong
