"""Each notice is made by what keeps its title and its text short, or is short anyway."""

from __future__ import annotations

import ast
import functools

import pytest

from tests.architecture.sources import MODULES, text_of
from traycreds.app.actions.menu_actions import NOT_DONE
from traycreds.core.text import BODY_WIDTH, TITLE_WIDTH, notice_title

PLACES = {"Notify": ("key", "title", "body"), "_send_notice": ("title", "body"), "_copy": ("text", "title", "body")}
"""What makes a notice, and what those functions are given for it that make one of what they are given."""
WIDTHS = {"title": TITLE_WIDTH, "body": BODY_WIDTH}
GIVEN = {"title", "body"}
"""What these functions pass on, whose callers have it."""
COUNTED = {
    "f'traycreds {__version__}'",
    "f'{count} can be imported'",
    "f'Configuration checked: {count}'",
    "f'{len(sessions)} roles: {causes}{_for(sessions, now)}'",
    "f'{names} {words}'",
    "f'{{}} {words}'",
    "f'{len(sessions)} roles {words}'",
    "f'{{}}: {words}'",
}
"""Titles with a number or a few known words, which `tests/unit/lifecycle/test_notices_fit.py` and those of the menu show."""
LONGEST_NAME = "n" * 64


@functools.cache
def trees():
    """Those of all modules; not at import, as every worker imports this."""
    return {path: ast.parse(text_of(path)) for path in MODULES}


@functools.cache
def functions():
    """All of all modules."""
    return [node for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def given(part):
    """What is given as a part of each notice, with the file, and what is assigned in its function and in the module."""
    for path, tree in trees().items():
        own = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for function in (*own, *(node for node in tree.body if isinstance(node, ast.Assign))):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                names = PLACES.get(called(call), ())
                parts = dict(zip(names, call.args, strict=False)) | {word.arg: word.value for word in call.keywords}
                if names and part in parts:
                    yield path, [*ast.walk(function), *tree.body], parts[part]


def called(call):
    """The name of what is called, without what it belongs to."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_short(scope, value, part):
    if isinstance(value, ast.Constant):
        return len(value.value) <= WIDTHS[part]
    if isinstance(value, ast.IfExp):
        return is_short(scope, value.body, part) and is_short(scope, value.orelse, part)
    if isinstance(value, ast.Call):
        return is_made_short(scope, value, part)
    found = [
        node.value
        for node in scope
        if isinstance(node, ast.Assign) and ast.unparse(value) in map(ast.unparse, node.targets)
    ]
    return all(is_short(scope, each, part) for each in found) if found else ast.unparse(value) in GIVEN | COUNTED


def is_made_short(scope, call, part):
    """Whether a function makes it short: those of core.text, or another of this project that ends with one of those."""
    name = called(call)
    if (name, part) == ("notice_title", "title"):
        (words, *_) = call.args
        if isinstance(words, ast.Starred):
            # It is a title from `NOT_DONE`, whose titles are checked below.
            return ast.unparse(words) == "*_not_done(command)"
        written = words.value if isinstance(words, ast.Constant) else ast.unparse(words)[2:-1].replace("{{}}", "{}")
        return ast.unparse(words) in COUNTED or len(notice_title(timed(written), LONGEST_NAME)) <= TITLE_WIDTH
    if (name, part) == ("notice_body", "body"):
        return True
    found = functions() if isinstance(call.func, ast.Attribute) else scope
    ours = [node for node in found if isinstance(node, ast.FunctionDef) and node.name == name]
    returned = [node.value for each in ours for node in ast.walk(each) if isinstance(node, ast.Return)]
    passed_on = any(is_short(scope, each, part) for each in call.args)
    return passed_on or (bool(returned) and all(is_short(scope, each, part) for each in returned))


def timed(words):
    """A title's words with a time of day in its place."""
    before, field, after = words.partition("{end.")
    return f"{before}12:00{after.partition('}')[2]}" if field else words


def test_a_failed_action_fits_a_title():
    for words in NOT_DONE.values():
        assert len(notice_title(words, LONGEST_NAME)) <= TITLE_WIDTH


@pytest.mark.parametrize("part", WIDTHS)
def test_no_notice_is_longer_than_a_banner(part):
    found = list(given(part))
    assert len(found) > 25
    assert [f"{path}: {ast.unparse(value)}" for path, scope, value in found if not is_short(scope, value, part)] == []
