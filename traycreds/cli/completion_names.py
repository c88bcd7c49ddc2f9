"""Names for completion: roles, sign-ins, profiles, from the files alone; silent if one cannot be read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from traycreds.awsfiles.ownership import MARKER
from traycreds.awsfiles.profiles import AwsProfile, AwsProfiles, read_at
from traycreds.config import loaded_files
from traycreds.core.errors import TraycredsError
from traycreds.core.model import Role
from traycreds.importers import stored_keys
from traycreds.state.paths import Paths, locate
from traycreds.usecases.options import Options

Names = dict[str, str]
"""Each name with a few words about it."""


def roles(options: Options) -> Names:
    """The configured roles, with account and profile."""
    found = _read(options)
    return {} if found is None else _roles(*found)


def sign_ins(options: Options) -> Names:
    """What `login` takes: the sign-ins of ~/.aws/config, then roles."""
    found = _read(options)
    return {} if found is None else dict.fromkeys(found[1].sso_sessions, "sign-in") | _roles(*found)


def profiles(options: Options) -> Names:
    """The profiles that hold a key of the user's own."""
    return _profiles(options, lambda profile: profile.static and MARKER not in profile.settings)


def stored(options: Options) -> Names:
    """The profiles whose keys are in the keyring."""
    return _profiles(options, lambda profile: stored_keys.are_stored(profile.settings))


def _profiles(options: Options, wanted: Callable[[AwsProfile], bool]) -> Names:
    found = _read(options)
    return {} if found is None else {str(name): "" for name, each in found[1].profiles.items() if wanted(each)}


def _read(options: Options) -> tuple[Paths, AwsProfiles] | None:
    try:
        paths = locate(os.environ, options.config)
        return paths, read_at(paths)
    except TraycredsError:
        # The command itself reports this error.
        return None


def _roles(paths: Paths, aws: AwsProfiles) -> Names:
    try:
        found = loaded_files.load_ours(paths, aws).config.roles
        return {str(role.name): _about(role) for role in found}
    except TraycredsError:
        return {}


def _about(role: Role) -> str:
    account = f"account {role.account_id}, " if role.account_id else ""
    return f"{account}profile {role.profile}"


KINDS: Mapping[str, Callable[[Options], Names]] = {
    "roles": roles,
    "sign-ins": sign_ins,
    "profiles": profiles,
    "stored keys": stored,
}
