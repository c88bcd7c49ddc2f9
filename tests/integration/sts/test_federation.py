"""Sessions by SAML assertions and web identity tokens that programs print."""

from __future__ import annotations

import shlex
import sys
from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import ARN, failure
from tests.support.builders import a_role
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind as Kind
from traycreds.core.text import without_password
from traycreds.sim.errors import ErrorResponse
from traycreds.state import log

HOUR = timedelta(hours=1)
ACCOUNT = "222233334444"
SAML, WEB = "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"


class Program:
    """A program that prints what is in a file, and counts its runs in another one."""

    def __init__(self, folder) -> None:
        self._printed, self._runs = folder / "printed", folder / "runs"
        code = f"open({str(self._runs)!r}, 'a').write('x'); print(open({str(self._printed)!r}).read())"
        self.command = shlex.join((sys.executable, "-c", code))

    def prints(self, text: str) -> None:
        self._printed.write_text(text)

    @property
    def runs(self) -> int:
        return len(self._runs.read_text()) if self._runs.exists() else 0


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path)


@pytest.fixture
def provider(aws):
    return aws.sim.federation.add_saml_provider("Corp", ACCOUNT)


@pytest.fixture
def saml(aws, provider, program):
    """A role that trusts the provider, whose assertion the program prints."""
    aws.add_role("fed", trust=[provider.arn], max_session=7200)
    program.prints(provider.assertion(f"{ARN}/other", f"{ARN}/fed"))
    return a_role("fed", arn=f"{ARN}/fed", source_profile=None, saml_process=program.command)


@pytest.fixture
def web(aws, program):
    aws.add_role("ci", trust=["repo:ours"])
    program.prints(aws.sim.federation.add_web_token("repo:ours", expires_at=datetime.now(timezone.utc) + HOUR))
    return a_role("ci", arn=f"{ARN}/ci", source_profile=None, web_identity_process=program.command)


def test_an_assertion_gives_a_session_without_any_profile_or_key(aws, source, saml, provider):
    aws.credentials("")
    session = source.issue(saml)
    assert aws.sim.world.key(session.access_key_id).principal.trusted_as == f"{ARN}/fed"
    assert session.account_id == ACCOUNT
    (call,) = aws.sim.calls
    assert (call.action, call.region, call.parameters["PrincipalArn"]) == (SAML, None, provider.arn)
    assert "RoleSessionName" not in call.parameters


def test_a_web_identity_token_gives_a_session(aws, source, web):
    session = source.issue(web)
    assert aws.sim.world.key(session.access_key_id).principal.trusted_as == f"{ARN}/ci"
    assert [call.action for call in aws.sim.calls] == [WEB]


def test_the_role_decides_how_long_and_with_which_policy(aws, source, saml):
    role = a_role(
        "fed",
        arn=saml.arn,
        source_profile=None,
        saml_process=saml.saml_process,
        duration=2 * HOUR,
        policy='{"Statement": []}',
        policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
    )
    session = source.issue(role)
    assert session.expires_at - datetime.now(timezone.utc) > HOUR * 1.9
    (call,) = aws.sim.calls
    assert call.parameters["PolicyArns.member.1.arn"] == "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.mark.parametrize("kind", ["saml", "web"])
def test_a_duration_that_the_role_does_not_allow_becomes_an_hour_and_one_program_run(
    request, aws, source, program, kind
):
    role = request.getfixturevalue(kind)
    aws.add_role(role.name, trust=[f"arn:aws:iam::{ACCOUNT}:saml-provider/Corp", "repo:ours"])
    session = source.issue(
        a_role(
            role.name,
            arn=role.arn,
            source_profile=None,
            saml_process=role.saml_process,
            web_identity_process=role.web_identity_process,
            duration=4 * HOUR,
        )
    )
    assert (session.note or "").startswith("Its sessions last one hour because AWS does not allow it 4 h.")
    assert program.runs == 1


def test_roles_of_one_program_share_its_assertion(aws, source, saml, provider, program):
    aws.add_role("other", trust=[provider.arn])
    source.issue(saml)
    source.issue(a_role("other", arn=f"{ARN}/other", source_profile=None, saml_process=program.command))
    assert program.runs == 1


def test_an_assertion_that_is_too_old_by_the_second_use_is_fetched_again(aws, source, saml, provider, program):
    source.issue(saml)
    aws.ahead = timedelta(minutes=6)
    program.prints(provider.assertion(f"{ARN}/fed"))
    assert source.issue(saml)
    assert program.runs == 2
    assert [call.outcome for call in aws.sim.calls] == ["OK", "ExpiredTokenException", "OK"]


