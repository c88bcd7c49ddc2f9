"""Says when settings in ~/.aws/config make AWS tools ignore `default` of the credentials file. Reads only."""

from __future__ import annotations

import os
from pathlib import Path

from traycreds.awsfiles import profiles
from traycreds.awsfiles.profiles import ROLE_KINDS, Kind
from traycreds.core.errors import ConfigError
from traycreds.core.model import DEFAULT_PROFILE, Refusal
from traycreds.files import contents

_HIDING = ROLE_KINDS | {Kind.PROCESS}
"""Kinds that win over keys in the credentials file; a process does so only in the SDK for Java v2."""


class HiddenDefault:
    """The default profile of ~/.aws/config; for one thread at a time, except `changed`."""

    def __init__(self, path: Path | None) -> None:
        """Read nothing yet; `path` is ~/.aws/config, which may be missing, or None."""
        self._path = path
        self._seen: tuple[contents.Stamp | None] | None = None
        self._refusal: Refusal | None = None

    def changed(self) -> bool:
        """Whether the file differs from what was read last; never raises."""
        return self._path is not None and self._seen is not None and self._seen != (contents.stamp(self._path),)

    def refusal(self) -> Refusal | None:
        """Why a session in `default` would be ignored, and the way out; None if it would not."""
        if self._path is None:
            return None
        stamp = (contents.stamp(self._path),)
        if stamp != self._seen:
            self._refusal = _read(self._path)
            self._seen = stamp
        return self._refusal


def _read(path: Path) -> Refusal | None:
    try:
        known = profiles.read(path, Path(os.devnull))
    except ConfigError:  # the reader of the configuration reports it
        return None
    default = known.profiles.get(DEFAULT_PROFILE)
    if default is None or default.kind not in _HIDING:
        return None
    tools = "the SDK for Java prefers" if default.kind is Kind.PROCESS else "AWS tools prefer"
    return Refusal(
        profile=DEFAULT_PROFILE,
        sentence=f"The default profile has {default.kind.value} settings ({path}, line {default.line}), "
        f"which {tools} to keys in the credentials file.",
        hint=f"Rename it there to [profile {known.free_name('own-default')}], or remove those settings.",
    )
