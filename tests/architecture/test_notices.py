"""Each notice is made by what keeps it short, or is short as it stands."""

from __future__ import annotations

import ast
from pathlib import Path

import traycreds
from traycreds.core.text import BODY_WIDTH

FILES = sorted(Path(traycreds.__file__).parent.rglob("*.py"))
WHOLE = {"f'Configuration: {self._paths.config_file}\\nCredentials: {self._paths.credentials_file}'", "body"}
"""What the user asked to read, and what a function is given, whose callers have it."""


def bodies(tree):
    """What is given as the body of each notice, with what is assigned in its function and in the module."""
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if getattr(call.func, "id", "") == "Notify":
                yield from (
                    ([*ast.walk(function), *tree.body], word.value) for word in call.keywords if word.arg == "body"
                )


def is_short(scope, value):
    if isinstance(value, ast.Constant):
        return len(value.value) <= BODY_WIDTH
    if isinstance(value, ast.Call):
        return getattr(value.func, "id", "") == "notice_body" or any(is_short(scope, each) for each in value.args)
    if isinstance(value, ast.IfExp):
        return is_short(scope, value.body) and is_short(scope, value.orelse)
    given = [
        node.value
        for node in scope
        if isinstance(node, ast.Assign) and ast.unparse(value) in map(ast.unparse, node.targets)
    ]
    return all(is_short(scope, each) for each in given) if given else ast.unparse(value) in WHOLE


def test_no_notice_is_longer_than_a_banner():
    found = [(path, *body) for path in FILES for body in bodies(ast.parse(path.read_text(encoding="utf-8")))]
    assert len(found) > 15
    assert [f"{path}: {ast.unparse(value)}" for path, scope, value in found if not is_short(scope, value)] == []
