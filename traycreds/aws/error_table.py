"""Pure data: kind, sentence and hint of each AWS error and botocore exception (docs/aws-behaviour.md#sts-errors)."""

from __future__ import annotations

from typing import NamedTuple

from traycreds.core.errors import FailureKind


class ErrorText(NamedTuple):
    """A line of the table; its texts may use the fields of `errors.Attempt`, and what `errors.explain` adds."""

    kind: FailureKind
    sentence: str
    hint: str


NETWORK = FailureKind.NETWORK
ANSWER = FailureKind.ANSWER
SOURCE = FailureKind.SOURCE_EXPIRED
CONFIG = FailureKind.BAD_CONFIG

DENIED = ErrorText(
    FailureKind.DENIED,
    "AWS refused to let {who} {what} for role {role}: {detail}",
    "Check the role's trust policy (principal, external ID, MFA condition) and the permissions of {who}.",
)
WRONG_MFA = ErrorText(
    FailureKind.MFA,
    "AWS did not accept the MFA code for role {role}: {detail}",
    "Wait for the next code and try again; each code works once.",
)
NEEDS_MFA = ErrorText(FailureKind.MFA, "Role {role} needs a code from MFA device {device}.", "{give}")
NEXT_MFA = ErrorText(
    FailureKind.MFA,
    "Role {role} needs the next code from MFA device {device}: the last one was already used.",
    "Wait for the next code. {give}",
)
USED_MFA = ErrorText(
    FailureKind.MFA,
    "The MFA code for role {role} was already used, so it was not sent again.",
    "Wait for the next code; each works once. {give}",
)
WAITS_FOR_MFA = ErrorText(
    FailureKind.MFA,
    "Role {role} is waiting for the next code from MFA device {device}: the last one was already used.",
    "Nothing to do: mfa_process provides it within 30 seconds.",
)
LOST_MFA = ErrorText(
    FailureKind.MFA,
    "The MFA code for role {role} was sent, but AWS did not respond properly ({detail}), so it counts as used.",
    "Wait for the next code. {give}",
)
NO_MFA_SESSION = ErrorText(
    FailureKind.MFA,
    "Role {role} cannot share an MFA session of device {device} with other roles: {detail}",
    "Each role needs its own code. Wait for the next code. {give}",
)
NO_OWN_SESSION = ErrorText(
    FailureKind.DENIED,
    "AWS refuses the MFA session {role} of device {device}: {detail}",
    "Ask for a policy that does not deny sts:GetSessionToken to your user.",
)
EXPIRED = ErrorText(
    SOURCE, "The credentials of {who}, which role {role} needs, have expired.", "Renew the credentials of {who}."
)
CLOCK = ErrorText(
    FailureKind.CLOCK,
    "AWS refused the request for role {role}, because this machine's clock is off by more than 15 minutes.",
    "Set the clock, or turn on automatic time.",
)
WRONG_SECRET = ErrorText(
    SOURCE,
    "The secret access key of {who}, which role {role} needs, is wrong.",
    "Put the right secret access key in the credentials of {who}.",
)
THROTTLED = ErrorText(
    FailureKind.THROTTLED, "AWS is throttling requests for role {role}.", "Nothing to do: traycreds retries."
)
AWS_DOWN = ErrorText(
    ANSWER,
    "AWS had an internal error for role {role} ({detail}).",
    "Nothing to do: traycreds retries.",
)
UNREACHABLE = ErrorText(
    NETWORK,
    "Could not reach AWS for role {role} ({detail}).",
    "Check the network, VPN and proxy; traycreds retries.",
)
UNANSWERED = UNREACHABLE._replace(kind=ANSWER)
"""The same once the request may have been sent: whatever has it may be at work on it."""
PAGE = ErrorText(
    ANSWER,
    "A web page ({detail}) came instead of AWS's response for role {role}, probably from a proxy or a network sign-in.",
    "Check the network, VPN and proxy; traycreds retries.",
)
UNREADABLE = ErrorText(
    CONFIG,
    "Role {role} is waiting because {detail} cannot be read.",
    "Fix the file; traycreds reads it again when it changes.",
)
UNUSABLE = ErrorText(
    ANSWER,
    "The response for role {role} is unusable: {detail}.",
    "Check the network, VPN and proxy; traycreds retries.",
)
"""What `usable_credentials` refuses; botocore accepts it."""
NO_PASSAGE = ErrorText(
    NETWORK,
    "The proxy blocked the request for role {role} ({detail}).",
    "Check {proxy}, including the user and password if the proxy requires them (407); traycreds retries.",
)
INVALID = ErrorText(
    CONFIG,
    "AWS does not accept the settings of role {role}: {detail}",
    "Fix the role in the configuration, or its profile in ~/.aws/config.",
)
UNUSABLE_SETTING = ErrorText(
    CONFIG,
    "The AWS SDK cannot use a setting of {who} for role {role} ({detail}).",
    "Check the settings of that profile in ~/.aws/config, and the AWS_ variables that traycreds was started with.",
)
"""botocore's complaint about a setting that `awsfiles.settings` does not find, or not about a call at all."""
NO_TOKEN = ErrorText(
    FailureKind.PROGRAM,
    "The web_identity_token_file of {who}, which role {role} needs, holds no token.",
    "Nothing to do while it is being rewritten: traycreds retries. Otherwise write a token there.",
)
NOT_SIGNED_IN = ErrorText(
    FailureKind.SIGN_IN,
    "You are not signed in to {login}, which role {role} needs.",
    "Run: traycreds login {login_word}",
)
SIGN_IN = ErrorText(
    FailureKind.SIGN_IN, "The sign-in behind role {role} has expired.", "Run: traycreds login {login_word}"
)

