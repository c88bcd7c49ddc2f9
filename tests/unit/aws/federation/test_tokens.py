"""Programs that print tokens: run within bounds, once for all roles, and never quoted."""

from __future__ import annotations

import sys

import pytest

from tests.support.builders import a_role
from traycreds.aws.federation import tokens
from traycreds.aws.federation.tokens import FAILURE_SHARED, SHARED, FederationTokens
from traycreds.core.errors import FailureKind, IssueError
from traycreds.process import bounded_program
from traycreds.state import known_secrets, log

SAML, WEB = "saml_process", "web_identity_process"


def printing(output: bytes | Exception, monkeypatch) -> list[str]:
    """Let programs print this; gives their commands."""
    ran = []

    def run(command, _setting, **_):
        ran.append(command)
        if isinstance(output, Exception):
            raise output
        return output

    monkeypatch.setattr(tokens.setting_program, "run", run)
    return ran


def role(name="dev", setting=SAML, command="print-token"):
    return a_role(name, source_profile=None, **{setting: command})


def python(code: str) -> str:
    return f'"{sys.executable}" -c "{code}"'


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def refused(setting: str, issue=FederationTokens) -> IssueError:
    with pytest.raises(IssueError) as caught:
        issue().token(role(setting=setting), setting)
    return caught.value


def test_roles_share_a_token_for_a_minute(monkeypatch):
    ran, clock = printing(b"QUJDRA==\n", monkeypatch), Clock()
    shared = FederationTokens(monotonic=clock)
    assert [shared.token(role(name), SAML) for name in ("dev", "prod")] == ["QUJDRA=="] * 2
    shared.token(role(command="another"), SAML)
    clock.now = SHARED + 1
    shared.token(role(), SAML)
    assert ran == ["print-token", "another", "print-token"]


def test_a_failure_is_shared_for_a_moment_so_that_a_program_asks_its_user_once(monkeypatch):
    ran, clock = printing(b"", monkeypatch), Clock()
    shared = FederationTokens(monotonic=clock)
    for seconds in (0, 1, FAILURE_SHARED + 1):
        clock.now = seconds
        with pytest.raises(IssueError):
            shared.token(role(), SAML)
    assert len(ran) == 2


def test_only_a_token_that_was_used_before_is_worth_another_run(monkeypatch):
    ran = printing(b"QUJDRA==", monkeypatch)
    shared = FederationTokens()
    shared.token(role(), SAML)
    assert not shared.forget(role(), SAML)
    shared.token(role(), SAML)
    shared.token(role("prod"), SAML)
    assert shared.forget(role("prod"), SAML)
    shared.token(role(), SAML)
    assert len(ran) == 3


@pytest.mark.parametrize(
    ("setting", "output", "reason"),
    [
        (SAML, b"", "it printed nothing"),
        (SAML, b" \n", "it printed nothing"),
        (SAML, b"QQ=", "its output is too short"),
        (SAML, b"Password: QUJDRA==", "its output is not base64 text"),
        (SAML, b"QUJD" * 25_001, "it printed 100,004 characters, and AWS accepts 100,000"),
        (SAML, b"\xff\xfe" * 9, "its output is not base64 text"),
        (WEB, b"Enter code: abc.def", "its output is more than one word"),
        (WEB, b"x" * 20_001, "it printed 20,001 characters, and AWS accepts 20,000"),
        (WEB, "\u00e9\u00e9\u00e9\u00e9".encode(), "its output is more than one word"),
    ],
)
def test_what_is_no_token_is_reported_without_quoting_it(monkeypatch, setting, output, reason):
    printing(output, monkeypatch)
    error = refused(setting)
    assert error.kind is FailureKind.PROGRAM
    assert error.sentence == f"print-token printed no {tokens.KINDS[setting].noun}: {reason}."
    assert error.hint == f"Run the {setting} command in a terminal."


def test_base64_may_come_in_lines(monkeypatch):
    printing(b"QUJD\r\nRA==\r\n", monkeypatch)
    assert FederationTokens().token(role(), SAML) == "QUJDRA=="


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (bounded_program.OverdueError("It took too long.", "Make it faster."), FailureKind.NETWORK),
        (bounded_program.ChattyError("It printed too much.", "Print less."), FailureKind.PROGRAM),
    ],
)
def test_a_program_that_is_ended_is_reported(monkeypatch, error, kind):
    printing(error, monkeypatch)
    assert (refused(SAML).kind, refused(SAML).sentence) == (kind, error.sentence)


def test_a_token_is_a_secret_in_every_text(monkeypatch):
    token = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0"
    printing(token.encode(), monkeypatch)
    shared = FederationTokens()
    assert shared.token(role(), SAML) == token
    assert known_secrets.without(f"AWS says {token} .") == f"AWS says {known_secrets.GONE} ."
    assert token not in log.redact(f"refused {token}")
    assert token not in repr(shared._shared)


def test_the_program_is_really_run_without_the_credentials_of_this_process(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-programs")
    code = "import os; print('aaaa', end=''); print(os.environ.get('AWS_SECRET_ACCESS_KEY', 'none'))"
    assert FederationTokens().token(role(setting=WEB, command=python(code)), WEB) == "aaaanone"


def test_a_program_that_is_not_there_or_fails():
    shared = FederationTokens()
    for command, sentence in (
        ("no-such-program-anywhere", "no-such-program-anywhere, which saml_process names, is not on the PATH"),
        (python("raise SystemExit(3)"), "printed no SAML assertion: it exited with code 3."),
    ):
        with pytest.raises(IssueError) as caught:
            shared.token(role(command=command), SAML)
        assert caught.value.kind is FailureKind.PROGRAM
        assert sentence in caught.value.sentence


def test_a_program_that_floods_is_ended():
    command = python("import sys\nwhile True: sys.stdout.write('QUJD' * 100000)")
    with pytest.raises(IssueError) as caught:
        FederationTokens().token(role(command=command), SAML)
    assert "because it printed more than 1 MiB" in caught.value.sentence
