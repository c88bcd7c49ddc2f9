"""Every remedy that the code gives: each text that stands where a hint does, or tells a person to do something.

The help, the menu, questions, titles, labels of buttons and the log are apart: they are about no trouble. So is the
simulator, which no user sees.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.messages import NOT_MET
from tests.architecture.sources import MODULES, PRODUCT, text_of, tree_of

APART = (*NOT_MET, "cli/help/", "cli/parser.py", "cli/parsers/", "ui/menu/", "ui/icon/", "ui/picker/window.py",
         "app/demo/")  # fmt: skip
_NAMED = re.compile(r"(?:hint|remedy|otherwise|HINT|REMEDY|HOW)s?$")
_TAKES_ONE = re.compile(r"(?:Error|Refusal|FileNote|ErrorText|ValueFault|WrongValue)$")
"""Calls whose last argument by place is a hint, where there are two or more."""
_NO_HINT = re.compile(r"\] $| - traycreds$")
"""How a question ends, with what Enter answers in brackets, and the title of a window."""
_TAKES_NONE = re.compile(r"\b(?:OS|Permission|Timeout|FileNotFound|Limit|ProfileText|DBus)Error$|(?:^|\.)_log\.\w+$")
_LABELS = re.compile(r"(?:TITLE|TEXT)$")
"""Names of what a window shows."""
_SECOND = {"ConfigError": 1, "Problem": 2, "IssueError": 2}
"""Where it is the one at this place."""
_DOES = re.compile(
    r"(?:Accept|Add|Allow|Ask|Begin|Check|Choose|Close|Correct|Create|Delete|Did you mean|End|Fill|Find|Finish|Free|Give"
    r"|Have|Install|Keep|Leave|Let|Look|Make|Mount|Move|Name|Put|Quit|Read|Refresh|Remove|Rename|Renew|Restart|Resume"
    r"|Run|Save|See|Set|Sign|Start|Stop|Take|Try|Turn|Type|Undo|Unlock|Use|Wait|Write)\b[^?-]"
)


def remedies() -> dict[str, list[str]]:
    """The remedies of each module, in the order of its lines."""
    found = {}
    for path in MODULES:
        name = path.relative_to(PRODUCT).as_posix()
        if not name.startswith(APART) and (own := list(dict.fromkeys(remedies_of(tree_of(text_of(path)))))):
            found[name] = own
    return found


def remedies_of(tree: ast.AST) -> Iterator[str]:
    """Those of one module."""
    nodes = list(ast.walk(tree))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    apart = {id(each) for node in nodes if isinstance(node, ast.Call) for each in _no_hints(node)}
    apart |= {id(node.value) for node in nodes if isinstance(node, ast.Assign) and _is_label(node)}
    hints = {id(text) for node in nodes for place in _places(node) for text, _ in _texts(place)}
    for node, text in _texts(tree):
        is_one = id(node) in hints or any(_DOES.match(one) for one in re.split(r"(?<=[.;:?]) ", text.strip()))
        if is_one and id(node) not in docstrings | apart and re.search(r"\S \S", text) and not _NO_HINT.search(text):
            yield text


def seen_in(remedy: str, texts: list[str]) -> bool:
    """Whether the words of a remedy are in one of these texts, or one that is not too short is how they begin.

    One with a full stop is another remedy that begins alike.
    """
    words = _words(remedy)
    beginnings = (text for text in texts if len(text) >= _ENOUGH and not text.endswith("."))
    return any(words in text for text in texts) or any(words.startswith(text.rstrip()) for text in beginnings)


_ENOUGH = 12


def texts_of(tree: ast.AST) -> list[str]:
    """All texts of a module but its docstrings."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [text for node, text in _texts(tree) if id(node) not in docstrings]


def _words(remedy: str) -> str:
    """The longest part of it that no value is in."""
    return max(re.split(r"\{[^{}]*\}", remedy), key=len).strip(" .;:")


def _no_hints(call: ast.Call) -> Iterator[ast.expr]:
    """What a call takes that is in the log, above a text, or on a button."""
    name = ast.unparse(call.func)
    yield from call.args if name.startswith("_log.") else call.args[:1] if name in {"Button", "notice_title"} else ()
    yield from (each.value for each in call.keywords if each.arg == "title")


def _is_label(node: ast.Assign) -> bool:
    return _LABELS.search(ast.unparse(node.targets[0])) is not None


def _places(node: ast.AST) -> Iterator[ast.expr]:
    """Where hints are in a call, an assignment or what a function gives."""
    if isinstance(node, ast.Call):
        yield from (each.value for each in node.keywords if each.arg and _NAMED.search(each.arg))
        name = ast.unparse(node.func)
        if _TAKES_ONE.search(name) and not _TAKES_NONE.search(name) and len(node.args) > 1:
            at = _SECOND.get(name.rpartition(".")[2], -1)
            yield node.args[at if at < len(node.args) else -1]
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name) and _NAMED.search(target.id):
                yield node.value
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = zip(target.elts, node.value.elts, strict=False)
                yield from (value for name, value in pairs if isinstance(name, ast.Name) and _NAMED.search(name.id))
    elif isinstance(node, ast.FunctionDef) and _NAMED.search(node.name):
        yield from (each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value)


def _texts(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node, node.value
    elif isinstance(node, ast.JoinedStr):
        parts = (
            part.value if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}" for part in node.values
        )
        yield node, "".join(parts)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)
