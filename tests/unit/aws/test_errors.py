"""Every row of the table, from botocore's own exceptions and from codes of AWS, in whole sentences."""

from __future__ import annotations

import string

import botocore.exceptions as boto
import pytest

from traycreds.aws import error_table, errors
from traycreds.aws.errors import Attempt, explain
from traycreds.core.errors import FailureKind as Kind
from traycreds.core.value_class import as_dict, replace

ATTEMPT = Attempt(role="dev", who="profile base", what="assume arn:x", region="eu-west-1", login="corp")


def refused(code, message="", status=403):
    return boto.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, "AssumeRole"
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDenied", Kind.DENIED),
        ("AccessDeniedException", Kind.DENIED),
        ("ForbiddenException", Kind.DENIED),
        ("ExpiredToken", Kind.SOURCE_EXPIRED),
        ("ExpiredTokenException", Kind.SOURCE_EXPIRED),
        ("InvalidClientTokenId", Kind.SOURCE_EXPIRED),
        ("UnrecognizedClientException", Kind.SOURCE_EXPIRED),
        ("SignatureDoesNotMatch", Kind.SOURCE_EXPIRED),
        ("RequestExpired", Kind.CLOCK),
        ("RequestTimeTooSkewed", Kind.CLOCK),
        ("RegionDisabledException", Kind.BAD_CONFIG),
        ("ValidationError", Kind.BAD_CONFIG),
        ("MalformedPolicyDocument", Kind.BAD_CONFIG),
        ("PackedPolicyTooLarge", Kind.BAD_CONFIG),
        ("InvalidParameterValue", Kind.BAD_CONFIG),
        ("IDPCommunicationError", Kind.ANSWER),
        ("IDPRejectedClaim", Kind.SOURCE_EXPIRED),
        ("InvalidIdentityToken", Kind.SOURCE_EXPIRED),
        ("Throttling", Kind.THROTTLED),
        ("ThrottlingException", Kind.THROTTLED),
        ("TooManyRequestsException", Kind.THROTTLED),
        ("RequestLimitExceeded", Kind.THROTTLED),
        ("InternalFailure", Kind.ANSWER),
        ("ServiceUnavailable", Kind.ANSWER),
        ("UnauthorizedException", Kind.SIGN_IN),
        ("502", Kind.ANSWER),
        ("403", Kind.ANSWER),
    ],
)
def test_code(code, kind):
    assert explain(refused(code, "Something."), ATTEMPT).kind is kind


def test_a_file_that_cannot_be_parsed_is_named_as_the_reason():
    assert explain(boto.ConfigParseError(path="/a/b"), ATTEMPT).reason == "a file cannot be read"


@pytest.mark.parametrize(("status", "kind"), [(500, Kind.ANSWER), (503, Kind.ANSWER), (429, Kind.THROTTLED)])
def test_status_decides_when_the_code_is_new(status, kind):
    assert explain(refused("BrandNew", "Something.", status), ATTEMPT).kind is kind


