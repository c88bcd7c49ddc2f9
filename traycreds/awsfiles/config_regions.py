"""Writes regions of profiles to ~/.aws/config, where AWS tools look for them, and removes them again.

`traycreds_region` beside `region` marks our line, also after a restart. A user who sets another region, by hand or with
`aws configure`, takes it over. Never changes any other byte.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from traycreds.awsfiles import ini_edit
from traycreds.awsfiles.aws_file import encoding
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.awsfiles.ownership import ProfileValues
from traycreds.awsfiles.profiles import PROFILE_PREFIX, REGION_MARKER, config_header, is_our_region, section_name
from traycreds.core.errors import ConfigError
from traycreds.core.model import DesiredRegions, ProfileName, Refusal
from traycreds.files import rewrite
from traycreds.state.paths import Paths

_REGION = "region"


class RegionFile:
    """The regions in ~/.aws/config; for one thread at a time."""

    def __init__(self, path: Path, lock_dir: Path) -> None:
        """Touch nothing yet; `path` need not exist, `lock_dir` is our own folder."""
        self._path = path
        self._lock_dir = lock_dir
        self._last: str | None = None

    def bring_about(self, desired: DesiredRegions, *, written: Collection[str] | None = None) -> tuple[Refusal, ...]:
        """Write the regions to the file; return the profiles that cannot have theirs, and why. Raises ConfigError.

        `written` names the profiles of the credentials file: our region elsewhere is a leftover, and is removed.
        """
        refused: tuple[Refusal, ...] = ()
        new = ""

        def edited(text: str | None) -> str:
            nonlocal refused, new
            try:
                old = IniText(text or "")
                result, refused = _edited(self._path, old, {**_leftovers(old, written), **desired})
            except ProfileTextError as error:
                sentence = f"Cannot write a region to {error.location(self._path)}: {error.cause}."
                raise ConfigError(sentence, "Fix that line.") from error
            new = result.text
            return new

        codec = encoding()
        text = rewrite.read(self._path, codec)
        # With nothing to write, skip the lock and the wait for other writers.
        if edited(text) != (text or ""):
            rewrite.rewrite(self._path, self._lock_dir, edited, whole=self._last, encoding=codec)
            self._last = new
        return refused


def _leftovers(text: IniText, written: Collection[str] | None) -> dict[ProfileName, None]:
    if written is None:
        return {}
    own = text.own()
    marked = [
        name for name, headers in _by_profile(text).items() if any(REGION_MARKER in own[each] for each in headers)
    ]
    return {ProfileName(name): None for name in marked if name not in written}


def _by_profile(text: IniText) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for header in text.sections:
        kind, name = section_name(header)
        if kind == "profile":
            found.setdefault(name, []).append(header)
    return found


def _edited(path: Path, text: IniText, desired: DesiredRegions) -> tuple[IniText, tuple[Refusal, ...]]:
    for profile, headers in _by_profile(text).items():
        if desired.get(ProfileName(profile), "") is None:
            for header in headers:
                text = _without(text, header)
    own, by_profile = text.own(), _by_profile(text)
    refused: list[Refusal] = []
    sets: dict[str, ProfileValues] = {}
    for profile, region in desired.items():
        headers = by_profile.get(profile, [])
        if region is None:
            continue
        if not headers or (headers == [config_header(profile)] and _takes_our_region(own[headers[0]])):
            values = {_REGION: region, REGION_MARKER: region}
            if not headers or values.items() - own[headers[0]].items():
                sets[config_header(profile)] = values
        elif any(own[header].get(_REGION) != region for header in headers):
            refused.append(_refusal(path, text, profile, headers, region))
    return ini_edit.change(text, sets=sets, kind=PROFILE_PREFIX) if sets else text, tuple(refused)


def _takes_our_region(own: ProfileValues) -> bool:
    return _REGION not in own or is_our_region(own)


def _without(text: IniText, header: str) -> IniText:
    """The text without our lines in a section, and without the section if that leaves it empty."""
    own = text.own()[header]
    if REGION_MARKER not in own:
        return text
    ours = {_REGION, REGION_MARKER} if is_our_region(own) else {REGION_MARKER}
    if own.keys() <= ours:
        return ini_edit.change(text, sets={}, removes=(header,))
    return ini_edit.swap(text, header, ours, {}, kind=PROFILE_PREFIX)


def _refusal(path: Path, text: IniText, profile: ProfileName, headers: list[str], region: str) -> Refusal:
    for header in headers:
        section = text.sections[header]
        if not _takes_our_region(section.values):
            sentence = (
                f"The region of profile {profile} is {section.values[_REGION]}, not {region}: "
                f"traycreds did not write {path}, line {section.rows[_REGION] + 1}."
            )
            return Refusal(profile=profile, sentence=sentence, hint="Remove that line, and traycreds writes its own.")
    line = text.sections[headers[-1]].row + 1
    sentence = f"The region {region} was not written for profile {profile} because {path} spells its header differently"
    return Refusal(
        profile=profile,
        sentence=f"{sentence}, or has several (line {line}).",
        hint=f"Keep one, spelled [{config_header(profile)}].",
    )


def write(paths: Paths, desired: DesiredRegions) -> tuple[Refusal, ...]:
    """Write the regions for a command; blocks for the disk and other writers. Returns what was refused, and why."""
    try:
        return region_file(paths).bring_about(desired)
    except ConfigError as error:
        return not_written(desired, error)


def region_file(paths: Paths) -> RegionFile:
    """~/.aws/config of this user, locked against our other processes."""
    return RegionFile(paths.aws_config_file, paths.locks_dir)


def not_written(desired: DesiredRegions, error: ConfigError) -> tuple[Refusal, ...]:
    """The refusal if nothing at all could be written."""
    return tuple(
        Refusal(profile=profile, sentence=error.sentence, hint=error.hint)
        for profile, region in desired.items()
        if region is not None
    )
