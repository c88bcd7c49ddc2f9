"""Random profiles, programs, answers of AWS and variables: what tests of mistakes that can be foreseen make a case of."""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
from unittest import mock

from botocore import configprovider

from tests.property.resolution.compare import faster
from tests.support.builders import a_role
from traycreds.aws.sso.token_cache import key_of
from traycreds.awsfiles import profiles
from traycreds.awsfiles.profiles import OFFERED_KINDS, offered_values
from traycreds.core.errors import ConfigError
from traycreds.process import bounded_program

SECRET, TOKEN, PASSWORD = "s3cr3tK3y", "s3cr3tT0k3n", "s3cr3tP4ss"
ARN = "arn:aws:iam::123456789012:role/Dev"
BASE = f"[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\n"
GOOD = {
    "Version": 1,
    "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
    "SecretAccessKey": SECRET,
    "SessionToken": TOKEN,
    "Expiration": "2036-01-01T12:00:00Z",
}

KINDS: dict[str, dict[str, str]] = {
    "role": {"role_arn": ARN, "source_profile": "base"},
    "role of the environment": {"role_arn": ARN, "credential_source": "Environment"},
    "role of the machine": {"role_arn": ARN, "credential_source": "Ec2InstanceMetadata"},
    "role of a container": {"role_arn": ARN, "credential_source": "EcsContainer"},
    "web identity": {"role_arn": ARN, "web_identity_token_file": "token"},
    "sso": {"sso_session": "corp", "sso_account_id": "123456789012", "sso_role_name": "Dev"},
    "old sso": {
        "sso_start_url": "https://corp.awsapps.com/start",
        "sso_region": "eu-west-1",
        "sso_account_id": "123456789012",
        "sso_role_name": "Dev",
    },
    "process": {"credential_process": "tool --json"},
    "login": {"login_session": "arn:aws:iam::123456789012:user/alice"},
}


def _of_botocore(at: int) -> set[str]:
    """The names of settings (0) or variables (1) that botocore knows."""
    tables = (
        configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES,
        configprovider.DEFAULT_S3_CONFIG_VARS,
        configprovider.DEFAULT_PROXIES_CONFIG_VARS,
    )
    each = [row[at] for table in tables for row in table.values()]
    flat = [name for names in each for name in (names if isinstance(names, list) else [names])]
    return {name[0] if isinstance(name, tuple) else name for name in flat if name is not None}


_SETTINGS = [
    *(f"{service}_{name}" for service in ("s3", "sts") for name in ("regional_endpoints",)),
    *("account_id_endpoint_mode", "api_versions", "auth_scheme_preference", "ca_bundle", "cli_pager", "csm_enabled"),
    *("csm_port", "data_path", "defaults_mode", "disable_request_compression", "ec2_metadata_service_endpoint"),
    *("ec2_metadata_service_endpoint_mode", "ec2_metadata_v1_disabled", "endpoint_discovery_enabled", "endpoint_url"),
    *("ignore_configure_endpoint_urls", "ignore_configured_endpoint_urls", "imds_use_ipv6", "max_attempts"),
    *("metadata_service_num_attempts", "metadata_service_timeout", "output", "parameter_validation", "region"),
    *("request_checksum_calculation", "request_min_compression_size_bytes", "response_checksum_validation"),
    *("retry_mode", "s3", "s3_disable_express_session_auth", "sdk_ua_app_id", "services", "sigv4a_signing_region_set"),
    *("tcp_keepalive", "use_dualstack_endpoint", "use_fips_endpoint", "client_cert", "proxy_ca_bundle", "dynamodb"),
    *("role_arn", "source_profile", "credential_source", "external_id", "mfa_serial", "role_session_name"),
    "login_session",
    *("duration_seconds", "web_identity_token_file", "credential_process", "sso_session", "sso_account_id"),
    *("sso_role_name", "sso_region", "sso_start_url", "sso_registration_scopes", "aws_access_key_id", "aws_account_id"),
    *("aws_secret_access_key", "aws_session_token"),
]
SETTINGS = sorted({*_SETTINGS, *_of_botocore(0)})
"""What botocore, the AWS CLI and the guide of the SDKs know, and some that are misspelt."""

