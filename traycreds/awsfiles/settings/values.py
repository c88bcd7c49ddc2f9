"""Valid values of settings that botocore needs to make a client, and what to write instead. Knows no file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from traycreds.awsfiles.settings import region_names
from traycreds.core import names
from traycreds.core.text import alternatives, os_reason, printable, without_password
from traycreds.files import contents

Value: TypeAlias = str | Mapping[str, str]
"""A value, or the lines of a nested block by their keys."""

_SHOWN = 40
"""The most characters shown of a value."""


class WrongValue(NamedTuple):
    """What is wrong with a value, to follow the name of the setting, and what to do."""

    what: str
    remedy: str


Rule: TypeAlias = Callable[[Value], WrongValue | None]


class Setting(NamedTuple):
    """A setting of a profile: the rule of its value, and the variable that goes before it."""

    rule: Rule
    variable: str | None = None


def _is(value: Value) -> str:
    """What may be shown of a value: a URL may hold a password, and a long text anything."""
    if not isinstance(value, str):
        return "is a block of lines"
    text = printable(value.strip())
    return f'is "{text}"' if len(text) <= _SHOWN and "@" not in text else "is other text"


def _one_of(*words: str, fold: bool = True, empty: bool = False) -> Rule:
    def rule(value: Value) -> WrongValue | None:
        text = value.lower() if isinstance(value, str) and fold else value
        if text in words or (empty and not text):
            return None
        return WrongValue(_is(value), f"Write {alternatives(words)}.")

    return rule


def _number(least: int = 0, most: int | None = None) -> Rule:
    limits = f"of at least {least}" if most is None else f"from {least} to {most}"

    def rule(value: Value) -> WrongValue | None:
        try:
            number = int(str(value))
        except ValueError:
            return WrongValue(_is(value), f"Write a whole number {limits}, without a unit.")
        if number < least or (most is not None and number > most):
            return WrongValue(_is(value), f"Write a whole number {limits}.")
        return None

    return rule


def region(value: Value) -> WrongValue | None:
    """What is wrong with the name of a region."""
    if isinstance(value, str) and region_names.is_region(value):
        return None
    return WrongValue(
        f"{_is(value)}, which is not a region name",
        region_names.meant_by(value if isinstance(value, str) else ""),
    )


def unknown_region(value: Value) -> WrongValue | None:
    """What to say about a possible but unknown region."""
    if not isinstance(value, str) or not region_names.is_region(value) or region_names.is_known(value):
        return None
    return WrongValue(
        f"is {value}, which this version of traycreds does not know",
        f"Keep it if AWS opened it recently. {region_names.meant_by(value)}",
    )


def port(value: Value) -> WrongValue | None:
    """What is wrong with a port, for botocore: it takes any whole number."""
    try:
        int(str(value))
    except ValueError:
        return WrongValue(_is(value), "Write the number of a port, such as 31000.")
    return None


_LABEL = "(?!-)[0-9a-z-]{1,63}(?<!-)"
_HOST = rf"(?=.{{1,255}}$)(?:{_LABEL}\.)*{_LABEL}\.?|[0-9a-f:.]*:[0-9a-f:.]*(?:%.+)?"
"""What botocore takes for a host: a name without _, or the address of one."""


def address(value: Value) -> WrongValue | None:
    """What is wrong with a service's URL, without showing it: it may hold a password."""
    remedy = "Write an address like http://127.0.0.1:4566, without spaces."
    if not isinstance(value, str) or re.search(r"[\s\x00-\x1f]", value):
        return WrongValue("is an address with spaces or line breaks in or around it", remedy)
    try:
        split = urlsplit(value)
        port, host = split.port, split.hostname
    except ValueError:
        return WrongValue("is an address with an invalid host or port", remedy)
    if split.scheme not in {"http", "https"}:
        return WrongValue("is an address that does not begin with http:// or https://", remedy)
    if not host or port == 0 or not re.fullmatch(_HOST, host, re.IGNORECASE):
        return WrongValue("is an address with an invalid host or port", remedy)
    return None


def lines(value: Value) -> WrongValue | None:
    """What is wrong with a service in a [services] section: botocore fails on a text, also an empty one."""
    if not isinstance(value, str):
        return None
    remedy = "Write endpoint_url = and its address in an indented line below it, or remove it."
    return WrongValue(_is(value) if value.strip() else "is empty", remedy)


NAME_CERTIFICATES = "Write the full path of a file of certificates (PEM), or remove the setting."


