"""Says when settings in ~/.aws/config make AWS tools ignore a profile of the credentials file. Reads only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from traycreds.awsfiles import profiles
from traycreds.awsfiles.profiles import AwsProfile, AwsProfiles, Kind, tools_that_ignore
from traycreds.awsfiles.section_headers import header
from traycreds.core.errors import ConfigError
from traycreds.core.model import DEFAULT_PROFILE, ProfileName, Refusal
from traycreds.files import contents


class HiddenProfiles:
    """The profiles of ~/.aws/config that win over keys; for one thread at a time, except `changed`."""

    def __init__(self, path: Path | None) -> None:
        """Read nothing yet; `path` is ~/.aws/config, which may be missing, or None."""
        self._path = path
        self._seen: tuple[contents.Stamp | None] | None = None
        self._refusals: Mapping[ProfileName, Refusal] = {}

    def changed(self) -> bool:
        """Whether the file differs from what was read last; never raises."""
        return self._path is not None and self._seen is not None and self._seen != (contents.stamp(self._path),)

    def refusals(self) -> Mapping[ProfileName, Refusal]:
        """For each profile in which a session would be ignored, why, and the way out."""
        if self._path is None:
            return {}
        stamp = (contents.stamp(self._path),)
        if stamp != self._seen:
            self._refusals = _read(self._path)
            self._seen = stamp
        return self._refusals


def _read(path: Path) -> Mapping[ProfileName, Refusal]:
    try:
        known = profiles.read(path, Path(os.devnull))
    except ConfigError:
        # The reader of the configuration reports this error.
        return {}
    hidden = {name: profile.hides_keys for name, profile in known.profiles.items()}
    return {
        ProfileName(name): _refusal(path, known, known.profiles[name], kind) for name, kind in hidden.items() if kind
    }


def _refusal(path: Path, known: AwsProfiles, profile: AwsProfile, kind: Kind) -> Refusal:
    is_default = profile.name == DEFAULT_PROFILE
    what = "The default profile" if is_default else f"Profile {profile.name}"
    prefer = "prefers" if kind is Kind.PROCESS else "prefer"
    free = header("profile", known.free_name("own-default" if is_default else profile.name))
    return Refusal(
        profile=profile.name,
        sentence=f"{what} has {kind.value} settings ({path}, line {profile.line}), "
        f"which {tools_that_ignore(kind)} {prefer} to keys in the credentials file.",
        hint=f"Rename it there to [{free}], or remove those settings.",
    )