_VARIABLES = [
    *("AWS_ACCOUNT_ID_ENDPOINT_MODE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_DATA_PATH", "AWS_DEFAULTS_MODE"),
    *("AWS_DEFAULT_REGION", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_SSO", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    *("AWS_MAX_ATTEMPTS", "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "AWS_METADATA_SERVICE_TIMEOUT", "AWS_RETRY_MODE"),
    *("AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION", "AWS_STS_REGIONAL_ENDPOINTS"),
    *("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT"),
    *(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    ),
    *("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_ACCESS_KEY_ID", "AWS_SDK_UA_APP_ID", "HTTPS_PROXY", "NO_PROXY"),
]
_PLACES = {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}
VARIABLES = sorted({*_VARIABLES, *_of_botocore(1)} - _PLACES)

VALUES = [
    *(
        "",
        "x",
        "None",
        "0",
        "-1",
        "1.5",
        "1s",
        "99999999999999999999",
        "true",
        "yes",
        "when_required",
        "legacy",
        "auto",
    ),
    *(
        "us-east-1",
        "us-east-1a",
        "Frankfurt",
        "eu-west-1 # home",
        "aws-global",
        "fips-us-east-1",
        "a.b",
        "-",
        "é",
        "x" * 300,
    ),
    *("127.0.0.1:4566", "http://", "http://127.0.0.1:99999", "http://[::1", "ftp://127.0.0.1:1", "http://127.0.0.1:1"),
    *(
        f"http://user:{PASSWORD}@127.0.0.1:x",
        "https://127.0.0.1:1/a b",
        "http://é.example:1",
        "https://x..y",
        "file:///x",
    ),
    *(
        "/no/where",
        "~",
        ".",
        "base",
        "top",
        "nobody",
        ARN,
        "arn:",
        "'",
        '"open',
        "a b",
        "Environment",
        "{",
        "%(x)s",
        "%",
    ),
    *("https://corp.awsapps.com/start", "123", "corp", "GAHT12345678", "\n  sts = 2010-01-01", "\n  endpoint_url = x"),
    *("\n  a = b\n  c", "\n  sts =\n    endpoint_url = x", "\n  addressing_style = x", "\n  addressing_style = path"),
]

ANSWERS = [
    b"",
    b"<html>no</html>",
    b"{",
    b"[]",
    b"null",
    b'{"roleCredentials": {}}',
    b"<a/>",
    b"\xff",
    b'{"Code": "Success"}',
]


class Body:
    """What botocore reads an answer from."""

    def __init__(self, data):
        self.data = data

    def stream(self, *_, **__):
        yield self.data


