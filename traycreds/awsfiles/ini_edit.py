"""Sets, removes or renames a profile in the text of a credentials file and leaves every other byte unchanged.

Never touches a file or decides whose a profile is, and never returns a text that changes anything else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from configparser import RawConfigParser

from traycreds.awsfiles.ini import DEFAULT_SECTION, IniSection, IniText, ProfileTextError
from traycreds.core.names import SAFE_NAME

_KEY = r"[a-z][a-z0-9_]*"
_VALUE = r"[!-~](?:[ -~]*[!-~])?"
_UNSAFE_NAMES = frozenset({DEFAULT_SECTION, "__proto__"})
"""RawConfigParser lends the first one to all others; the second empties the whole file for the JS SDK."""
_CUT_BY_OTHERS = (" #", " ;")
"""Where other SDKs, but not botocore, begin a comment in a value."""
_SESSION_TOKEN, _OLD_SESSION_TOKEN = "aws_session_token", "aws_security_token"
"""botocore reads the old name first, so a leftover would win over a new token."""
# Up to this many characters (some 80 profiles) RawConfigParser itself reads each result as well. Of a longer one, it
# reads the sections that changed, each with the one before it, which a wrong line would be read into.
WHOLE = 50_000


def parse(text: str) -> dict[str, dict[str, str]]:
    """All sections as botocore reads them (a nested block is raw text). Raises ProfileTextError with line and cause."""
    return IniText(text).effective()


def edit(text: str, *, sets: Mapping[str, Mapping[str, str]], removes: Collection[str] = ()) -> str:
    """Set and remove any number of profiles in one pass; see `change`."""
    return change(IniText(text), sets=sets, removes=removes).text


def check(name: str, values: Mapping[str, str]) -> None:
    """Refuse a name, key or value that AWS SDKs read differently. Raises ProfileTextError, without the value."""
    if not SAFE_NAME.fullmatch(name) or name in _UNSAFE_NAMES:
        raise ProfileTextError(f"the profile name {name!r} is not read the same way by all AWS tools")
    for option, value in values.items():
        if not re.fullmatch(_KEY, option):
            raise ProfileTextError(f"the key {option!r} is not read the same way by all AWS tools")
        # The AWS SDK for Go strips quotes.
        quoted = value[:1] in ("'", '"') or value[-1:] in ("'", '"')
        if not re.fullmatch(_VALUE, value) or quoted or any(sign in f" {value}" for sign in _CUT_BY_OTHERS):
            raise ProfileTextError(f"the value of {option} is not read the same way by all AWS tools")


def change(
    old: IniText, *, sets: Mapping[str, Mapping[str, str]], removes: Collection[str] = (), kind: str = ""
) -> IniText:
    """Set keys of some profiles and remove others, all at once.

    A key that exists keeps its place and indentation; new keys follow the profile's last key; new profiles go to the
    end. A stale `aws_security_token` follows `aws_session_token`. To remove what is missing is fine; setting wins
    over removing. Names are header texts: those of ~/.aws/config begin with their `kind`, "profile ".

    Raises ProfileTextError: SDKs would disagree on a name or value, or the result is not exactly old content plus
    change.
    """
    lines = list(old.lines)
    gone = {name for name in removes if name in old.sections and name not in sets}
    for name in gone:
        _take_out(lines, old, old.sections[name])
    expected = {name: values for name, values in old.own().items() if name not in gone}
    added: list[str] = []
    for name, given in sets.items():
        check(name.removeprefix(kind), given)
        before = expected.get(name, {})
        values = _with_old_token(given, old.defaults.values | before)
        expected[name] = before | values
        if name in old.sections:
            _put_in(lines, old, old.sections[name], values)
        else:
            added.append(name)
    text = "".join(lines)
    end = _last_ending(old.lines)
    for name in added:
        text += _gap(text, end) + f"[{name}]{end}" + _key_lines("", expected[name].items(), end)
    return _verified(old, text, expected)


def rename(old: IniText, name: str, new_name: str, *, without: Collection[str] = ()) -> IniText:
    """Rename a profile, without the keys `without`; nothing else on its header line changes.

    Raises ProfileTextError: no such profile, a bad new name, or other content would change.
    """
    if name not in old.sections:
        raise ProfileTextError(f"there is no profile [{name}]")
    if new_name in old.sections:
        raise ProfileTextError(f"there is already a profile [{new_name}]")
    check(new_name, {})
    section = old.sections[name]
    lines = list(old.lines)
    lines[section.row] = lines[section.row].replace(f"[{name}]", f"[{new_name}]", 1)
    for option in without:
        if option in section.values:
            for row in (section.rows[option], *section.more.get(option, ())):
                lines[row] = ""
    kept = {option: value for option, value in section.values.items() if option not in without}
    expected = {
        new_name if each == name else each: kept if each == name else values for each, values in old.own().items()
    }
    return _verified(old, "".join(lines), expected)


def block(text: IniText, name: str) -> str:
    """The lines of a profile as they are, from its header to its last key."""
    section = text.sections[name]
    return "".join(text.lines[section.row : section.last_row + 1])


def put_blocks(old: IniText, blocks: Mapping[str, str | None]) -> IniText:
    """Replace, add and remove whole profiles, given as lines that begin with their header, all at once.

    One check of the whole text serves all, because it takes as long as reading the file.

    Raises ProfileTextError: the result would not be exactly the old content with these profiles.
    """
    lines, expected = list(old.lines), {name: dict(values) for name, values in old.own().items()}
    added: dict[str, str] = {}
    for name, block_ in blocks.items():
        section = old.sections.get(name)
        if block_ is None:
            if section is not None:
                _take_out(lines, old, section)
                del expected[name]
            continue
        expected[name] = dict(IniText(block_).own().get(name, {}))
        if section is None:
            added[name] = block_
            continue
        follows = section.last_row + 1 < len(old.lines)
        end = _ending(old.lines[section.last_row]) if follows and not _ending(block_) else ""
        lines[section.row : section.last_row + 1] = [block_ + end, *[""] * (section.last_row - section.row)]
    text, end = "".join(lines), _last_ending(old.lines)
    for block_ in added.values():
        text += _gap(text, end) + block_
        text += "" if _ending(text) else end
    return _verified(old, text, expected)


def swap(old: IniText, name: str, gone: Collection[str], come: Mapping[str, str], kind: str = "") -> IniText:
    """Replace keys of a profile by others at the place of the first; no other line changes.

    `name` is the header's text.

    Raises ProfileTextError: no key to remove, SDKs would disagree on a name or value, or other content would change.
    """
    check(name.removeprefix(kind), come)
    section = old.sections[name]
    taken = [option for option in section.rows if option in gone]
    if not taken:
        raise ProfileTextError(f"the profile [{name}] has no such key", section.row + 1)
    lines = list(old.lines)
    for option in taken:
        for row in (section.rows[option], *section.more.get(option, ())):
            lines[row] = ""
    first = min(section.rows[option] for option in taken)
    line = old.lines[first]
    lines[first] = _key_lines(_indentation(line), come.items(), _ending(line) or _last_ending(old.lines))
    values = {option: value for option, value in section.values.items() if option not in taken} | dict(come)
    return _verified(old, "".join(lines), {**old.own(), name: values})


def _with_old_token(values: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
    if _SESSION_TOKEN in values and _OLD_SESSION_TOKEN in present:
        return {**values, _OLD_SESSION_TOKEN: values[_SESSION_TOKEN]}
    return dict(values)


def _put_in(lines: list[str], old: IniText, section: IniSection, values: Mapping[str, str]) -> None:
    new: list[tuple[str, str]] = []
    for option, value in values.items():
        if option not in section.rows:
            new.append((option, value))
            continue
        line = old.lines[section.rows[option]]
        lines[section.rows[option]] = _key_lines(
            _indentation(line), [(option, value)], _ending(line) or _last_ending(old.lines)
        )
        for row in section.more.get(option, ()):
            lines[row] = ""
    if new:
        # A header indented deeper than the key before it would become the rest of that key's value.
        indentation = _indentation(old.lines[section.end]) if section.end < len(old.lines) else ""
        row = section.last_row
        end = _ending(old.lines[row]) or _last_ending(old.lines)
        if lines[row] and not _ending(lines[row]):
            lines[row] += end
        lines[row] += _key_lines(indentation, new, end)


def _take_out(lines: list[str], old: IniText, section: IniSection) -> None:
    """Take out a section's lines and the blank line before it; comments stay, since they are the user's."""
    last = section.last_row
    for row in range(section.row, last + 1):
        if not lines[row].lstrip().startswith(("#", ";")):
            lines[row] = ""
    before, after = section.row - 1, last + 1
    if before >= 0 and not old.lines[before].strip() and (after == len(lines) or not old.lines[after].strip()):
        lines[before] = ""


def _verified(old: IniText, text: str, expected: Mapping[str, Mapping[str, str]]) -> IniText:
    result = IniText(text)
    own = result.own()
    same = own == expected and list(own) == list(expected) and result.defaults.values == old.defaults.values
    if not same or not _botocore_agrees(result, _near_changes(old, result) if len(text) > WHOLE else []):
        raise ProfileTextError("the change would also alter something else")
    return result


def _botocore_agrees(text: IniText, near: list[str]) -> bool:
    """Whether RawConfigParser reads these sections as we do; without any, or where a header is indented, the file."""
    if not near or not all(text.lines[text.sections[name].row].startswith("[") for name in near):
        return _as_botocore(text.lines) == text.effective()
    own = text.own()
    return _as_botocore(line for name in near for line in _rows(text, name)) == {name: own[name] for name in near}


def _near_changes(old: IniText, new: IniText) -> list[str]:
    # The sections whose lines changed and those before them, in the order of the file.
    near: dict[str, None] = {}
    before = None
    for name in new.sections:
        if name not in old.sections or _rows(new, name) != _rows(old, name):
            near.update(dict.fromkeys(each for each in (before, name) if each is not None))
        before = name
    return list(near)


def _rows(text: IniText, name: str) -> list[str]:
    section = text.sections[name]
    return text.lines[section.row : section.end]


def _as_botocore(lines: Iterable[str]) -> dict[str, dict[str, str]]:
    parser = RawConfigParser()
    # Each section would refer to itself and to the parser, and so stay until the next full garbage collection.
    parser.converters.clear()
    parser.read_file(line.rstrip("\r\n") + "\n" for line in lines)
    found = {name: dict(parser.items(name, raw=True)) for name in parser.sections()}
    for name in found:
        parser.remove_section(name)
    return found


def _gap(text: str, end: str) -> str:
    """What makes a blank line before a new section, which `_take_out` takes again."""
    return "" if not text else end if _ending(text) else end + end


def _key_lines(indentation: str, items: Iterable[tuple[str, str]], end: str) -> str:
    return "".join(f"{indentation}{option} = {value}{end}" for option, value in items)


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _ending(text: str) -> str:
    return "\r\n" if text.endswith("\r\n") else text[-1:] if text.endswith(("\n", "\r")) else ""


def _last_ending(lines: list[str]) -> str:
    return next((end for line in lines[:-3:-1] if (end := _ending(line))), "\n")
