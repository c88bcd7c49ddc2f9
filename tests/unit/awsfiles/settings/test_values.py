from __future__ import annotations

import pytest
from botocore.utils import is_valid_endpoint_url, is_valid_ipv6_endpoint_url

from traycreds.awsfiles.settings.values import DEVICE_EXAMPLE, SETTINGS, address, mfa_serial, nested


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("account_id_endpoint_mode", "Required"),
        ("api_versions", {"sts": "2011-06-15", "s3": "2006-03-01"}),
        ("s3", {"addressing_style": "path", "max_queue_size": "10"}),
        ("s3", "x"),
        ("s3_disable_express_session_auth", "True"),
        ("endpoint_url", "http://127.0.0.1:4566"),
        ("endpoint_url", "https://user:pass@proxy.example/path"),
        ("endpoint_url", "http://[::1]:4566"),
        ("endpoint_url", "http://my-stack:4566/"),
        ("metadata_service_timeout", "5"),
        ("request_min_compression_size_bytes", "1048576"),
        ("sts_regional_endpoints", "legacy"),
    ],
)
def test_good_values(setting, value):
    assert SETTINGS[setting].rule(value) is None


@pytest.mark.parametrize(
    "host",
    [
        *("stack", "my-stack", "my_stack", "x..y", "a..b", "x.", "-x", "x-", "x.-y", "a" * 63, "a" * 64, "127.0.0.1"),
        *(
            "[::1]",
            "[fe80::1%eth0]",
            "a.b.c",
            ".x",
            "X",
            "é.example",
            ".".join(["a" * 63] * 4),
            ".".join(["a" * 50] * 5),
        ),
    ],
)
def test_the_hosts_of_addresses_are_those_of_botocore(host):
    url = f"http://{host}:4566"
    allowed = is_valid_endpoint_url(url) or is_valid_ipv6_endpoint_url(url)
    assert (address(url) is None) is bool(allowed)


def test_a_setting_that_keeps_no_client_from_being_made_has_no_rule():
    assert "output" not in SETTINGS


@pytest.mark.parametrize(
    ("setting", "value", "what"),
    [
        ("api_versions", "2011-06-15", 'is "2011-06-15"'),
        ("ca_bundle", " ", "is empty"),
        ("ca_bundle", "/no/where.pem", "names /no/where.pem: "),
        ("ec2_metadata_service_endpoint_mode", "", 'is ""'),
        ("s3", "", "is empty"),
        ("s3", {"addressing_style": "Path"}, 'has an addressing_style that is "Path"'),
        ("s3_disable_express_session_auth", "yes", 'is "yes"'),
        ("endpoint_url", "http://user:s3cr3t@host:x", "is an address with an invalid host or port"),
        ("endpoint_url", "", "is an address that does not begin"),
        ("endpoint_url", {"sts": "x"}, "is an address with spaces or line breaks"),
        ("metadata_service_num_attempts", "0", 'is "0"'),
        ("request_min_compression_size_bytes", "0", 'is "0"'),
        ("sts_regional_endpoints", "Regional", 'is "Regional"'),
        ("defaults_mode", "http://user:s3cr3t@host", "is other text"),
        ("defaults_mode", "x" * 100, "is other text"),
        ("defaults_mode", {"a": "b"}, "is a block of lines"),
    ],
)
def test_wrong_values(setting, value, what):
    wrong = SETTINGS[setting].rule(value)
    assert wrong is not None
    assert wrong.what.startswith(what)
    assert wrong.remedy.endswith(".")
    assert "s3cr3t" not in str(wrong)


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_value_of_any_setting_ends_in_an_exception(setting):
    for value in ("", "\x00", "é", "9" * 5000, "http://[", "~", "%", {}, {"a": "b"}):
        SETTINGS[setting].rule(value)


def test_a_value_on_new_lines_is_a_block():
    assert nested("\nsts = 2011-06-15\n# note\nx") == {"sts": "2011-06-15"}
    assert nested("plain") == "plain"


IAM = "arn:aws:iam::123456789012"


@pytest.mark.parametrize(
    "serial",
    [
        f"{IAM}:mfa/alice",
        f"{IAM}:mfa/team/alice",
        f"{IAM}:sms-mfa/alice",
        "arn:aws-us-gov:iam::123456789012:mfa/root-account-mfa-device",
        "GAHT12345678",
        "1000012345",
    ],
)
def test_devices_that_give_codes(serial):
    assert mfa_serial(serial) is None


@pytest.mark.parametrize(
    ("serial", "what", "remedy"),
    [
        (f"{IAM}:user/alice", "is the ARN of a user", f"Did you mean {IAM}:mfa/alice?"),
        (f"{IAM}:user/team/alice", "is the ARN of a user", f"Did you mean {IAM}:mfa/alice?"),
        (f"a{IAM}:mfa/alice", "is not an MFA device", f"Did you mean {IAM}:mfa/alice?"),
        (f"{IAM}:u2f/user/alice/key", "names a security key", "Use a device that generates codes."),
        (f"{IAM}:mfa/my phone", "is not an MFA device", DEVICE_EXAMPLE),
        (f"{IAM}:role/alice", "is not an MFA device", "It looks like arn:aws:iam::123456789012:mfa/alice."),
        ("x", "is not an MFA device", "It looks like arn:aws:iam::123456789012:mfa/alice."),
    ],
)
def test_an_invalid_device_gets_a_remedy(serial, what, remedy):
    wrong = mfa_serial(serial)
    assert wrong is not None
    assert wrong.what.startswith(what)
    assert wrong.remedy == remedy
    meant = remedy.removeprefix("Did you mean ").rstrip("?")
    assert meant == remedy or mfa_serial(meant) is None
