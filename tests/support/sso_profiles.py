"""Profiles of one IAM Identity Center sign-in, as ~/.aws/config has them, and faults that pass by themselves."""

from __future__ import annotations

from traycreds.core.errors import FailureKind
from traycreds.sim import Fault

START = "https://example.awsapps.com/start"
ACCOUNT = "222233334444"
SSO_PROFILE = f"""\
[sso-session corp]
sso_start_url = {START}
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
[profile sso]
sso_session = corp
sso_account_id = {ACCOUNT}
sso_role_name = Admin
region = eu-central-1
"""
LEGACY_PROFILE = f"""\
[profile old]
sso_start_url = {START}
sso_region = eu-west-1
sso_account_id = {ACCOUNT}
sso_role_name = Admin
"""
PASSING_FAULTS = (
    (Fault.THROTTLE, FailureKind.THROTTLED),
    (Fault.ERROR_500, FailureKind.ANSWER),
    (Fault.PROXY_502, FailureKind.ANSWER),
    (Fault.DROP, FailureKind.ANSWER),
)
