"""A configuration beside AWS files, read for a test."""

from __future__ import annotations

ARN = "arn:aws:iam::111122223333:role/Dev"


AWS_CONFIG = f"""\
[profile base]
region = eu-central-1
[profile dev]
role_arn = {ARN}
source_profile = base
region = eu-west-2
external_id = ext-1
mfa_serial = arn:aws:iam::111122223333:mfa/me
role_session_name = me
duration_seconds = 7200
[profile sso]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Admin
[profile web]
role_arn = {ARN}
web_identity_token_file = /t
[profile box]
role_arn = {ARN}
credential_source = Ec2InstanceMetadata
[profile process]
credential_process = /bin/granted
"""


CREDENTIALS = "[base]\naws_access_key_id = AKIA\naws_secret_access_key = x\n[mine]\naws_access_key_id = AKIA\n"


def role(**keys: str) -> str:
    """A good role `dev`, with keys as raw TOML on top; an empty one leaves the key out."""
    keys = {"role_arn": f'"{ARN}"', "source_profile": '"base"', **keys}
    return "[roles.dev]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items() if value)
