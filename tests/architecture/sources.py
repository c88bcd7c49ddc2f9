"""The project's Python sources.

What several tests ask of one is found once in a process: text, prose, names. Of trees only the last one is kept: those of
all sources take 200 MiB, and seconds to make again. So what tests find in trees is found together (`found_in`).
"""

from __future__ import annotations

import ast
import functools
import io
import sys
import tokenize
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

ROOT = Path(__file__).parents[2]
PRODUCT = ROOT / "traycreds"
TESTS = ROOT / "tests"
SOURCES = sorted(
    path for folder in (PRODUCT, ROOT / "packaging", TESTS, ROOT / "tools") for path in folder.rglob("*.py")
)
MODULES = [path for path in SOURCES if path.is_relative_to(PRODUCT)]
TEST_FILES = [path for path in SOURCES if path.is_relative_to(TESTS)]
Found = TypeVar("Found")
_searches: list[tuple[Callable[[str], object], Callable[[], frozenset[str]], dict[str, object]]] = []


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def found_in(paths: Sequence[Path]) -> Callable[[Callable[[str], Found]], Callable[[str], Found]]:
    """Have what is searched in each of these sources be found once, with all else that is, while its tree is there."""

    def once(search: Callable[[str], Found]) -> Callable[[str], Found]:
        found: dict[str, Found] = {}
        _searches.append((search, functools.cache(lambda: frozenset(map(text_of, paths))), found))

        @functools.wraps(search)
        def find(source: str) -> Found:
            if source not in found:
                found[source] = search(source)
                for other, its_texts, its_found in _searches:
                    if source not in its_found and source in its_texts():
                        its_found[source] = other(source)
            return found[source]

        return find

    return once


@functools.lru_cache(maxsize=1)
def tree_of(source: str) -> ast.Module:
    return ast.parse(source)


@functools.lru_cache(maxsize=1)
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """All nodes of a source, in the order of `ast.walk`."""
    return tuple(ast.walk(tree_of(source)))


class Tokens(NamedTuple):
    """The comments of a source, those behind code, and its names."""

    comments: tuple[str, ...]
    trailing: tuple[tuple[int, str], ...]
    """Each with its line number."""
    names: frozenset[str]


@functools.cache
def tokens_of(source: str) -> Tokens:
    comments, trailing, names = [], [], set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            comments.append(token.string)
            if token.line[: token.start[1]].strip():
                trailing.append((token.start[0], token.string))
        elif token.type == tokenize.NAME:
            # Most names are in many sources, so one copy of each saves memory.
            names.add(sys.intern(token.string))
    return Tokens(tuple(comments), tuple(trailing), frozenset(names))


@found_in(MODULES)
def docstring_of(source: str) -> str:
    """That of the module."""
    return ast.get_docstring(tree_of(source)) or ""


@found_in(SOURCES)
def prose_of(source: str) -> str:
    """The docstrings and comments of a source: what people read."""
    strings = [
        node.value.value
        for node in nodes_of(source)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    return "\n".join([*strings, *tokens_of(source).comments])