def certificates(value: Value) -> WrongValue | None:
    """What is wrong with the path of a bundle of certificates."""
    remedy = NAME_CERTIFICATES
    if not isinstance(value, str) or not value.strip():
        return WrongValue("is empty", remedy)
    try:
        holds = Path(value).is_dir() or b"-----BEGIN" in contents.bounded(Path(value))
    except (OSError, ValueError) as error:
        why = os_reason(error) if isinstance(error, OSError) else "no path"
        return WrongValue(f"names {printable(without_password(value))}: {why}", remedy)
    if not holds:
        return WrongValue(f"names {printable(value)}, which holds no certificates", remedy)
    return None


_ROLE_ARN = r"arn:aws[a-z0-9-]*:iam::[0-9]{12}:role/(?:[\x21-\x7e]+/)?[A-Za-z0-9_+=,.@-]{1,64}"
_ASSUMED_ROLE_ARN = r"arn:(aws[a-z0-9-]*):sts::([0-9]{12}):assumed-role/([^/]+)/.+"


def role_arn(value: Value) -> WrongValue | None:
    """What is wrong with the ARN of a role."""
    text = value if isinstance(value, str) else ""
    if re.fullmatch(_ROLE_ARN, text):
        return None
    if assumed := re.fullmatch(_ASSUMED_ROLE_ARN, text):
        role = f"arn:{assumed[1]}:iam::{assumed[2]}:role/{assumed[3]}"
        return WrongValue(
            "is the ARN of a session, not of a role", f'The role is probably "{role}" (its path may be missing).'
        )
    return WrongValue(
        f'is not the ARN of a role ("{printable(without_password(text))}")',
        "It looks like arn:aws:iam::123456789012:role/Name.",
    )


_DEVICE = r"arn:aws[a-z0-9-]*:iam::[0-9]{12}:(?:sms-)?mfa/[\w+=/:,.@-]+"
_IN_ARN = r"(aws[a-z0-9-]*:iam::[0-9]{12}:)(?:(?:sms-)?mfa|user)/(?:.*/)?([\w+=:,.@-]+)$"
_SERIAL = r"[A-Za-z0-9_-]{9,256}"
DEVICE_EXAMPLE = "It looks like arn:aws:iam::123456789012:mfa/alice."


def mfa_serial(value: Value) -> WrongValue | None:
    """What is wrong with the name of an MFA device: its ARN, or the serial number of a hardware token."""
    text = value if isinstance(value, str) else ""
    if re.fullmatch(_DEVICE, text, re.ASCII) or (":" not in text and re.fullmatch(_SERIAL, text)):
        return None
    if ":u2f/" in text:
        return WrongValue("names a security key, which does not generate codes", "Use a device that generates codes.")
    meant = re.search(_IN_ARN, text, re.ASCII)
    what = "is the ARN of a user, not of an MFA device" if meant and ":user/" in text else "is not an MFA device"
    return WrongValue(what, f"Did you mean arn:{meant[1]}mfa/{meant[2]}?" if meant else DEVICE_EXAMPLE)


def account(value: Value) -> WrongValue | None:
    """What is wrong with the id of an account."""
    return None if names.account_id(value) else WrongValue(_is(value), "Use the 12-digit account ID.")


def start_url(value: Value) -> WrongValue | None:
    """What is wrong with the address of a sign-in page."""
    wrong = address(value)
    if wrong is None and isinstance(value, str) and value.startswith("https://"):
        return None
    what = "is an address that does not begin with https://" if wrong is None else wrong.what
    return WrongValue(what, "Write the address of your sign-in page, like https://corp.awsapps.com/start.")


SIGN_IN: Mapping[str, Rule] = {"sso_region": region, "sso_account_id": account, "sso_start_url": start_url}
"""Settings of a sign-in of IAM Identity Center, in its profile or its sso-session."""

credential_source: Rule = _one_of("Environment", "Ec2InstanceMetadata", "EcsContainer", fold=False)


_SHORTEST_TOKEN = 4
"""The minimum that botocore accepts; a half-written token is shorter."""


def own_token_file(value: Value) -> WrongValue | None:
    """What is wrong with the path of a web identity token that we read, in the home folder if it begins with `~`."""
    return token_file(os.path.expanduser(value) if isinstance(value, str) else value)  # noqa: PTH111 - a text


