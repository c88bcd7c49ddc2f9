"""The one table from AWS's error codes and botocore's exceptions to a FailureKind, a sentence and a hint; only data.

The rows are those of shared/aws-facts.md ("STS facts").
"""

from __future__ import annotations

from typing import NamedTuple

from traycreds.core.errors import FailureKind


class Row(NamedTuple):
    """A line of the table; sentence and hint may use the fields of `stserrors.Attempt`, `detail` and `install`."""

    kind: FailureKind
    sentence: str
    hint: str


NETWORK = FailureKind.NETWORK
SOURCE = FailureKind.SOURCE_EXPIRED
CONFIG = FailureKind.BAD_CONFIG

DENIED = Row(
    FailureKind.DENIED,
    "AWS refused to let {who} {what} for role {role}: {detail}",
    "Check the role's trust policy (principal, external ID, MFA condition) and the permissions of {who}.",
)
WRONG_MFA = Row(
    FailureKind.MFA,
    "AWS did not accept the MFA code for role {role}: {detail}",
    "Wait for the next code and try again; each code works once.",
)
NEEDS_MFA = Row(FailureKind.MFA, "Role {role} needs a code of MFA device {device}.", "{give}")
NEXT_MFA = Row(
    FailureKind.MFA,
    "Role {role} needs the next code of MFA device {device}, since the last one is used up.",
    "Wait for the next code. {give}",
)
USED_MFA = Row(
    FailureKind.MFA,
    "The MFA code for role {role} had been used, so it was not sent again.",
    "Wait for the next code; each works once. {give}",
)
WAITS_FOR_MFA = Row(
    FailureKind.MFA,
    "Role {role} waits for the next code of MFA device {device}, since the last one is used up.",
    "Nothing to do: mfa_process gives it within half a minute.",
)
LOST_MFA = Row(
    FailureKind.MFA,
    "The MFA code for role {role} was sent, but no good answer came ({detail}), so it counts as used.",
    "Wait for the next code. {give}",
)
NO_MFA_SESSION = Row(
    FailureKind.MFA,
    "AWS gives no MFA session of device {device} for role {role} and others to share: {detail}",
    "Each role needs a code of its own. Wait for the next code. {give}",
)
EXPIRED = Row(
    SOURCE, "The credentials of {who}, which role {role} needs, have expired.", "Renew the credentials of {who}."
)
CLOCK = Row(
    FailureKind.CLOCK,
    "AWS refused the request for role {role}, since this machine's clock is off by more than 15 minutes.",
    "Set the clock, or turn on automatic time.",
)
WRONG_SECRET = Row(
    SOURCE,
    "The secret access key of {who}, which role {role} needs, is wrong.",
    "Write the right secret access key to the credentials of {who}.",
)
THROTTLED = Row(
    FailureKind.THROTTLED, "AWS is asked too often and told role {role} to wait.", "Nothing to do: it is tried again."
)
AWS_DOWN = Row(
    NETWORK, "AWS has a problem of its own ({detail}), met for role {role}.", "Nothing to do: it is tried again."
)
UNREACHABLE = Row(
    NETWORK,
    "AWS could not be reached for role {role} ({detail}).",
    "Check the network, VPN and proxy; it is tried again.",
)
PAGE = Row(
    NETWORK,
    "Instead of AWS's answer for role {role} came a page ({detail}), such as a proxy or a network's sign-in shows.",
    "Check the network, VPN and proxy; it is tried again.",
)
NO_PASSAGE = Row(
    NETWORK,
    "The proxy let nothing through for role {role} ({detail}).",
    "Check HTTPS_PROXY, which holds user and password where the proxy asks for them (407); it is tried again.",
)
INVALID = Row(
    CONFIG, "AWS does not accept the settings of role {role}: {detail}", "Correct the role in the configuration."
)
SIGN_IN = Row(FailureKind.SIGN_IN, "The sign-in behind role {role} has expired.", "Run: traycreds login {login}")

_CONTAINER = Row(
    NETWORK,
    "The credentials service of this container gave none for role {role}.",
    "It answers in ECS and EKS, where AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI names it.",
)
_INSTANCE = Row(
    NETWORK,
    "The metadata service of this machine gave no credentials for role {role}.",
    "It answers on EC2 instances that have a role, unless AWS_EC2_METADATA_DISABLED is set.",
)