@contextlib.contextmanager
def offline(home):
    """A home whose programs and network are made of the seed; nothing leaves it."""
    (home / ".aws/sso/cache").mkdir(parents=True)
    (home / "token").write_text("a-web-identity-token")

    def resolve(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with faster(), mock.patch("socket.getaddrinfo", resolve), mock.patch("time.sleep"):
        yield home


def some(chance: random.Random, names: list[str], most: int) -> dict[str, str]:
    return {name: chance.choice(VALUES) for name in chance.sample(names, chance.randint(0, most))}


def section(header: str, values: dict[str, str]) -> str:
    return f"[{header}]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())


def printed(chance: random.Random) -> bounded_program.Finished:
    """What the program prints, and how it ends."""
    odd = [
        None,
        True,
        0,
        -1,
        1e300,
        [],
        {},
        "",
        " ",
        "x",
        "2036-01-01",
        "2036-13-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "24:00",
    ]
    odd += [
        "9999-12-31T23:59:59-23:59",
        f"{TOKEN}\n",
        f" {TOKEN}",
        f"{TOKEN} # x",
        "\ud800",
        "é",
        "2020-01-01T00:00:00Z",
        "10" * 400,
    ]
    odd += [999988887777, 1.5]
    value: object = dict(GOOD)
    for name in chance.sample([*sorted(GOOD), "AccountId"], chance.randint(0, 2)):
        value = {**GOOD, **(value if isinstance(value, dict) else {}), name: chance.choice(odd)}
    text = json.dumps(chance.choice([value] * 8 + odd))
    data = text.encode()
    cut = chance.choice([None] * 6 + [chance.randint(0, len(data))])
    extra = chance.choice([b""] * 8 + [b"\xff", b"NaN", b"\x00", b"[" * 100_000, b'{"Version": ' + b"9" * 5000])
    complaint = chance.choice([b"", f"no {SECRET}".encode(), b"\xff"])
    return bounded_program.Finished(chance.choice([0] * 6 + [1, 255, -9]), extra + data[:cut], complaint)


def files(chance: random.Random, home) -> None:
    """Both AWS files."""
    top = {**KINDS[chance.choice(sorted(KINDS))], **some(chance, SETTINGS, 3)}
    if "web_identity_token_file" in top:
        top["web_identity_token_file"] = chance.choice([str(home / "token"), "", str(home), str(home / "none")])
    middle = {**KINDS[chance.choice(sorted(KINDS))], **some(chance, SETTINGS, 2)} if chance.random() < 0.5 else None
    if middle is not None and "source_profile" in top:
        top["source_profile"] = "middle"
    session = {
        "sso_region": "eu-west-1",
        "sso_start_url": "https://corp.awsapps.com/start",
        **some(chance, ["sso_region"], 1),
    }
    config = (
        section("profile top", top)
        + section("sso-session corp", session)
        + section("services x", some(chance, ["sts"], 1))
    )
    config += "" if middle is None else section("profile middle", middle)
    (home / ".aws/config").write_text(config, encoding="utf-8")
    (home / ".aws/credentials").write_text(BASE, encoding="utf-8")


ENDS = [
    "2036-01-01T12:00:00",
    "2036-01-01T12:00:00Z",
    "2020-01-01T00:00:00",
    "2036-01-01",
    "soon",
    "",
    1795937273,
    None,
]


def sign_in_tokens(chance: random.Random, home) -> None:
    """What the cache of sign-ins holds."""
    for name in ("corp", "https://corp.awsapps.com/start"):
        path = home / f".aws/sso/cache/{key_of(name)}.json"
        path.unlink(missing_ok=True)
        if chance.random() < 0.7:
            token = {"accessToken": TOKEN, "expiresAt": chance.choice(ENDS)}
            more = {"refreshToken": TOKEN, "clientId": "c", "clientSecret": SECRET}
            ends = {"registrationExpiresAt": chance.choice(ENDS)}
            path.write_text(json.dumps({**token, **(chance.choice([{}, more, {**more, **ends}]))}))


def answered(chance: random.Random):
    from botocore.awsrequest import AWSResponse
    from botocore.httpsession import URLLib3Session

    send = URLLib3Session.send

    def answer(self, request):
        if chance.random() < 0.5:
            return send(self, request)
        status = chance.choice([200, 200, 302, 400, 403, 500])
        return AWSResponse(request.url, status, {"Date": chance.choice(["", "x"])}, Body(chance.choice(ANSWERS)))

    return mock.patch.object(URLLib3Session, "send", answer)


@contextlib.contextmanager
def role_of(seed: int, home):
    """The role of a case, while its program, its variables and its AWS are there; None where no file can be read."""
    chance = random.Random(seed)
    files(chance, home)
    sign_in_tokens(chance, home)
    run = printed(chance)
    environment = some(chance, VARIABLES, 2) if chance.random() < 0.5 else {}
    try:
        known = profiles.read(home / ".aws/config", home / ".aws/credentials").profiles["top"]
    except ConfigError:
        # Neither can botocore read the file, and the tests of `aws_file` cover that.
        yield None
        return
    with (
        answered(chance),
        mock.patch.dict(os.environ, {name: value for name, value in environment.items() if "\n" not in value}),
        mock.patch.object(bounded_program, "run", return_value=run),
    ):
        if known.kind in OFFERED_KINDS and chance.random() < 0.7:
            values = {name: value for name, value in offered_values(known).items() if name != "mfa_process"}
            yield a_role("r", **{"arn": None, "source_profile": None, **values, "from_profile": "top"})
        else:
            yield a_role("r", source_profile="top")