_CONTAINER = ErrorText(
    ANSWER,
    "The credentials service of this container returned no credentials for role {role}.",
    "It exists in ECS and EKS, which set AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI.",
)
_INSTANCE = ErrorText(
    ANSWER,
    "The metadata service of this machine returned no credentials for role {role}.",
    "It works on EC2 instances that have a role, unless AWS_EC2_METADATA_DISABLED is set.",
)

CODES: dict[str, ErrorText] = {
    "AccessDenied": DENIED,
    "AccessDeniedException": DENIED,
    "UnauthorizedOperation": DENIED,
    "ForbiddenException": ErrorText(
        FailureKind.DENIED,
        "The sign-in of {who} has no access to the account and role that role {role} needs.",
        "Check sso_account_id and sso_role_name, or ask your IAM Identity Center administrator for access.",
    ),
    "ResourceNotFoundException": ErrorText(
        CONFIG,
        "IAM Identity Center does not know the account or role that {who} names for role {role}.",
        "Fix sso_account_id and sso_role_name of {who}.",
    ),
    "UnauthorizedException": SIGN_IN,
    "ExpiredToken": EXPIRED,
    "ExpiredTokenException": EXPIRED,
    "InvalidClientTokenId": ErrorText(
        SOURCE,
        "AWS does not know the access key of {who}, which role {role} needs.",
        "The key is deleted, inactive, from another partition, or next to an old session token. Replace it.",
    ),
    "UnrecognizedClientException": ErrorText(
        SOURCE,
        "AWS does not know the access key of {who}, which role {role} needs.",
        "The key is deleted, inactive, or from another partition. Replace it.",
    ),
    "SignatureDoesNotMatch": WRONG_SECRET,
    "IncompleteSignature": ErrorText(
        SOURCE,
        "The access key of {who}, which role {role} needs, is malformed.",
        "Put the right keys in the credentials of {who}.",
    ),
    "RequestExpired": CLOCK,
    "RequestTimeTooSkewed": CLOCK,
    "RegionDisabledException": ErrorText(
        CONFIG,
        "STS is not active in region {region} for the account of role {role}.",
        "Choose another region for the role, or activate STS there in the IAM console.",
    ),
    "ValidationError": INVALID,
    "InvalidParameterValue": INVALID,
    "InvalidParameterCombination": INVALID,
    "MalformedPolicyDocument": ErrorText(
        CONFIG,
        "AWS cannot read the policy of role {role}: {detail}",
        "Fix its policy: the policy editor of the IAM console shows where it is wrong.",
    ),
    "PackedPolicyTooLarge": ErrorText(
        CONFIG,
        "The policy, policy_arns and tags of role {role} are too large together: {detail}",
        "Shorten its policy, or remove some of its policy_arns or tags.",
    ),
    "InvalidAction": ErrorText(
        CONFIG,
        "The server that responded for role {role} is not STS: {detail}",
        "Check endpoint_url and AWS_ENDPOINT_URL.",
    ),
    "IDPCommunicationError": ErrorText(
        ANSWER,
        "AWS could not reach the identity provider of role {role}.",
        "Nothing to do: traycreds retries. If it lasts, check that the address of the OIDC provider in IAM is public.",
    ),
    "IDPRejectedClaim": ErrorText(
        SOURCE,
        "AWS refused the web identity token behind role {role}: {detail}",
        "Renew the token in web_identity_token_file of {who}.",
    ),
    "InvalidIdentityToken": ErrorText(
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

EXCEPTIONS: dict[str, ErrorText] = {
    "SSLError": ErrorText(
        NETWORK,
        "The TLS certificate of {detail}, which role {role} connects to, is not trusted.",
        "Behind a company proxy, set AWS_CA_BUNDLE to its certificate. Otherwise, check the network.",
    ),
    "ProxyConnectionError": ErrorText(
        NETWORK, "Could not reach the proxy for role {role}.", "Check {proxy} and the network."
    ),
    "EndpointConnectionError": UNREACHABLE,
    "ConnectTimeoutError": UNREACHABLE,
    "ConnectionError": UNANSWERED,
    "HTTPClientError": UNANSWERED,
    "MetadataRetrievalError": _INSTANCE,
    "NoRegionError": ErrorText(
        CONFIG, "{who}, which role {role} needs, has no region.", "Add a region to {who} in ~/.aws/config."
    ),
    "UnknownEndpointError": INVALID,
    "EndpointProviderError": INVALID,
    "InvalidRegionError": ErrorText(
        CONFIG, "Region {region} of role {role} is not a region name.", "Fix the region of the role."
    ),
    "ProfileNotFound": ErrorText(
        CONFIG,
        "A profile that role {role} needs is in neither ~/.aws/config nor ~/.aws/credentials.",
        "Add it, or choose another profile in the configuration.",
    ),
    "InfiniteLoopConfigError": ErrorText(
        CONFIG,
        "The source profiles behind role {role} form a loop.",
        "Fix source_profile of {who} in ~/.aws/config.",
    ),
    "InvalidConfigError": ErrorText(
        CONFIG, "The profiles behind role {role} cannot work: {detail}", "Fix them in ~/.aws/config."
    ),
    "PartialCredentialsError": ErrorText(
        CONFIG,
        "{who}, which role {role} needs, is missing {detail}.",
        "Add it to the profile, or to the environment that traycreds starts in.",
    ),
    "ConfigParseError": UNREADABLE,
    "MissingDependencyException": ErrorText(
        CONFIG,
        "Profile {login}, which role {role} needs, uses aws login, which needs a package that is not installed.",
        "{install}",
    ),
    "ParamValidationError": ErrorText(
        CONFIG,
        "AWS cannot use the settings of role {role}: {detail}",
        "Fix the role in the configuration, or its profile in ~/.aws/config: traycreds doctor names the line.",
    ),
    "CredentialRetrievalError": ErrorText(
        SOURCE,
        "{who}, which role {role} needs, returned no credentials: its {detail} failed.",
        "Try `{identity}` in a terminal.",
    ),
    "NoCredentialsError": ErrorText(
        CONFIG, "{who}, which role {role} needs, has no credentials.", "Add keys or another source to the profile."
    ),
    "InvalidEndpointConfigurationError": INVALID,
    "InvalidProxiesConfigError": INVALID,
    "SSOError": SIGN_IN,
    "SSOTokenLoadError": NOT_SIGNED_IN,
    "TokenRetrievalError": SIGN_IN,
    "BotoCoreError": UNUSABLE_SETTING,
    "LoginTokenLoadError": ErrorText(
        FailureKind.SIGN_IN,
        "Profile {login}, which role {role} needs, has no usable sign-in.",
        "Run: aws login --profile {login_word}",
    ),
    "LoginInsufficientPermissions": ErrorText(
        FailureKind.DENIED,
        "AWS does not let traycreds renew the sign-in of profile {login}, which role {role} needs.",
        "Ask for the permission signin:CreateOAuth2Token.",
    ),
    "LoginError": ErrorText(
        FailureKind.SIGN_IN,
        "The sign-in of profile {login}, which role {role} needs, has expired.",
        "Run: aws login --profile {login_word}",
    ),
}

PROVIDERS: dict[str, ErrorText] = {
    "Environment": ErrorText(
        CONFIG,
        "Role {role} takes its keys from the environment, but traycreds was started without them.",
        "Start it with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set, or change credential_source.",
    ),
    "custom-process": ErrorText(
        FailureKind.PROGRAM,
        "{who}, which role {role} needs, returned no credentials: its {detail} failed.",
        "Try `{identity}` in a terminal; traycreds retries.",
    ),
    "Ec2InstanceMetadata": _INSTANCE,
    "EcsContainer": _CONTAINER,
    "container-role": _CONTAINER,
}
"""Rows of a CredentialRetrievalError, by its provider: values of `credential_source`."""
