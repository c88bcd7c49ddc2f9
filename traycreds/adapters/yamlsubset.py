"""Owns reading the part of YAML in which programs write lists of accounts: mappings, sequences, plain and quoted text.

All scalars are texts. What is beyond (anchors, flow style, blocks of text, tags, several documents) is refused with its
line rather than guessed; so no YAML library is needed for one file of somebody else's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

Node: TypeAlias = "str | list[Node] | dict[str, Node]"

_KEY = re.compile(r"""("[^"\\]*"|'(?:[^']|'')*'|[^\s"'#&*!|>%@`{\[,?:-][^#:]*?|-[^\s#:][^#:]*?)\s*:(?:\s+|$)""")
_PLAIN = re.compile(r"(?:[^\s\"'#&*!|>%@`{\[\]},?:-]|[?:-](?=\S)).*")
_COMMENT = re.compile(r"\s+#.*$")
_BEYOND = "a form of YAML that is not read here"


class YamlError(ValueError):
    """The text is none of this part of YAML.

    Attributes:
        line: from 1.
        cause: a clause without a full stop.
    """

    def __init__(self, line: int, cause: str = _BEYOND) -> None:
        super().__init__(f"line {line}: {cause}")
        self.line = line
        self.cause = cause


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    indent: int
    content: str


def parse(text: str) -> Node:
    """The value of a document; an empty one is an empty mapping.

    Raises:
        YamlError: with the line.
    """
    lines: list[_Line] = []
    begun = False
    for number, raw in enumerate(text.splitlines(), start=1):
        content = raw.strip()
        if not content or content.startswith("#"):
            continue
        if content == "---":
            if begun or lines:
                raise YamlError(number, "a second document")
            begun = True
            continue
        indent = len(raw) - len(raw.lstrip(" "))
        if raw[indent] == "\t":
            raise YamlError(number, "a tab where only blanks may indent")
        lines.append(_Line(number, indent, content))
    if not lines:
        return {}
    reading = _Reading(lines)
    value = reading.node(lines[0].indent)
    if reading.at < len(lines):
        raise YamlError(lines[reading.at].number, "an indentation that fits nothing above it")
    return value


class _Reading:
    """One reading of the lines of a document, from top to bottom."""

    def __init__(self, lines: list[_Line]) -> None:
        self._lines = lines
        self.at = 0

    def node(self, indent: int) -> Node:
        """The value that begins at the present line, in that column."""
        line = self._lines[self.at]
        if _is_item(line.content):
            return self._sequence(indent)
        if _KEY.match(line.content):
            return self._mapping(indent)
        self.at += 1
        return _value(line.content, line.number)

    def _here(self, indent: int) -> _Line | None:
        """The present line if it stands in that column."""
        line = self._lines[self.at] if self.at < len(self._lines) else None
        return line if line is not None and line.indent == indent else None

    def _sequence(self, indent: int) -> Node:
        items: list[Node] = []
        while (line := self._here(indent)) is not None and _is_item(line.content):
            rest = line.content[1:].lstrip()
            if not rest or rest.startswith("#"):
                self.at += 1
                items.append(self._below(indent + 1))
            else:  # what follows the dash stands in a column of its own
                self._lines[self.at] = _Line(line.number, indent + len(line.content) - len(rest), rest)
                items.append(self.node(self._lines[self.at].indent))
        return items

    def _mapping(self, indent: int) -> Node:
        values: dict[str, Node] = {}
        while (line := self._here(indent)) is not None and not _is_item(line.content):
            match = _KEY.match(line.content)
            if match is None:
                raise YamlError(line.number)
            key = _scalar(match[1], line.number)
            if key in values:
                raise YamlError(line.number, f"the key {key} a second time")
            rest = line.content[match.end() :].strip()
            self.at += 1
            if not rest or rest.startswith("#"):
                item = self._here(indent)  # a list may stand in the column of its key
                values[key] = self._sequence(indent) if item and _is_item(item.content) else self._below(indent + 1)
            else:
                values[key] = _value(rest, line.number)
        return values

    def _below(self, least: int) -> Node:
        """The value that begins on a line of its own, at least so deep; nothing there is an empty text."""
        if self.at < len(self._lines) and self._lines[self.at].indent >= least:
            return self.node(self._lines[self.at].indent)
        return ""


def _is_item(content: str) -> bool:
    return content == "-" or content.startswith("- ")


def _value(text: str, number: int) -> Node:
    """A value that stands on one line; of the flow style only what is empty, since programs write that so."""
    plain = _COMMENT.sub("", text)
    return [] if plain == "[]" else {} if plain == "{}" else _scalar(text, number)


def _scalar(text: str, number: int) -> str:
    if text[0] in "\"'":
        quote = text[0]
        pattern = r'"([^"\\]*)"' if quote == '"' else r"'((?:[^']|'')*)'"
        match = re.fullmatch(rf"{pattern}(?:\s+#.*)?", text)
        if match is None:
            raise YamlError(number)
        return match[1].replace("''", "'") if quote == "'" else match[1]
    plain = _COMMENT.sub("", text)
    if not _PLAIN.fullmatch(plain) or re.search(r":(?:\s|$)", plain):
        raise YamlError(number)
    return plain
