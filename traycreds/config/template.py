"""The starter configuration file, all commented out, so that it changes nothing until edited."""

from __future__ import annotations

import json
import subprocess

from traycreds.awsfiles import profiles
from traycreds.awsfiles.profiles import AwsProfiles, discover
from traycreds.core.errors import ConfigError, TraycredsError
from traycreds.desktop import open_file
from traycreds.files import private_files
from traycreds.state.paths import Paths

HEAD = """\
# The roles that traycreds keeps alive. traycreds reads this file again whenever you save it.
# As long as this file names no role, traycreds offers every role profile of ~/.aws/config and keeps none of them alive.

# include = ["team.toml"]              # roles of your team, which you review first; goes above all tables

# [settings]
# notify_before = "5m"                 # how early to announce the end of a session that cannot be renewed
"""
"""The start of a configuration."""

_EXAMPLE = """
# A role with the most common keys:
# [roles.example]
# role_arn = "arn:aws:iam::123456789012:role/Example"
# source_profile = "base"              # the profile whose credentials may assume the role
# profile = "example-session"          # the profile that is written; this is the default
# keep = true                          # keep it alive whenever traycreds runs
# duration = "1h"                      # 15m to 12h
# region = "eu-central-1"
# external_id = "..."
# mfa_serial = "arn:aws:iam::123456789012:mfa/me"
# session_name = "me"
# group = "Work"                       # heading in the menu
# favourite = true                     # first in the menu
# color = "red"                        # a badge on the icon while it is the default
# label = "PROD"                       # beside its name

# The same for all roles of an account:
# [accounts.444455556666]
# color = "red"
# label = "PROD"

# A browser for one sign-in to IAM Identity Center; sign_in_browser in [settings] is for all:
# [sign_ins.corp]
# browser = ["firefox", "-P", "corp"]
"""


def starter(aws: AwsProfiles) -> str:
    """A commented configuration with an entry for each role that was found in ~/.aws/config."""
    roles = discover(aws)
    entries = [
        f"\n# [roles.{json.dumps(role.name)}]\n# from_profile = {json.dumps(role.from_profile)}\n# keep = true\n"
        for role in roles
    ]
    found = f"\n# Found in {aws.config_file}; remove the # to use one:\n" if entries else ""
    return HEAD + _EXAMPLE + found + "".join(entries)


def open_config(paths: Paths) -> TraycredsError | None:
    """Open our configuration; returns why not, or None."""
    path = paths.config_file
    try:
        if not path.exists():
            private_files.make_folder(path.parent)
            with open(path, "x", encoding="utf-8", opener=private_files.opener) as file:
                file.write(starter(profiles.read_at(paths)))
        open_file.open_existing(path)
    except ConfigError as error:
        return error
    except (OSError, subprocess.SubprocessError):
        return TraycredsError(f"No program could open {path}.", "Open it in your editor.")
    return None
