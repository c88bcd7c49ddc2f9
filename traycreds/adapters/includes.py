"""Owns what `include` in our configuration may name: files of the team, and addresses with the hash of what they give.

Reads no file and asks no network.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traycreds.adapters.configschema import nearest
from traycreds.adapters.configvalues import Fault, check_path

KEY = "include"

_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_EXAMPLE = '{ url = "https://...", sha256 = "..." }'


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that `include` names.

    Attributes:
        key: the whole path, or the address.
        pin: the SHA-256 that what the address gives must have, in lower case; None for a file.
    """

    key: str
    pin: str | None = None

    @property
    def label(self) -> str:
        """What messages call it; of an address without its query, which may hold a token."""
        return self.key if self.pin is None else self.key.partition("?")[0]

    @property
    def name(self) -> str:
        """Its last part, for where there is little room."""
        return re.split(r"[/\\]", self.label.rstrip("/\\"))[-1]


def sources_of(document: Mapping[str, Any], folder: Path) -> tuple[tuple[Source, ...], tuple[Fault, ...]]:
    """What the `include` of our configuration names, and what is wrong with it; the faults follow the key's name.

    Args:
        document: the configuration.
        folder: where it lies; relative paths start there.
    """
    value = document.get(KEY, [])
    if not isinstance(value, list):
        return (), (Fault("is no list", f'Write {KEY} = ["team.toml"].'),)
    sources: dict[str, Source] = {}
    faults = []
    for entry in value:
        try:
            source = _source(entry, folder)
        except Fault as fault:
            faults.append(fault)
            continue
        if source.key in sources:
            faults.append(Fault(f"names {source.label} twice", "Take one of them out."))
        sources[source.key] = source
    return tuple(sources.values()), tuple(faults)


def _source(entry: Any, folder: Path) -> Source:
    if isinstance(entry, str) and entry:
        if "://" in entry:
            raise Fault(f"names the address {entry.partition('?')[0]} without its hash", f"Write {_EXAMPLE}.")
        check_path(entry)
        try:
            return Source(os.path.normpath(folder / Path(entry).expanduser()))
        except RuntimeError as error:  # no such home
            raise Fault(f"names {entry!r}, a home folder that is not known", "Write the whole path.") from error
    if not isinstance(entry, dict):
        raise Fault("has an entry that is neither a path nor a table", f'Write "team.toml", or {_EXAMPLE}.')
    for key in entry:
        if key not in {"url", "sha256"}:
            meant = nearest(key, ("url", "sha256"))
            raise Fault(
                f"has an entry with {key}, which is no known key", f"Did you mean {meant}?" if meant else _EXAMPLE
            )
    return Source(_url(entry.get("url")), _pin(entry.get("sha256")))


def _url(value: Any) -> str:
    from urllib.parse import urlsplit  # noqa: PLC0415 - most include no address

    hint = f"Write {_EXAMPLE}."
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Fault("has an entry whose url is no address", hint) from None
    if parts.scheme != "https" or not host or not value.isascii() or not value.isprintable() or " " in value:
        raise Fault("has an entry whose url is no https address", hint)
    if parts.username is not None or parts.fragment:
        raise Fault(
            f"has an entry for {host} with a user, a password or a #fragment in its url", "Leave it out; use a file."
        )
    return str(value)


def _pin(value: Any) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise Fault(
            "has an entry whose sha256 is missing or not 64 hexadecimal digits",
            "Write what `sha256sum` says of the file that you have looked at.",
        )
    return value.lower()