def test_a_refusal_that_no_row_foresees_is_left_to_the_engine():
    assert explain(refused("BrandNew", "Something.", 400), ATTEMPT) is None
    assert explain(RuntimeError("x"), ATTEMPT) is None


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (boto.EndpointConnectionError(endpoint_url="https://sts.aws/x", error="e"), Kind.NETWORK, "(sts.aws)"),
        (boto.ConnectTimeoutError(endpoint_url="https://sts.aws/", error="e"), Kind.NETWORK, "(sts.aws)"),
        (boto.ReadTimeoutError(endpoint_url="https://sts.aws/", error="e"), Kind.ANSWER, "(sts.aws)"),
        (boto.ConnectionClosedError(endpoint_url="https://sts.aws/"), Kind.ANSWER, "(sts.aws)"),
        (boto.HTTPClientError(error="e"), Kind.ANSWER, "HTTPClientError"),
        (boto.ProxyConnectionError(proxy_url="http://u:s3cr3t@p", error="e"), Kind.NETWORK, "proxy"),
        (boto.SSLError(endpoint_url="https://sts.aws/", error="e"), Kind.NETWORK, "TLS certificate of sts.aws"),
        (boto.NoRegionError(), Kind.BAD_CONFIG, "no region"),
        (boto.ProfileNotFound(profile="p"), Kind.BAD_CONFIG, "neither"),
        (boto.InvalidConfigError(error_msg="It is so."), Kind.BAD_CONFIG, "It is so."),
        (boto.InfiniteLoopConfigError(source_profile="p", visited_profiles=[]), Kind.BAD_CONFIG, "loop"),
        (boto.PartialCredentialsError(provider="p", cred_var="the_key"), Kind.BAD_CONFIG, "the_key"),
        (boto.ConfigParseError(path="/a/b", error=ValueError("s3cr3t")), Kind.BAD_CONFIG, "/a/b cannot be read"),
        (boto.MissingDependencyException(msg="s3cr3t"), Kind.BAD_CONFIG, "aws login"),
        (boto.ParamValidationError(report="Invalid length for parameter Tags, value: s3cr3t"), Kind.BAD_CONFIG, "Tags"),
        (boto.ParamValidationError(report="s3cr3t"), Kind.BAD_CONFIG, "a field"),
        (boto.CredentialRetrievalError(provider="custom-process", error_msg="s3cr3t"), Kind.PROGRAM, "process"),
        (
            boto.CredentialRetrievalError(provider="container-role", error_msg="s3cr3t"),
            Kind.ANSWER,
            "container",
        ),
        (boto.CredentialRetrievalError(provider="Environment", error_msg="s3cr3t"), Kind.BAD_CONFIG, "environment"),
        (boto.MetadataRetrievalError(error_msg="s3cr3t"), Kind.ANSWER, "metadata service"),
        (boto.NoCredentialsError(), Kind.BAD_CONFIG, "no credentials"),
        (boto.InvalidRegionError(region_name="s3cr3t"), Kind.BAD_CONFIG, "eu-west-1"),
        (boto.SSOTokenLoadError(error_msg="s3cr3t"), Kind.SIGN_IN, "You are not signed in to"),
        (boto.TokenRetrievalError(provider="sso", error_msg="s3cr3t"), Kind.SIGN_IN, "sign-in"),
        (boto.UnauthorizedSSOTokenError(), Kind.SIGN_IN, "sign-in"),
        (boto.LoginRefreshRequired(), Kind.SIGN_IN, "sign-in"),
        (boto.LoginInsufficientPermissions(), Kind.DENIED, "sign-in"),
        (boto.LoginTokenLoadError(error_msg="s3cr3t"), Kind.SIGN_IN, "sign-in"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_exception(error, kind, message):
    explained = explain(error, ATTEMPT)

    assert explained.kind is kind
    assert message in explained.sentence
    assert "s3cr3t" not in str(explained)


@pytest.mark.parametrize(
    "row",
    [
        *error_table.CODES.values(),
        *error_table.EXCEPTIONS.values(),
        *error_table.PROVIDERS.values(),
        error_table.WRONG_MFA,
        error_table.CLOCK,
    ],
)
def test_every_row_says_whose_fault_it_is_and_what_to_do(row):
    known = {*as_dict(ATTEMPT), "login_word", "detail", "install", "proxy", "identity"}
    for text in (row.sentence, row.hint):
        assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= known
    assert "{role}" in row.sentence
    assert row.hint.endswith(".") or row.hint.startswith(("Run: ", "{install}"))


@pytest.mark.parametrize("name", error_table.EXCEPTIONS)
def test_every_named_exception_exists_in_botocore(name):
    assert issubclass(getattr(boto, name), Exception)


def test_mfa_and_clock_errors_are_recognized_by_the_message():
    wrong = refused("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    assert explain(wrong, ATTEMPT).kind is Kind.MFA
    for message in ("Signature expired: 1 is now earlier than 2", "Signature not yet current: 1 is still later than 2"):
        assert explain(refused("SignatureDoesNotMatch", message), ATTEMPT).kind is Kind.CLOCK


def test_aws_s_words_are_cut_to_a_line():
    explained = explain(refused("ValidationError", "first\n  second " + "x" * 5000), ATTEMPT)

    assert "first second xxx" in explained.sentence
    assert len(explained.sentence) < 350
    assert explained.sentence.endswith("…")


def test_a_response_of_none_is_no_trouble():
    error = boto.ConnectionClosedError(endpoint_url="https://sts.aws/")
    assert error.response is None
    assert errors.code_of(error) == errors.message_of(error) == ""


@pytest.mark.parametrize(
    ("message", "too_long"),
    [
        ("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", True),
        ("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining", True),
        ("1 validation error detected: Value '5' at 'durationSeconds' failed", False),
    ],
)
def test_duration_messages(message, too_long):
    assert errors.is_too_long(refused("ValidationError", message, 400)) is too_long


@pytest.mark.parametrize(
    "error", [refused("UnauthorizedException"), boto.TokenRetrievalError(provider="x", error_msg="")]
)
def test_the_command_that_signs_in_can_be_copied(error):
    explained = explain(error, replace(ATTEMPT, login="My Corp"))
    assert explained.hint == "Run: traycreds login 'My Corp'"
    assert explained.sign_in == "My Corp"
