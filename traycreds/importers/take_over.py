"""Renames a profile that is not ours, so that its old name is free; keeps a backup."""

from __future__ import annotations

from pathlib import Path

from traycreds.awsfiles import credentials_file, profiles
from traycreds.awsfiles.profiles import AwsProfile, AwsProfiles, Kind
from traycreds.core.errors import UsageError
from traycreds.core.names import unusable
from traycreds.core.value_class import value_class
from traycreds.engine.clock import SystemClock
from traycreds.importers import references
from traycreds.importers.references import Reference
from traycreds.usecases import load
from traycreds.usecases.options import Options


@value_class(kw_only=True)
class Taken:
    """What became of a profile that was moved.

    Attributes:
        backup: the old file; None when the profile was moved before.
        fixed, left: source references changed to the new name; those that keep the old one.
        settings: the profile of ~/.aws/config that keeps the name, and so its settings, or None.
    """

    file: Path
    backup: Path | None
    fixed: tuple[Reference, ...]
    left: tuple[Reference, ...]
    settings: AwsProfile | None


def take_over(options: Options, profile: str, new_name: str, *, fix_references: bool) -> Taken:
    """Rename a foreign profile of the credentials file, optionally also where it is a source.

    If done before, only there.

    Raises UsageError: no such profile, it is ours, or a bad new name. Raises ConfigError, CredentialsFileError:
    unchanged.
    """
    paths = load.find_paths(options)
    store = credentials_file.open_at(paths, SystemClock())
    foreign = store.read().foreign
    aws = profiles.read_at(paths)
    before = references.find(paths, profile)
    moved_before = fix_references and profile not in foreign and new_name in foreign
    backup = None
    if not moved_before:
        _check_free(aws, new_name)
        backup = store.take_over(profile, new_name)
        credentials_file.end_work(store)
    if fix_references:
        references.redirect(paths, profile, new_name)
    left = references.find(paths, profile)
    settings = aws.profiles.get(profile)
    return Taken(
        file=paths.credentials_file,
        backup=backup,
        fixed=tuple(reference for reference in before if reference not in left),
        left=left,
        settings=settings if settings and settings.file == paths.aws_config_file else None,
    )


def _check_free(aws: AwsProfiles, new_name: str) -> None:
    """Refuse a name under which AWS tools would not see the moved keys."""
    if why := unusable(new_name):
        raise UsageError(f'The profile name "{new_name}" {why}.', "Choose another name.")
    there = aws.profiles.get(new_name)
    if there is not None and there.kind not in {Kind.NOTHING, Kind.KEYS}:
        raise UsageError(
            f"Profile {new_name} is a profile with {there.kind.value} settings already ({there.file}, line "
            f"{there.line}).",
            f"Choose another name, such as --as {aws.free_name(new_name)}.",
        )