CODES: dict[str, Row] = {
    "AccessDenied": DENIED,
    "AccessDeniedException": DENIED,
    "UnauthorizedOperation": DENIED,
    "ForbiddenException": Row(
        FailureKind.DENIED,
        "{who} is not assigned the account and role that role {role} asks for.",
        "Check sso_account_id and sso_role_name, or ask for the assignment in IAM Identity Center.",
    ),
    "ResourceNotFoundException": Row(
        CONFIG,
        "IAM Identity Center does not know the account or role that {who} names for role {role}.",
        "Correct sso_account_id and sso_role_name of {who}.",
    ),
    "UnauthorizedException": SIGN_IN,
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "InvalidClientTokenId": Row(
        SOURCE,
        "AWS does not know the access key of {who}, which role {role} needs.",
        "The key is deleted, inactive, of another partition, or stands beside an old session token: renew it.",
    ),
    "UnrecognizedClientException": Row(
        SOURCE,
        "AWS does not know the access key of {who}, which role {role} needs.",
        "The key is deleted, inactive, or of another partition: renew it.",
    ),
    "SignatureDoesNotMatch": WRONG_SECRET,
    "IncompleteSignature": Row(
        SOURCE,
        "The access key of {who}, which role {role} needs, has a form that AWS does not accept.",
        "Write the right keys to the credentials of {who}.",
    ),
    "RequestExpired": CLOCK,
    "RequestTimeTooSkewed": CLOCK,
    "RegionDisabledException": Row(
        CONFIG,
        "STS is switched off in region {region} for the account of role {role}.",
        "Name another region for the role, or have STS activated there in the IAM console.",
    ),
    "ValidationError": INVALID,
    "InvalidParameterValue": INVALID,
    "InvalidParameterCombination": INVALID,
    "MalformedPolicyDocument": INVALID,
    "PackedPolicyTooLarge": INVALID,
    "InvalidAction": Row(
        CONFIG, "What answers for role {role} is not STS: {detail}", "Check endpoint_url and AWS_ENDPOINT_URL."
    ),
    "IDPCommunicationError": AWS_DOWN,
    "IDPRejectedClaim": Row(
        SOURCE,
        "AWS refused the web identity token behind role {role}: {detail}",
        "Renew the token in web_identity_token_file of {who}.",
    ),
    "InvalidIdentityToken": Row(
        SOURCE,
        "AWS refused the web identity token behind role {role}: {detail}",
        "Renew the token in web_identity_token_file of {who}, and check the identity provider in IAM.",
    ),
    "SlowDownException": THROTTLED,
    "Throttling": THROTTLED,
    "ThrottlingException": THROTTLED,
    "TooManyRequestsException": THROTTLED,
    "RequestLimitExceeded": THROTTLED,
    "InternalFailure": AWS_DOWN,
    "ServiceUnavailable": AWS_DOWN,
}

EXCEPTIONS: dict[str, Row] = {
    "SSLError": Row(
        NETWORK,
        "The TLS certificate of {detail} was not accepted for role {role}.",
        "Behind a company proxy set AWS_CA_BUNDLE to its certificate; otherwise check the network.",
    ),
    "ProxyConnectionError": Row(
        NETWORK, "The proxy could not be reached for role {role}.", "Check HTTPS_PROXY and the network."
    ),
    "ConnectionError": UNREACHABLE,
    "HTTPClientError": UNREACHABLE,
    "MetadataRetrievalError": _INSTANCE,
    "NoRegionError": Row(CONFIG, "Role {role} has no region.", "Name a region for the role in the configuration."),
    "UnknownEndpointError": INVALID,
    "EndpointProviderError": INVALID,
    "InvalidRegionError": Row(
        CONFIG, "Region {region} of role {role} is not the name of a region.", "Correct the region of the role."
    ),
    "ProfileNotFound": Row(
        CONFIG,
        "A profile that role {role} needs is in neither ~/.aws/config nor ~/.aws/credentials.",
        "Add it, or name another profile in the configuration.",
    ),
    "InfiniteLoopConfigError": Row(
        CONFIG,
        "The source profiles behind role {role} lead in a circle.",
        "Correct source_profile of {who} in ~/.aws/config.",
    ),
    "InvalidConfigError": Row(
        CONFIG, "The profiles behind role {role} contradict each other: {detail}", "Correct them in ~/.aws/config."
    ),
    "PartialCredentialsError": Row(
        CONFIG, "{who}, which role {role} needs, lacks {detail}.", "Add what is missing to the profile."
    ),
    "ConfigParseError": Row(
        CONFIG,
        "Role {role} waits, since {detail} cannot be read.",
        "Correct the file; it is read again when it changes.",
    ),
    "MissingDependencyException": Row(
        CONFIG,
        "Profile {login}, which role {role} needs, uses aws login, for which a part is missing.",
        "{install}",
    ),
    "ParamValidationError": Row(
        CONFIG, "The settings of role {role} are not valid for AWS: {detail}", "Correct the role in the configuration."
    ),
    "CredentialRetrievalError": Row(
        SOURCE,
        "{who}, which role {role} needs, gave no credentials: its {detail} failed.",
        "Try it in a terminal: aws sts get-caller-identity with that profile.",
    ),
    "NoCredentialsError": Row(
        CONFIG, "{who}, which role {role} needs, holds no credentials.", "Add keys or another source to the profile."
    ),
    "InvalidEndpointConfigurationError": INVALID,
    "InvalidProxiesConfigError": INVALID,
    "SSOError": SIGN_IN,
    "TokenRetrievalError": SIGN_IN,
    "LoginTokenLoadError": Row(
        FailureKind.SIGN_IN,
        "Profile {login}, which role {role} needs, has no sign-in that can be used.",
        "Run: aws login --profile {login}",
    ),
    "LoginInsufficientPermissions": Row(
        FailureKind.DENIED,
        "AWS does not let the sign-in of profile {login}, which role {role} needs, be renewed.",
        "Ask for the permission signin:CreateOAuth2Token.",
    ),
    "LoginError": Row(
        FailureKind.SIGN_IN,
        "The sign-in of profile {login}, which role {role} needs, has expired.",
        "Run: aws login --profile {login}",
    ),
}

PROVIDERS: dict[str, Row] = {
    "Environment": Row(
        CONFIG,
        "Role {role} takes its keys from the environment, and that of traycreds has none.",
        "Start it with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set, or change credential_source.",
    ),
    "Ec2InstanceMetadata": _INSTANCE,
    "EcsContainer": _CONTAINER,
    "container-role": _CONTAINER,
}
"""Rows of a CredentialRetrievalError, by what it names as its provider: values of `credential_source`."""
