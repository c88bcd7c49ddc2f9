"""The table of AWS's error codes, one by one over HTTP: class, sentence, hint, and who or what brings the next try."""

from __future__ import annotations

import pytest

from tests.integration.faults import proxy
from tests.integration.faults.proxy import Proxy
from tests.integration.sts.conftest import failure
from tests.support.builders import NOW
from traycreds.aws.sts import StsSource
from traycreds.core.errors import FailureKind as Kind
from traycreds.lifecycle import policy
from traycreds.usecases.engine_run import single_run

ANSWER = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"""

TIMER, SLOWLY, FILE, PERSON = "soon by timer", "slowly by timer", "when a file changes", "when the user asks"
MESSAGE = "Something that AWS says."

REFUSED = "AWS refused to let profile base assume arn:aws:iam::222233334444:role/dev for role dev: "
CONFIGURED = "AWS does not accept the settings of role dev: "
POLICY = "AWS cannot read the policy of role dev: "
LARGE = "The policy, policy_arns and tags of role dev are too large together: "
BUSY = "AWS is throttling requests for role dev."
DOWN = "AWS had an internal error for role dev ({})."
UNKNOWN = "AWS does not know the access key of profile base, which role dev needs."
ENDED = "The credentials of profile base, which role dev needs, have expired."
CLOCK = "this machine's clock is off"
TOKEN = "AWS refused the web identity token behind role dev: "


@pytest.mark.parametrize(
    ("status", "code", "message", "kind", "sentence", "hint", "again"),
    [
        (403, "AccessDenied", "User x is not authorized.", Kind.DENIED, REFUSED, "trust policy", SLOWLY),
        (
            403,
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code.",
            Kind.MFA,
            "AWS did not accept the MFA code for role dev",
            "next code",
            PERSON,
        ),
        (403, "ExpiredToken", MESSAGE, Kind.SOURCE_EXPIRED, ENDED, "Renew the credentials of profile base", FILE),
        (
            400,
            "ExpiredTokenException",
            MESSAGE,
            Kind.SOURCE_EXPIRED,
            ENDED,
            "Renew the credentials of profile base",
            FILE,
        ),
        (403, "InvalidClientTokenId", MESSAGE, Kind.SOURCE_EXPIRED, UNKNOWN, "deleted, inactive", FILE),
        (403, "UnrecognizedClientException", MESSAGE, Kind.SOURCE_EXPIRED, UNKNOWN, "deleted, inactive", FILE),
        (
            403,
            "SignatureDoesNotMatch",
            "Signature expired: 1 is now earlier",
            Kind.CLOCK,
            CLOCK,
            "Set the clock",
            TIMER,
        ),
        (403, "SignatureDoesNotMatch", "Signature not yet current: 1", Kind.CLOCK, CLOCK, "Set the clock", TIMER),
        (400, "RequestExpired", MESSAGE, Kind.CLOCK, CLOCK, "Set the clock", TIMER),
        (403, "RequestTimeTooSkewed", MESSAGE, Kind.CLOCK, CLOCK, "Set the clock", TIMER),
        (
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match.",
            Kind.SOURCE_EXPIRED,
            "The secret access key of profile base, which role dev needs, is wrong.",
            "Put the right secret",
            FILE,
        ),
        (
            403,
            "RegionDisabledException",
            MESSAGE,
            Kind.BAD_CONFIG,
            "not active in region us-east-1",
            "another region",
            FILE,
        ),
        (400, "ValidationError", MESSAGE, Kind.BAD_CONFIG, CONFIGURED + MESSAGE, "Fix the role", FILE),
        (400, "MalformedPolicyDocument", MESSAGE, Kind.BAD_CONFIG, POLICY + MESSAGE, "Fix its policy", FILE),
        (400, "PackedPolicyTooLarge", MESSAGE, Kind.BAD_CONFIG, LARGE + MESSAGE, "Shorten its policy", FILE),
        (400, "InvalidParameterValue", MESSAGE, Kind.BAD_CONFIG, CONFIGURED + MESSAGE, "Fix the role", FILE),
        (400, "InvalidParameterCombination", MESSAGE, Kind.BAD_CONFIG, CONFIGURED + MESSAGE, "Fix the role", FILE),
        (
            400,
            "IDPCommunicationError",
            MESSAGE,
            Kind.ANSWER,
            "AWS could not reach the identity provider of role dev.",
            "traycreds retries",
            TIMER,
        ),
        (403, "IDPRejectedClaim", MESSAGE, Kind.SOURCE_EXPIRED, TOKEN + MESSAGE, "web_identity_token_file", FILE),
        (400, "InvalidIdentityToken", MESSAGE, Kind.SOURCE_EXPIRED, TOKEN + MESSAGE, "identity provider", FILE),
        (400, "Throttling", MESSAGE, Kind.THROTTLED, BUSY, "traycreds retries", TIMER),
        (400, "ThrottlingException", MESSAGE, Kind.THROTTLED, BUSY, "traycreds retries", TIMER),
        (429, "TooManyRequestsException", MESSAGE, Kind.THROTTLED, BUSY, "traycreds retries", TIMER),
        (400, "RequestLimitExceeded", MESSAGE, Kind.THROTTLED, BUSY, "traycreds retries", TIMER),
        (500, "InternalFailure", MESSAGE, Kind.ANSWER, DOWN.format("InternalFailure"), "traycreds retries", TIMER),
        (
            503,
            "ServiceUnavailable",
            MESSAGE,
            Kind.ANSWER,
            DOWN.format("ServiceUnavailable"),
            "traycreds retries",
            TIMER,
        ),
        (504, "NeverHeardOf", MESSAGE, Kind.ANSWER, DOWN.format("NeverHeardOf"), "traycreds retries", TIMER),
    ],
    ids=lambda value: value if str(value).isalnum() else "",
)
def test_code(aws, dev, monkeypatch, status, code, message, kind, sentence, hint, again):
    monkeypatch.setattr(proxy, "PAGE", ANSWER.format(code=code, message=message))
    with Proxy(status) as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL", service.url)
        error = failure(StsSource(attempts=single_run.ATTEMPTS), dev)
    assert error.kind is kind
    assert sentence in error.sentence
    assert hint in error.hint
    assert len(service.asked) == (2 if kind in policy.PASSING else 1), "a command tries what may pass at once twice"
    assert brings_the_next_try(kind) == again


def brings_the_next_try(kind):
    retry = policy.retry_at(kind, "dev", 99, NOW, NOW)
    if retry is None:
        return FILE if kind in policy.CURED_BY_FILE else PERSON
    return TIMER if (retry - NOW).total_seconds() <= 60 else SLOWLY
