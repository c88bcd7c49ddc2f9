"""Maps AWS's refusals of a token from a program to kind, sentence and hint; see `aws.error_table`. Pure data."""

from __future__ import annotations

from collections.abc import Mapping

from traycreds.aws.error_table import ErrorText
from traycreds.core.errors import FailureKind

PROGRAM = FailureKind.PROGRAM

SAML_EXPIRED = ErrorText(
    PROGRAM,
    "The SAML assertion from saml_process has expired, so role {role} has no new session: {detail}",
    "Have saml_process print a new one each time: AWS accepts each for five minutes. Or set the clock.",
)
SAML_INVALID = ErrorText(
    PROGRAM,
    "AWS cannot verify the SAML assertion for role {role}: {detail}",
    "Check the SAML provider in IAM, its metadata, and that saml_process prints the assertion unchanged.",
)
SAML_REJECTED = ErrorText(
    PROGRAM,
    "The identity provider did not authenticate you for role {role}: {detail}",
    "Sign in to the identity provider again with the saml_process command in a terminal.",
)
SAML_DENIED = ErrorText(
    FailureKind.DENIED,
    "AWS does not let the SAML assertion assume role {role}: {detail}",
    "Check that the role's trust policy names the SAML provider and allows sts:AssumeRoleWithSAML.",
)
WEB_EXPIRED = ErrorText(
    PROGRAM,
    "The web identity token from web_identity_process has expired, so role {role} has no new session: {detail}",
    "Have web_identity_process print a new token each time.",
)
WEB_INVALID = ErrorText(
    PROGRAM,
    "AWS cannot verify the web identity token for role {role}: {detail}",
    "Check the OIDC provider in IAM, and that web_identity_process prints its token unchanged.",
)
WEB_REJECTED = ErrorText(
    PROGRAM,
    "The identity provider rejected the web identity token for role {role}: {detail}",
    "Sign in to the identity provider again with the web_identity_process command in a terminal.",
)
WEB_DENIED = ErrorText(
    FailureKind.DENIED,
    "AWS does not let the web identity token assume role {role}: {detail}",
    "Check that the role's trust policy names the OIDC provider and accepts the token's sub and aud.",
)

CODES: Mapping[str, Mapping[str, ErrorText]] = {
    "saml_process": {
        "AccessDenied": SAML_DENIED,
        "ExpiredToken": SAML_EXPIRED,
        "ExpiredTokenException": SAML_EXPIRED,
        "IDPRejectedClaim": SAML_REJECTED,
        "InvalidIdentityToken": SAML_INVALID,
    },
    "web_identity_process": {
        "AccessDenied": WEB_DENIED,
        "ExpiredToken": WEB_EXPIRED,
        "ExpiredTokenException": WEB_EXPIRED,
        "IDPRejectedClaim": WEB_REJECTED,
        "InvalidIdentityToken": WEB_INVALID,
    },
}
"""By the setting that names the program, and AWS's code."""
