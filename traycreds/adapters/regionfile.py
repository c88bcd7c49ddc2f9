"""Puts regions of profiles into ~/.aws/config, where AWS tools look for them, and takes them out again.

Owns how a line of ours is known there, also after a restart: beside `region` stands `traycreds_region`, which says the
same. So one line of a section can be ours while the rest is the user's, and whoever sets another region, by hand or by
`aws configure`, makes it his own. Never changes a byte of anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from traycreds.adapters import textfile
from traycreds.adapters.awsconfig import section_name
from traycreds.adapters.awsfile import encoding
from traycreds.core import profiles
from traycreds.core.errors import ConfigError
from traycreds.core.initext import IniText, ProfileTextError
from traycreds.core.model import DEFAULT_PROFILE, ProfileName, Refusal
from traycreds.core.regions import Wish

MARKER = "traycreds_region"
"""The key that makes the region beside it ours; AWS tools do not know it."""
_REGION = "region"
_KIND = "profile "
"""What stands before a profile's name in a header of ~/.aws/config (AWS CLI User Guide, configuration files)."""

Values = Mapping[str, str]


class RegionFile:
    """~/.aws/config, as far as regions go; for one thread at a time."""

    def __init__(self, path: Path, lock_dir: Path) -> None:
        """Touch nothing yet.

        Args:
            path: of ~/.aws/config, which need not exist.
            lock_dir: a folder of ours for the lock.
        """
        self._path = path
        self._lock_dir = lock_dir
        self._last: str | None = None

    def bring_about(self, wish: Wish, *, written: Collection[str] | None = None) -> tuple[Refusal, ...]:
        """Have the file say the regions; what it says already is not written again.

        Args:
            wish: the regions.
            written: the profiles of the credentials file: of others, a region of ours is a leftover, and taken out.
                None looks for no leftovers.

        Returns:
            The profiles that have another region, or cannot be given one, and why.

        Raises:
            ConfigError: the file cannot be read or written; it is as it was.
        """
        refused: tuple[Refusal, ...] = ()
        new = ""

        def edited(text: str | None) -> str:
            nonlocal refused, new
            try:
                old = IniText(text or "")
                result, refused = _edited(self._path, old, {**_leftovers(old, written), **wish})
            except ProfileTextError as error:
                where = str(self._path) if error.line is None else f"{self._path}, line {error.line}"
                sentence = f"No region can be written to {where}: {error.cause}."
                raise ConfigError(sentence, "Correct that line.") from error
            new = result.text
            return new

        codec = encoding()
        text = textfile.read(self._path, codec)
        if edited(text) != (text or ""):  # without the lock, and the wait for other writers, where nothing is to do
            textfile.rewrite(self._path, self._lock_dir, edited, whole=self._last, encoding=codec)
            self._last = new
        return refused


def is_ours(own: Values) -> bool:
    """Whether the region of a section is the one that we wrote there."""
    return MARKER in own and own.get(_REGION) == own[MARKER]


def _leftovers(text: IniText, written: Collection[str] | None) -> dict[ProfileName, None]:
    if written is None:
        return {}
    own = text.own()
    marked = [name for name, headers in _by_profile(text).items() if any(MARKER in own[each] for each in headers)]
    return {ProfileName(name): None for name in marked if name not in written}


def _by_profile(text: IniText) -> dict[str, list[str]]:
    """The headers of each profile as botocore sees them, however they are spelled."""
    found: dict[str, list[str]] = {}
    for header in text.sections:
        kind, name = section_name(header)
        if kind == "profile":
            found.setdefault(name, []).append(header)
    return found


def _edited(path: Path, text: IniText, wish: Wish) -> tuple[IniText, tuple[Refusal, ...]]:
    for profile, headers in _by_profile(text).items():
        if wish.get(ProfileName(profile), "") is None:
            for header in headers:
                text = _without(text, header)
    own, by_profile = text.own(), _by_profile(text)
    refused: list[Refusal] = []
    sets: dict[str, Values] = {}
    for profile, region in wish.items():
        headers = by_profile.get(profile, [])
        if region is None:
            continue
        if not headers or (headers == [_header(profile)] and _has_room(own[headers[0]])):
            values = {_REGION: region, MARKER: region}
            if not headers or values.items() - own[headers[0]].items():
                sets[_header(profile)] = values
        elif any(own[header].get(_REGION) != region for header in headers):
            refused.append(_refusal(path, text, profile, headers, region))
    return profiles.change(text, sets=sets, kind=_KIND) if sets else text, tuple(refused)


def _has_room(own: Values) -> bool:
    """Whether a section has no region of somebody else's."""
    return _REGION not in own or is_ours(own)


def _header(profile: str) -> str:
    return profile if profile == DEFAULT_PROFILE else f"{_KIND}{profile}"


def _without(text: IniText, header: str) -> IniText:
    """The text without our lines in a section, and without the section where nothing else is in it."""
    own = text.own()[header]
    if MARKER not in own:
        return text
    ours = {_REGION, MARKER} if is_ours(own) else {MARKER}
    if own.keys() <= ours:
        return profiles.change(text, sets={}, removes=(header,))
    return profiles.swap(text, header, ours, {}, kind=_KIND)


def _refusal(path: Path, text: IniText, profile: ProfileName, headers: list[str], region: str) -> Refusal:
    for header in headers:
        section = text.sections[header]
        if not _has_room(section.values):
            sentence = (
                f"The region of profile {profile} is {section.values[_REGION]}, not {region}: "
                f"so says {path}, line {section.rows[_REGION] + 1}, which traycreds did not write."
            )
            return Refusal(profile=profile, sentence=sentence, hint="Take that line out, and it writes its own.")
    line = text.sections[headers[-1]].row + 1
    sentence = f"The region {region} was not written for profile {profile}, since {path} spells its header differently"
    return Refusal(
        profile=profile,
        sentence=f"{sentence}, or has several (line {line}).",
        hint=f"Leave one, spelled [{_header(profile)}].",
    )