def test_an_encrypted_assertion_needs_the_provider_in_the_configuration(aws, source, saml, provider, program):
    program.prints(provider.assertion(f"{ARN}/fed", encrypted=True))
    error = failure(source, saml)
    assert (error.kind, error.hint) == (
        Kind.BAD_CONFIG,
        "Add saml_provider with the ARN of the identity provider in IAM.",
    )
    named = a_role("fed", arn=saml.arn, source_profile=None, saml_process=saml.saml_process, saml_provider=provider.arn)
    assert source.issue(named)


def test_a_role_that_the_assertion_is_not_for_is_not_asked_for(aws, source, saml, provider, program):
    program.prints(provider.assertion(f"{ARN}/other"))
    error = failure(source, saml)
    assert error.sentence == f"The SAML assertion for role fed does not include {ARN}/fed, but 1 other role."
    assert aws.sim.calls == ()
    program.prints(provider.assertion(f"{ARN}/fed"))
    assert source.issue(saml), "what the user does about it helps at once, though roles share a token for a minute"
    assert program.runs == 2


def test_a_token_that_aws_denies_a_role_is_not_used_for_it_again(aws, source, web, program):
    aws.add_role("ci", trust=["repo:theirs"])
    assert failure(source, web).kind is Kind.DENIED
    program.prints(aws.sim.federation.add_web_token("repo:theirs", expires_at=datetime.now(timezone.utc) + HOUR))
    assert source.issue(web)
    assert program.runs == 2


def test_options_of_the_default_profile_hold_as_in_the_aws_cli(aws, source, saml, monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    aws.config(f"[default]\nendpoint_url = {aws.sim.url}\n")
    assert source.issue(saml)


WORDS = "Words of AWS"
REFUSED = [
    ("saml", "ExpiredTokenException", Kind.PROGRAM, "The SAML assertion from saml_process has expired, so"),
    ("saml", "InvalidIdentityToken", Kind.PROGRAM, "AWS cannot verify the SAML assertion for role fed"),
    ("saml", "IDPRejectedClaim", Kind.PROGRAM, "The identity provider did not authenticate you for role fed"),
    ("saml", "AccessDenied", Kind.DENIED, "AWS does not let the SAML assertion assume role fed"),
    ("saml", "PackedPolicyTooLarge", Kind.BAD_CONFIG, "The policy, policy_arns and tags of role fed are too large"),
    ("saml", "MalformedPolicyDocument", Kind.BAD_CONFIG, "AWS cannot read the policy of role fed"),
    ("saml", "RegionDisabledException", Kind.BAD_CONFIG, "STS is not active in region us-east-1"),
    ("saml", "ValidationError", Kind.BAD_CONFIG, "AWS does not accept the settings of role fed"),
    ("web", "ExpiredTokenException", Kind.PROGRAM, "The web identity token from web_identity_process has expired"),
    ("web", "InvalidIdentityToken", Kind.PROGRAM, "AWS cannot verify the web identity token for role ci"),
    ("web", "IDPRejectedClaim", Kind.PROGRAM, "The identity provider rejected the web identity token for role ci"),
    ("web", "IDPCommunicationError", Kind.ANSWER, "AWS could not reach the identity provider of role ci."),
    ("web", "AccessDenied", Kind.DENIED, "AWS does not let the web identity token assume role ci"),
    ("web", "PackedPolicyTooLarge", Kind.BAD_CONFIG, "The policy, policy_arns and tags of role ci are too large"),
    ("web", "RegionDisabledException", Kind.BAD_CONFIG, "STS is not active in region us-east-1"),
]


@pytest.mark.parametrize(("role", "code", "kind", "sentence"), REFUSED, ids=[f"{row[0]} {row[1]}" for row in REFUSED])
def test_each_refusal_in_words(request, aws, source, role, code, kind, sentence):
    role = request.getfixturevalue(role)
    aws.sim.federation.refusal = ErrorResponse(400, code, WORDS)
    error = failure(source, role)
    assert error.kind is kind
    assert error.sentence.startswith(sentence)
    assert {call.outcome for call in aws.sim.calls} == {code}


@pytest.mark.parametrize("kind", ["saml", "web"])
def test_no_refusal_or_log_quotes_the_token(request, aws, source, kind, caplog):
    role = request.getfixturevalue(kind)
    sent = {"saml": "SAMLAssertion", "web": "WebIdentityToken"}[kind]
    source.issue(role)
    token = aws.sim.calls[0].parameters[sent]
    aws.sim.federation.refusal = ErrorResponse(400, "ValidationError", f"{token} is invalid")
    error = failure(StsSource(), role)
    shown = error.sentence + error.hint + log.redact(f"{token} and {without_password(token)}") + caplog.text
    assert token not in shown
    assert token[:40] not in shown
    assert token[-40:] not in shown
