"""Every class, constant, selector and delegate method of Apple's that the product names, Apple declares."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import traycreds
from tests.mac import declarations
from tests.mac.mark import as_on_a_mac

pytestmark = as_on_a_mac

PRODUCT = Path(traycreds.__file__).parent
MODULES = ("AppKit", "Foundation", "UserNotifications")
OURS = {"lineChosen_", "screenLocked_", "screenUnlocked_", "themeChanged_"}
"""Selectors of the product's own."""


IMPORTS = re.compile(rf"(?:import|from) (?:{'|'.join(MODULES)})")
NO_ARGUMENT = re.compile(r"^[a-z]+[A-Z]\w*$")
FILES = sorted(path for path in PRODUCT.rglob("*.py") if IMPORTS.search(path.read_text(encoding="utf-8")))


def is_selector(name):
    return name.endswith("_") and not name.startswith("_")


def names(source):
    """What a module names: of the frameworks, of selectors that it calls, and of methods that AppKit calls."""
    tree = ast.parse(source)
    frameworks, called, defined = set(), set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in MODULES:
            frameworks |= {each.name for each in node.names}
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in MODULES:
            frameworks.add(node.attr)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_selector(node.func.attr):
            called.add((node.func.attr, len(node.args)))
        # Without an argument a selector has no sign but its capital letter, which none of our names has.
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
            called |= {(name, 0) for name in NO_ARGUMENT.findall(node.func.attr)}
        if isinstance(node, ast.FunctionDef) and is_selector(node.name):
            defined.add((node.name, len(node.args.args) - 1))
    return frameworks, called, defined


def unknown(source):
    """The names that Apple does not declare."""
    apple = declarations.load()
    frameworks, called, defined = names(source)
    found = [name for name in frameworks if name not in apple.classes and name not in apple.constants]
    for selector, count in called | defined:
        if selector not in OURS and (not apple.owners(selector) or count != selector.count("_")):
            found.append(selector)
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PRODUCT).as_posix())
def test_apple_declares_every_name(path):
    assert unknown(path.read_text(encoding="utf-8")) == []


def test_a_wrong_name_would_be_found():
    source = """
import AppKit
AppKit.NSMenu.alloc().setAutoenablesItems_(False, True)
AppKit.NSMenuu
AppKit.NSApplication.sharedApplicatoin()
AppKit.NSTerminateNow
class Delegate:
    def menuWillOpenn_(self, menu): ...
    def menuDidClose_(self, menu): ...
"""
    assert sorted(unknown(source)) == [
        "NSMenuu",
        "menuWillOpenn_",
        "setAutoenablesItems_",
        "sharedApplicatoin",
    ]
    assert {path.stem for path in FILES} >= {"macos", "macos_menu", "app_nap", "notification_center"}
