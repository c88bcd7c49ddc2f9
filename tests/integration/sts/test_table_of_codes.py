"""Each refusal in the table of STS (docs/aws-behaviour.md#sts-errors), over HTTP: its class, its sentence, what to do."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.integration.sts.conftest import ARN, failure
from tests.support.builders import a_role
from traycreds.core.errors import FailureKind as Kind
from traycreds.sim import Fault, faults
from traycreds.sim.errors import ErrorResponse

REFUSED = f"AWS refused to let profile base assume {ARN}/dev for role dev: "
CLOCK = "AWS refused the request for role dev, because this machine's clock is off by more than 15 minutes."
UNKNOWN_KEY = "AWS does not know the access key of profile base, which role dev needs."
OFTEN = "AWS is throttling requests for role dev."
TROUBLE = "AWS had an internal error for role dev ({})."
SETTINGS = "AWS does not accept the settings of role dev: Words of AWS."

TABLE = [
    (403, "AccessDenied", "Words of AWS", Kind.DENIED, f"{REFUSED}Words of AWS.", "trust policy"),
    (403, "AccessDeniedException", "Words of AWS", Kind.DENIED, f"{REFUSED}Words of AWS.", "trust policy"),
    (403, "ExpiredToken", "x", Kind.SOURCE_EXPIRED, "The credentials of profile base, which role dev", "Renew"),
    (400, "ExpiredTokenException", "x", Kind.SOURCE_EXPIRED, "The credentials of profile base, which role", "Renew"),
    (403, "InvalidClientTokenId", "x", Kind.SOURCE_EXPIRED, UNKNOWN_KEY, "Replace it"),
    (403, "UnrecognizedClientException", "x", Kind.SOURCE_EXPIRED, UNKNOWN_KEY, "Replace it"),
    (403, "SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2", Kind.CLOCK, CLOCK, "automatic time"),
    (403, "SignatureDoesNotMatch", "Signature not yet current: 2", Kind.CLOCK, CLOCK, "automatic time"),
    (400, "RequestExpired", "x", Kind.CLOCK, CLOCK, "automatic time"),
    (403, "RequestTimeTooSkewed", "x", Kind.CLOCK, CLOCK, "automatic time"),
    (
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match",
        Kind.SOURCE_EXPIRED,
        "The secret access key of profile base, which role dev needs, is wrong.",
        "right secret access key",
    ),
    (403, "RegionDisabledException", "x", Kind.BAD_CONFIG, "STS is not active in region us-east-1", "another region"),
    (400, "ValidationError", "Words of AWS", Kind.BAD_CONFIG, SETTINGS, "Fix the role"),
    (400, "MalformedPolicyDocument", "Words of AWS", Kind.BAD_CONFIG, "AWS cannot read the policy of role", "editor"),
    (400, "PackedPolicyTooLarge", "x", Kind.BAD_CONFIG, "The policy, policy_arns and tags of role dev", "Shorten"),
    (400, "InvalidParameterValue", "Words of AWS", Kind.BAD_CONFIG, SETTINGS, "Fix the role"),
    (400, "InvalidParameterCombination", "Words of AWS", Kind.BAD_CONFIG, SETTINGS, "Fix the role"),
    (400, "Throttling", "x", Kind.THROTTLED, OFTEN, "traycreds retries"),
    (400, "ThrottlingException", "x", Kind.THROTTLED, OFTEN, "traycreds retries"),
    (429, "TooManyRequestsException", "x", Kind.THROTTLED, OFTEN, "traycreds retries"),
    (400, "RequestLimitExceeded", "x", Kind.THROTTLED, OFTEN, "traycreds retries"),
    (429, "SomethingNew", "x", Kind.THROTTLED, OFTEN, "traycreds retries"),
    (500, "InternalFailure", "x", Kind.ANSWER, TROUBLE.format("InternalFailure"), "traycreds retries"),
    (503, "ServiceUnavailable", "x", Kind.ANSWER, TROUBLE.format("ServiceUnavailable"), "traycreds retries"),
    (504, "SomethingNew", "x", Kind.ANSWER, TROUBLE.format("SomethingNew"), "traycreds retries"),
]


def answers(aws, monkeypatch, status, code, message):
    """From now on AWS answers this to everything."""
    monkeypatch.setitem(faults.ANSWERS, Fault.INVALID_TOKEN, (status, code, message))
    aws.sim.faults.set(Fault.INVALID_TOKEN)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "sentence", "hint"), TABLE, ids=[f"{row[0]} {row[1]}" for row in TABLE]
)
def test_refusal_in_words(aws, source, dev, monkeypatch, status, code, message, kind, sentence, hint):
    answers(aws, monkeypatch, status, code, message)

    error = failure(source, dev)

    assert (error.kind, {call.outcome for call in aws.sim.calls}) == (kind, {code})
    assert error.sentence.startswith(sentence)
    assert hint in error.hint


@pytest.mark.parametrize(
    ("code", "kind", "sentence"),
    [
        ("IDPRejectedClaim", Kind.SOURCE_EXPIRED, "AWS refused the web identity token behind role ci: Words of AWS."),
        ("InvalidIdentityToken", Kind.SOURCE_EXPIRED, "AWS refused the web identity token behind role ci: Words of"),
        ("ExpiredTokenException", Kind.SOURCE_EXPIRED, "The credentials of profile ci, which role ci needs, have"),
        ("IDPCommunicationError", Kind.ANSWER, "AWS could not reach the identity provider of role ci."),
    ],
)
def test_refusal_of_a_web_identity_in_words(aws, source, code, kind, sentence):
    aws.add_role("ci", trust=["repo:ours"])
    token = aws.folder / "token"
    token.write_text(
        aws.sim.federation.add_web_token("repo:ours", expires_at=datetime.now(timezone.utc) + timedelta(hours=1))
    )
    aws.config(f"[profile ci]\nrole_arn = {ARN}/ci\nweb_identity_token_file = {token}\n")

    aws.sim.federation.refusal = ErrorResponse(400, code, "Words of AWS")

    error = failure(source, a_role("ci", arn=None, source_profile=None, from_profile="ci"))

    assert error.kind is kind
    assert error.sentence.startswith(sentence)
