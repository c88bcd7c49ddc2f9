"""What `include` in our configuration may name: team files, and URLs with a hash. Reads no file or network."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from traycreds.config.values import ValueFault, check_path
from traycreds.core.lookup import did_you_mean
from traycreds.core.value_class import value_class

INCLUDE = "include"

_LINE = re.compile(rf"^[ \t]*[\"']?{INCLUDE}", re.MULTILINE)
"""How the line of the key begins; in the file that a user begins with it is a comment."""
_DIGEST = r"[0-9a-fA-F]{64}"
_EXAMPLE = '{ url = "https://...", sha256 = "..." }'


@value_class
class IncludedFile:
    """One entry of `include`: a full path, or a URL with the SHA-256 (`pin`, lower case) of its content."""

    key: str
    pin: str | None = None

    @property
    def label(self) -> str:
        """What messages call it; of an address without its query, which may hold a token."""
        return self.key if self.pin is None else self.key.partition("?")[0]

    @property
    def name(self) -> str:
        """Its last part, for narrow places."""
        return re.split(r"[/\\]", self.label.rstrip("/\\"))[-1]


def may_include(text: str) -> bool:
    """Whether a text may name files, by its lines; most name none, and need no parser."""
    return _LINE.search(text) is not None


def sources_of(document: Mapping[str, Any], folder: Path) -> tuple[tuple[IncludedFile, ...], tuple[ValueFault, ...]]:
    """What `include` names, relative to `folder`, and what is wrong with it; faults follow the key's name."""
    value = document.get(INCLUDE, [])
    if not isinstance(value, list):
        return (), (ValueFault("is not a list", f'Write {INCLUDE} = ["team.toml"].'),)
    sources: dict[str, IncludedFile] = {}
    faults = []
    for entry in value:
        try:
            source = _source(entry, folder)
        except ValueFault as fault:
            faults.append(fault)
            continue
        if source.key in sources:
            faults.append(ValueFault(f"names {source.label} twice", "Remove one of them."))
        sources[source.key] = source
    return tuple(sources.values()), tuple(faults)


def _source(entry: Any, folder: Path) -> IncludedFile:
    if isinstance(entry, str) and entry:
        if "://" in entry:
            raise ValueFault(f"names the address {entry.partition('?')[0]} without its hash", f"Write {_EXAMPLE}.")
        check_path(entry)
        try:
            return IncludedFile(os.path.normpath(folder / Path(entry).expanduser()))
        except RuntimeError as error:
            # No user of that name has a home folder.
            raise ValueFault(f"names {entry!r}, an unknown home folder", "Write the full path.") from error
    if not isinstance(entry, dict):
        raise ValueFault("has an entry that is neither a path nor a table", f'Write "team.toml", or {_EXAMPLE}.')
    for key in entry:
        if key not in {"url", "sha256"}:
            hint = did_you_mean(key, ("url", "sha256"), otherwise=_EXAMPLE)
            raise ValueFault(f"has an entry with {key}, which is an unknown key", hint)
    return IncludedFile(_url(entry.get("url")), _pin(entry.get("sha256")))


def _url(value: Any) -> str:
    hint = f"Write {_EXAMPLE}."
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueFault("has an entry whose url is not an address", hint) from None
    if parts.scheme != "https" or not host or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueFault("has an entry whose url is not an https address", hint)
    if parts.username is not None or parts.fragment:
        raise ValueFault(
            f"has an entry for {host} with a user, a password or a #fragment in its url", "Remove it, or use a file."
        )
    return str(value)


def _pin(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(_DIGEST, value):
        raise ValueFault(
            "has an entry whose sha256 is missing or not 64 hexadecimal digits",
            "Write what `sha256sum` prints for the file that you reviewed.",
        )
    return value.lower()
