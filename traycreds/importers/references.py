"""Finds lines in three files that name a profile as a source, and renames it there. Never changes other text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from traycreds.awsfiles.aws_file import encoding, read_sections, sections_of
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.config import loader
from traycreds.core.errors import ConfigError
from traycreds.core.value_class import value_class
from traycreds.files.rewrite import rewrite
from traycreds.state.paths import Paths

_KEY = "source_profile"
_TOML_KEYS = (_KEY, "from_profile")


@value_class(kw_only=True)
class Reference:
    """A line that names a profile: `key` of the section or table `holder`."""

    file: Path
    line: int
    key: str
    holder: str


def find(paths: Paths, profile: str) -> tuple[Reference, ...]:
    """All lines that name `profile` as a source, in both AWS files, our TOML and its includes. Raises ConfigError."""
    found = [
        Reference(file=path, line=section.lines[_KEY], key=_KEY, holder=f"[{section.name}]")
        for path in (paths.aws_config_file, paths.credentials_file)
        for section in read_sections(path)
        if section.values.get(_KEY) == profile
    ]
    text = loader.text_of(paths.config_file)
    if text is not None:
        found += _in_toml(paths.config_file, text, profile)
        for source, accepted in loader.included(paths, text).items():
            if accepted is not None:
                label = source.label
                found += _in_toml(Path(label), loader.decoded(label, accepted.data), profile)
    return tuple(found)


def redirect(paths: Paths, profile: str, new_name: str) -> None:
    """Make ~/.aws/config and our TOML name `new_name`; skip what cannot change safely. Raises ConfigError."""
    locks = paths.locks_dir
    if paths.aws_config_file.exists():
        rewrite(
            paths.aws_config_file,
            locks,
            lambda text: _redirected_ini(text or "", profile, new_name),
            encoding=encoding(),
        )
    if paths.config_file.exists():
        rewrite(
            paths.config_file,
            locks,
            lambda text: _redirected_toml(paths.config_file, text or "", profile, new_name),
        )


def _in_toml(path: Path, text: str, profile: str) -> list[Reference]:
    lines: Mapping[tuple[str, ...], int] | None = None
    found = []
    for name, table in _role_tables(loader.document(path, text)).items():
        for key in _TOML_KEYS:
            if isinstance(table, Mapping) and table.get(key) == profile:
                lines = lines or loader.line_numbers(text)
                line = lines[("roles", name, key)]
                found.append(Reference(file=path, line=line, key=key, holder=f"[roles.{name}]"))
    return found


def _role_tables(document: Mapping[str, Any]) -> dict[str, Any]:
    tables = document.get("roles")
    return tables if isinstance(tables, dict) else {}


def _redirected_ini(text: str, profile: str, new_name: str) -> str:
    try:
        ini = IniText(text)
        before, lines = sections_of(ini), list(ini.lines)
        for number in {section.lines[_KEY] for section in before if section.values.get(_KEY) == profile}:
            key, delimiter, value = re.split("([=:])", lines[number - 1], maxsplit=1)
            lines[number - 1] = key + delimiter + value.replace(profile, new_name, 1)
        result = "".join(lines)
        after = sections_of(IniText(result))
    except ProfileTextError:
        # The file has been damaged since `find` read it.
        return text
    expected = [
        dict(section.values) | ({_KEY: new_name} if section.values.get(_KEY) == profile else {}) for section in before
    ]
    same = [dict(section.values) for section in after] == expected
    return result if same and [each.name for each in after] == [each.name for each in before] else text


def _redirected_toml(path: Path, text: str, profile: str, new_name: str) -> str:
    expected = loader.document(path, text)
    found = _in_toml(path, text, profile)
    for table in _role_tables(expected).values():
        if isinstance(table, dict):
            table.update({key: new_name for key in _TOML_KEYS if table.get(key) == profile})
    quoted = f"(?:\"{re.escape(profile)}\"|'{re.escape(profile)}')"
    lines = text.split("\n")
    for reference in found:
        pattern = rf"(\b{reference.key}[\"']?\s*=\s*){quoted}"
        lines[reference.line - 1] = re.sub(
            pattern, lambda match: match[1] + json.dumps(new_name), lines[reference.line - 1]
        )
    result = "\n".join(lines)
    try:
        return result if loader.document(path, result) == expected else text
    except ConfigError:
        return text
