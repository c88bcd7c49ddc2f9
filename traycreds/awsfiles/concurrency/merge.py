"""Merges a program's write to an old copy of the credentials file with the present file. Pure.

Our sections come from the file, the rest from both. Where both changed one section, the caller gets a conflict.
"""

from __future__ import annotations

from collections.abc import Mapping

from traycreds.awsfiles import ini_edit, ownership
from traycreds.awsfiles.ini import IniText
from traycreds.core.value_class import field, value_class

COMMENTS = "the comments"


@value_class
class Merge:
    """The merged text, secret; `conflicts` are profiles, or "the comments", of which the file's version stays."""

    text: IniText = field(repr=False)
    conflicts: tuple[str, ...] = ()


@value_class
class _Foreign:
    """What is not ours: sections, keys `added` to our sections, and the `rest`: comments and `[DEFAULT]`."""

    blocks: dict[str, str]
    added: dict[str, dict[str, str]]
    rest: tuple[str, ...]


def merged(base: IniText, current: IniText, late: IniText) -> Merge:
    """What the file should hold: `late`, a program's version of `base`, brought into `current`.

    If nobody else changed the file, that is `late` with our current sections; otherwise `current` with each section
    that `late` changed. Raises ProfileTextError: no safe change.
    """
    was, now, then = _foreign(base), _foreign(current), _foreign(late)
    if then in (was, now):
        return Merge(current)
    if now == was:
        return Merge(_with_ours(late, base, current))
    conflicts: list[str] = []
    blocks: dict[str, str | None] = {}
    for name in dict.fromkeys([*then.blocks, *was.blocks]):
        block = then.blocks.get(name)
        if block in (was.blocks.get(name), now.blocks.get(name)):
            continue
        here = now.blocks.get(name)
        if here != was.blocks.get(name) or (name in current.sections and here is None):
            conflicts.append(name)
        else:
            blocks[name] = block
    text = put(current, blocks)
    for name, keys in then.added.items():
        if keys in (was.added.get(name), now.added.get(name)):
            continue
        if now.added.get(name) == was.added.get(name) and ownership.is_ours(current.own().get(name)):
            text = ini_edit.change(text, sets={name: keys})
        else:
            conflicts.append(name)
    if then.rest not in (was.rest, now.rest):
        conflicts.append(COMMENTS)
    return Merge(text, tuple(dict.fromkeys(conflicts)))


def _foreign(text: IniText) -> _Foreign:
    ours = {name for name, own in text.own().items() if ownership.is_ours(own)}
    outside = set(range(len(text.lines)))
    for section in text.sections.values():
        outside -= set(range(section.row, section.last_row + 1))
    return _Foreign(
        blocks={name: ini_edit.block(text, name).rstrip("\r\n") for name in text.sections if name not in ours},
        added={name: added for name in ours if (added := _added(text.own()[name]))},
        rest=tuple(line.rstrip("\r\n") for row, line in enumerate(text.lines) if row in outside and line.strip()),
    )


def _added(own: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in own.items() if key not in ownership.OUR_KEYS + ownership.LEFTOVER_KEYS}


def _with_ours(late: IniText, base: IniText, current: IniText) -> IniText:
    """The late text with our sections as they are now; one that it took for its own stays as it has it."""
    now, then = current.own(), late.own()
    sets = {}
    for name, own in now.items():
        if not ownership.is_ours(own) or (then.get(name) and not ownership.is_ours(then[name])):
            continue
        sets[name] = {key: own[key] for key in ownership.OUR_KEYS if key in own} if name in then else own
    gone = [name for name, own in base.own().items() if ownership.is_ours(own) and name not in now]
    return ini_edit.change(late, sets=sets, removes=[name for name in gone if ownership.is_ours(then.get(name))])


def put(text: IniText, blocks: Mapping[str, str | None]) -> IniText:
    """Set, add or (None) remove whole sections. Raises ProfileTextError: the rest would change."""
    if not blocks:
        return text
    return ini_edit.put_blocks(text, {name: _ended(text, name, block) for name, block in blocks.items()})


def _ended(text: IniText, name: str, block: str | None) -> str | None:
    """The lines with the section's line ends: blocks are compared without their last one."""
    if block is None or name not in text.sections:
        return block
    before = ini_edit.block(text, name)
    return block + before[len(before.rstrip("\r\n")) :]
