"""The names that a command line can be completed with: roles, sign-ins, profiles; silent where a file cannot be read.

Reads the files alone and asks neither the app nor a network, since somebody waits with a finger on the Tab key.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from traycreds.adapters import awsconfig, config, places
from traycreds.adapters.awsconfig import AwsProfile
from traycreds.adapters.sections import MARKER
from traycreds.app import sourcekeys
from traycreds.app.options import Options
from traycreds.core.errors import TraycredsError
from traycreds.core.model import Role

Names = dict[str, str]
"""Each name with a few words about it."""


def roles(options: Options) -> Names:
    """The configured roles, with account and profile."""
    where = places.locate(os.environ, options.config)
    try:
        aws = awsconfig.read(where.aws_config_file, where.credentials_file)
        return {str(role.name): _about(role) for role in config.load(where, aws).roles}
    except TraycredsError:  # the command itself will say it
        return {}


def sign_ins(options: Options) -> Names:
    """What `login` takes: the sign-ins of ~/.aws/config, then roles."""
    where = places.locate(os.environ, options.config)
    try:
        aws = awsconfig.read(where.aws_config_file, where.credentials_file)
    except TraycredsError:
        return {}
    return dict.fromkeys(aws.sso_sessions, "sign-in") | roles(options)


def profiles(options: Options) -> Names:
    """The profiles that hold a key of the user's own."""
    return _profiles(options, lambda profile: profile.static and MARKER not in profile.settings)


def kept(options: Options) -> Names:
    """The profiles whose keys are in the keyring."""
    return _profiles(options, lambda profile: sourcekeys.are_kept(profile.settings))


def _profiles(options: Options, wanted: Callable[[AwsProfile], bool]) -> Names:
    where = places.locate(os.environ, options.config)
    try:
        aws = awsconfig.read(where.aws_config_file, where.credentials_file)
    except TraycredsError:
        return {}
    return {str(name): "" for name, profile in aws.profiles.items() if wanted(profile)}


def _about(role: Role) -> str:
    where = f"account {role.account_id}, " if role.account_id else ""
    return f"{where}profile {role.profile}"