def token_file(value: Value) -> WrongValue | None:
    """What is wrong with the path of a web identity token that botocore reads, for a source."""
    remedy = "Write the token there, or fix the path."
    if not isinstance(value, str) or not value.strip():
        return WrongValue("is empty", "Write the full path of the file that holds the token.")
    if value.startswith("~"):
        whole = os.path.expanduser(value)  # noqa: PTH111 - a text, which may name a user who is not there
        return WrongValue("begins with ~, which only a shell understands", f"Write {printable(whole)}.")
    try:
        holds = len(contents.token(Path(value)).decode().strip()) >= _SHORTEST_TOKEN
    except UnicodeDecodeError:
        holds = False
    except (OSError, ValueError) as error:
        why = os_reason(error) if isinstance(error, OSError) else "no path"
        return WrongValue(f"names {printable(without_password(value))}: {why}", remedy)
    return None if holds else WrongValue(f"names {printable(value)}, which holds no token", remedy)


_VERSIONS = {"sts": "2011-06-15", "sso": "2019-06-10", "sso-oidc": "2019-06-10", "signin": "2023-01-01"}


def _api_versions(value: Value) -> WrongValue | None:
    if not isinstance(value, Mapping):
        return WrongValue(_is(value), "Write a block of lines like sts = 2011-06-15 under it, or remove it.")
    for service, right in _VERSIONS.items():
        if value.get(service, right) != right:
            return WrongValue(f"has a different {service} from botocore's", f"Write {service} = {right}, or remove it.")
    return None


_STYLES = ("auto", "path", "virtual")


def _s3(value: Value) -> WrongValue | None:
    """Botocore ignores a text, but refuses an invalid style for every client, and makes none if the value is empty."""
    if not value:
        return WrongValue("is empty", "Write addressing_style = auto in an indented line below it, or remove it.")
    style = value.get("addressing_style", _STYLES[0]) if isinstance(value, Mapping) else _STYLES[0]
    if style in _STYLES:
        return None
    remedy = f"Write addressing_style = {alternatives(_STYLES)}."
    return WrongValue(f"has an addressing_style that {_is(style)}", remedy)


SETTINGS: Mapping[str, Setting] = {
    "account_id_endpoint_mode": Setting(_one_of("preferred", "disabled", "required"), "AWS_ACCOUNT_ID_ENDPOINT_MODE"),
    "api_versions": Setting(_api_versions),
    "ca_bundle": Setting(certificates, "AWS_CA_BUNDLE"),
    "defaults_mode": Setting(
        _one_of("legacy", "standard", "in-region", "cross-region", "mobile", "auto"), "AWS_DEFAULTS_MODE"
    ),
    "ec2_metadata_service_endpoint": Setting(address, "AWS_EC2_METADATA_SERVICE_ENDPOINT"),
    "ec2_metadata_service_endpoint_mode": Setting(_one_of("ipv4", "ipv6"), "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
    "endpoint_url": Setting(address, "AWS_ENDPOINT_URL"),
    "metadata_service_num_attempts": Setting(_number(1), "AWS_METADATA_SERVICE_NUM_ATTEMPTS"),
    "metadata_service_timeout": Setting(_number(1), "AWS_METADATA_SERVICE_TIMEOUT"),
    "request_checksum_calculation": Setting(
        _one_of("when_supported", "when_required"), "AWS_REQUEST_CHECKSUM_CALCULATION"
    ),
    "request_min_compression_size_bytes": Setting(_number(1, 1048576), "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES"),
    "response_checksum_validation": Setting(
        _one_of("when_supported", "when_required"), "AWS_RESPONSE_CHECKSUM_VALIDATION"
    ),
    "s3": Setting(_s3),
    "s3_disable_express_session_auth": Setting(_one_of("true", "false"), "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH"),
    "sts_regional_endpoints": Setting(
        _one_of("regional", "legacy", fold=False, empty=True), "AWS_STS_REGIONAL_ENDPOINTS"
    ),
}
"""Settings of any profile that botocore reads for each client; regions and sign-ins are separate."""


def block(value: Value) -> WrongValue | None:
    """What is wrong with a text setting whose value begins on the next line: that makes a block."""
    if isinstance(value, str):
        return None
    return WrongValue("is a block of lines, not text", "Write its value on the same line as its name.")


def nested(text: str) -> Value:
    """A value as botocore takes it: one that begins with a line break is a block, by the keys of its lines."""
    if not text.startswith("\n"):
        return text
    rows = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, _, value in rows}
