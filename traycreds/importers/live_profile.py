"""Writes a profile to ~/.aws/config that gives SDKs each new session of a role. Never changes other sections."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from traycreds.awsfiles import ini_edit
from traycreds.awsfiles.aws_file import encoding, read_sections
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.awsfiles.ownership import MARKER
from traycreds.awsfiles.profiles import PROFILE_PREFIX, AwsProfiles, config_header, section_name
from traycreds.config import loaded_files
from traycreds.core.errors import ConfigError, UsageError
from traycreds.core.lookup import known_roles
from traycreds.core.model import Role
from traycreds.core.names import safe_name
from traycreds.core.value_class import value_class
from traycreds.files.rewrite import rewrite
from traycreds.process.own_program import program
from traycreds.state import choices
from traycreds.usecases import load
from traycreds.usecases.options import Options

_PROCESS = "credential_process"
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9_@%+=:,./-]")


@value_class(kw_only=True)
class LiveProfile:
    """A profile in ~/.aws/config, for AWS_PROFILE; `changed`: it was written just now."""

    name: str
    file: Path
    changed: bool


def write(options: Options, role_name: str, name: str | None = None) -> LiveProfile:
    """Write or update a role's profile; its default name is ROLE-live.

    Raises UsageError: no such role, or a bad name. Raises ConfigError: the file is unchanged.
    """
    paths = load.find_paths(options)
    found = loaded_files.load(paths, named=True)
    aws, roles = found.aws, found.config.roles
    (known,) = known_roles((role_name,), (role.name for role in roles))
    role = next(role for role in roles if role.name == known)
    name = f"{role.name}-live" if name is None else name
    _check_free(aws, roles, name)
    given = options.config or os.environ.get("TRAYCREDS_CONFIG")
    more = () if given is None else ("--config", str(paths.config_file))
    command = command_line((*program(), *more, "creds", role.name), windows=sys.platform == "win32")
    values = {_PROCESS: command, MARKER: role.name}
    if region := choices.load(paths.state_dir).region_of(role) or _region(aws, role):
        values["region"] = region
    changed = rewrite(
        paths.aws_config_file,
        paths.locks_dir,
        lambda text: _with_profile(paths.aws_config_file, text or "", name, values, _other_name(aws, roles, name)),
        encoding=encoding(),
    )
    return LiveProfile(name=name, file=paths.aws_config_file, changed=changed)


def command_line(arguments: Sequence[str], *, windows: bool) -> str:
    """A command for `credential_process`: botocore splits it itself, JS and Go use a shell.

    Go strips quotes at both ends of a value, so POSIX shells get backslashes, which botocore reads alike; Windows knows
    only quotes, so the line begins with cmd.
    """
    if not windows:
        return " ".join(_NOT_PLAIN.sub(r"\\\g<0>", argument) for argument in arguments)

    line = subprocess.list2cmdline(arguments)
    return f"cmd /c {line}" if line.startswith('"') else line


def _check_free(aws: AwsProfiles, roles: Sequence[Role], name: str) -> None:
    """Refuse a name under which SDKs find something else, now or once the app has written it."""
    remedy = _other_name(aws, roles, name)
    for role in roles:
        if role.profile == name:
            raise UsageError(f"The role {role.name} already writes profile {name}.", remedy)
    for section in read_sections(aws.credentials_file):
        if section.name == name:
            what = (
                f"Profile {name} is in {aws.credentials_file}, line {section.line}, whose keys would take precedence."
            )
            raise UsageError(what, remedy)
    for section in read_sections(aws.config_file):
        if section_name(section.name) == ("profile", name) and section.name != config_header(name):
            what = f"Profile {name} is in {aws.config_file}, line {section.line}, and was not written by traycreds."
            raise UsageError(what, remedy)


def _other_name(aws: AwsProfiles, roles: Sequence[Role], name: str) -> str:
    taken = frozenset({name, *(role.profile for role in roles)})
    return f"Give it another name, such as --as {aws.free_name(safe_name(name), taken)}."


def _with_profile(path: Path, text: str, name: str, values: Mapping[str, str], remedy: str) -> str:
    """The text with the profile. Raises UsageError: it is not ours. Raises ConfigError: no safe change."""
    header = config_header(name)
    try:
        old = IniText(text)
        own = old.own().get(header)
        if own and MARKER not in own:
            if all(own.get(key) == value for key, value in values.items() if key != MARKER):
                # The profile already has what we would write.
                return text
            what = f"Profile {name} in {path}, line {old.sections[header].row + 1}, was not written by traycreds."
            raise UsageError(f"{what} traycreds leaves it unchanged.", remedy)
        return ini_edit.change(old, sets={header: values}, kind=PROFILE_PREFIX).text
    except ProfileTextError as error:
        sentence = f"Profile {name} cannot be written to {error.location(path)}: {error.cause}."
        # Without a line, the name is at fault; with one, another name would not help.
        of_name = error.line is None
        hint = (
            f"Fix that, or {remedy[0].lower()}{remedy[1:]}"
            if of_name
            else "Fix that, then try again. The file is unchanged."
        )
        raise ConfigError(sentence, hint) from error


def _region(aws: AwsProfiles, role: Role) -> str | None:
    target = aws.profiles.get(role.profile)
    return role.region or (target.settings.get("region") if target else None)
