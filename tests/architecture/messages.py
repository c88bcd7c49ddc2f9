"""Every message that a person can meet, as the code has it, in one text: python -m tests.architecture.messages --write.

A message is a text of the code of two words or more, or of one with a value, that is not a docstring, a pattern, or a type.
Values are in it as the code calls them. The log's lines are among them; the simulator's texts, which no user sees, are not.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.sources import PRODUCT, name_of, text_of, tree_of

CATALOGUE = Path(__file__).with_name("messages.txt")
NOT_MET = ("sim",)
"""Packages whose texts nobody meets."""
_WORD = re.compile(r"[A-Za-z][a-z']+")
_OF_ONE_WORD = re.compile(r"[A-Z][a-z]+:? ")
"""Such as "Quit {product}" and "Accepted: {names}"."""
_VALUE = re.compile(r"\{[^{}]*\}")
_CODE = re.compile(r"\\[dswbSWZ(\[]|\(\?|^<|^#(?! )|\btk::|\w\[[\[A-Za-z]|^[\w.]+(?: \| [\w.]+)+$|;\n|\{\n|\nfunction ")
"""Patterns, pages, types and scripts, once the values are out."""


def catalogue() -> str:
    """All messages, by module and in the order of its lines."""
    parts = []
    for path in sorted(PRODUCT.rglob("*.py")):
        if path.relative_to(PRODUCT).parts[0] in NOT_MET:
            continue
        found = list(dict.fromkeys(messages(tree_of(text_of(path)))))
        if found:
            parts.append("\n".join([f"## {name_of(path)}", *(_one_line(message) for message in found)]) + "\n")
    return "\n".join(parts)


def messages(tree: ast.AST) -> Iterator[str]:
    """The messages of a module."""
    statements = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    docstrings = {id(value) for value in statements if isinstance(value, ast.Constant)}
    yield from (text for text in _texts(tree, docstrings) if is_message(text))


def is_message(text: str) -> bool:
    """Whether a text is one that a person reads, and not a name, a pattern or a page."""
    words = _VALUE.sub("", text)
    enough = len(_WORD.findall(words)) > 1 or (words != text and _OF_ONE_WORD.match(text))
    return " " in text.strip() and bool(enough) and not _CODE.search(words)


def _texts(node: ast.AST, docstrings: set[int]) -> Iterator[str]:
    if id(node) in docstrings:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(_part(value) for value in node.values)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child, docstrings)


def _part(value: ast.expr) -> str:
    return f"{{{ast.unparse(value.value)}}}" if isinstance(value, ast.FormattedValue) else value.value


def _one_line(message: str) -> str:
    return message.replace("\n", "\\n")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("python -m tests.architecture.messages --write")
    CATALOGUE.write_text(catalogue(), encoding="utf-8")
