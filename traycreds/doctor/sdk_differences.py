"""Lines of an AWS file that other SDKs read differently from botocore; names no value.

Measured: docs/aws-behaviour.md#differences-between-sdks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from traycreds.awsfiles.ini import IniSection, IniText
from traycreds.awsfiles.profiles import PROFILE_PREFIX, section_name
from traycreds.awsfiles.section_headers import header_remedy
from traycreds.core.model import DEFAULT_PROFILE
from traycreds.core.names import SAFE_NAME

Note = tuple[int, str, str]
"""Line from 1, what is read differently, remedy."""

_COMMENT_IN_VALUE = re.compile(r"\s[#;]")


def notes(ini: IniText, *, config: bool, encoding: str = "utf-8") -> tuple[Note, ...]:
    """What other SDKs read differently, by line; `config`: headers begin with "profile ". They read UTF-8."""
    found: list[Note] = []
    if any(line.endswith("\r") for line in ini.lines):
        what = (
            "the file has lines that end with CR alone, which the SDKs for JavaScript, Go, Rust and Ruby cannot split"
        )
        found.append((1, what, "Save it with LF or CRLF line ends."))
    if ini.defaults.rows:
        row = min(ini.defaults.rows.values())
        what = "every profile inherits the keys of [DEFAULT] for AWS tools in Python, but for no other SDK"
        found.append((row + 1, what, "Write them into the profiles that need them."))
    for name, section in ini.sections.items():
        found += _header(ini.lines[section.row], section.row + 1, name, config=config)
        for key, row in section.rows.items():
            found += _key(ini.lines[row], row + 1, key, section.values[key])
            if encoding != "utf-8" and not section.values[key].isascii():
                what = f"AWS tools in Python read the letters in {key} as {encoding.upper()} here, others as UTF-8"
                found.append((row + 1, what, "Use only ASCII letters."))
        found += [*_swallowed(ini, section), *_nested(ini, section)]
    return tuple(sorted(found, key=lambda note: note[0]))


def _header(line: str, number: int, name: str, *, config: bool) -> Iterator[Note]:
    after = line.rstrip()[line.rstrip().rindex("]") + 1 :]
    if after and not _COMMENT_IN_VALUE.match(after):
        what = "there is text right after the ], so the SDKs for JavaScript and others lose the profile"
        yield number, what, "Move it to its own line."
    kind, bare = section_name(name) if config else ("profile", name)
    # The check of the profiles reports a misplaced section.
    if not kind or (not config and name.startswith(PROFILE_PREFIX)):
        return
    if name != name.strip() and config:
        yield number, f"spaces in [{name}] make botocore or another SDK lose the profile", "Remove them."
    elif name != name.strip():
        yield number, f"botocore reads the spaces in [{name}] as part of the name, others do not", "Remove them."
    elif bare == "__proto__":
        yield number, "the SDK for JavaScript reads nothing of a file with a profile of this name", "Rename it."
    elif not SAFE_NAME.fullmatch(bare):
        what = f"the name [{name}] has characters that make some SDKs lose the profile"
        yield number, what, "Use letters, digits and _-/.%@:+ only."
    elif config and name not in {DEFAULT_PROFILE, *(f"{kind} {quote}{bare}{quote}" for quote in ("", "'", '"'))}:
        yield number, f"only AWS tools in Python read [{name}] as the {kind} {bare}", header_remedy(name)


def _key(line: str, number: int, key: str, value: str) -> Iterator[Note]:
    written = re.split(r"[=:]", line, maxsplit=1)[0].strip()
    if written != key:
        yield number, f"the key {written} has capital letters, and some SDKs are case-sensitive", f"Write {key}."
    # Do not show the key, as a line that went wrong may hold a secret.
    if not SAFE_NAME.fullmatch(key):
        what = "the key has spaces or other characters that make some SDKs ignore it"
        yield number, what, "Use letters, digits and _- only."
    if line[: len(line) - len(line.lstrip())]:
        what = f"the key {key} is indented, so Ruby loses it, and the SDKs for Rust, C and C++ read nothing of the file"
        yield number, what, "Begin it in column 1."
    if line.lstrip()[len(written) :].lstrip().startswith(":"):
        what = f"the key {key} ends with a colon, which JavaScript and Ruby do not read and Rust refuses"
        yield number, what, f"Write {key} = ..."
    first = value.split("\n", 1)[0]
    if _COMMENT_IN_VALUE.search(first):
        what = f"a # or ; follows the value of {key}: botocore keeps it in the value, others cut it off"
        yield number, what, "Move the comment to its own line."
    if len(first) > 1 and first[0] == first[-1] and first[0] in "\"'":
        yield number, f"the value of {key} is in quotes, which only Go removes", "Remove the quotes."


def _swallowed(ini: IniText, section: IniSection) -> Iterator[Note]:
    """Indented lines that look like keys but continue the value above."""
    for key, rows in section.more.items():
        # A nested block is meant to be indented.
        if section.values[key].startswith("\n"):
            continue
        for row in rows:
            if "=" in ini.lines[row] or ini.lines[row].lstrip().startswith("["):
                what = f"botocore reads this indented line as part of the value of {key}, others as a new line"
                yield row + 1, what, "Begin it in column 1."


def _nested(ini: IniText, section: IniSection) -> Iterator[Note]:
    for key, rows in section.more.items():
        for row in rows:
            if section.values[key].startswith("\n") and ini.lines[row].lstrip().startswith("="):
                what = f"a line of the block under {key} has no key, so the SDK for Rust reads nothing of the file"
                yield row + 1, what, "Write key = value, or remove it."
