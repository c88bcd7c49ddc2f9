"""The contracts of import-linter (pyproject.toml) cover what the code says of itself."""

from __future__ import annotations

import ast
import re
import sys

import pytest

from tests.architecture.sources import MODULES, ROOT, docstring_of, found_in, nodes_of, text_of
from tests.architecture.test_imports import imported_by

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["name"]: contract for contract in LINTER["contracts"]}
VENDORS = CONTRACTS["vendors are imported in one module each"]
(PURE,) = (contract for name, contract in CONTRACTS.items() if name.startswith("pure"))


def says_pure(source):
    """Whether a module's docstring claims that it is pure."""
    return re.search(r"\bPure\b", docstring_of(source)) is not None


def dotted(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def promises():
    """The modules that say so of themselves."""
    return [dotted(path) for path in MODULES if says_pure(text_of(path))]


def test_a_promise_is_read_from_the_docstring():
    assert says_pure('"""A word.\n\nPure. Never reads a clock."""')
    assert not says_pure('"""A tray, in pure Python."""')
    assert {"traycreds.core", "traycreds.lifecycle"} <= set(promises())


def test_what_says_that_it_is_pure_is_held_to_it():
    held = tuple(f"{source}." for source in PURE["source_modules"])
    assert [module for module in promises() if not f"{module}.".startswith(held)] == []


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_has_no_hole(name):
    """A stale exception is an error, and a package that no layer names as well."""
    contract = CONTRACTS[name]
    assert contract.get("unmatched_ignore_imports_alerting", "error") == "error"
    assert contract["type"] != "layers" or contract["exhaustive"] is True


@found_in(MODULES)
def vendors_in(source):
    """What a source imports that is neither ours nor Python's."""
    tops = {each.partition(".")[0] for node in nodes_of(source) for each in imported_by(node)}
    # Only type checkers import the last two.
    return tops - sys.stdlib_module_names - {"traycreds", "tomllib", "typing_extensions", "_typeshed"}


def test_every_vendor_is_in_the_contract():
    assert vendors_in("import os, gi\nfrom botocore import config\nfrom traycreds import core\n") == {"gi", "botocore"}
    assert {each for path in MODULES for each in vendors_in(text_of(path))} == set(VENDORS["forbidden_modules"])


def test_botocore_is_imported_where_sessions_are_made_and_where_keys_are_resolved():
    """And each other vendor of every system in one module, but for prompt_toolkit: the list and the live view."""
    places = {}
    for each in VENDORS["ignore_imports"]:
        module, _, vendor = each.partition(" -> ")
        places.setdefault(vendor, []).append(module.removeprefix("traycreds."))
    several = {vendor: sorted(modules) for vendor, modules in places.items() if len(modules) > 1}
    assert several.pop("botocore") == ["aws.botocore_session", "aws.source"]
    assert set(several) <= {"AppKit", "Foundation", "PyObjCTools", "prompt_toolkit"}


@found_in(MODULES)
def vendors_by_string(source):
    """The vendors that a source imports by `import_module`, which import-linter does not see."""
    found = set()
    for node in nodes_of(source):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            name = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
            found.add(str(getattr(name, "value", "")).partition(".")[0])
    return found & set(VENDORS["forbidden_modules"])


def test_an_import_by_a_string_is_found():
    assert vendors_by_string('importlib.import_module(f"pystray._{x}")\nimport_module("keyring.backends")') == {
        "pystray",
        "keyring",
    }
    assert vendors_by_string('import_module(f"traycreds.{x}")\nimport_module(y)') == set()


def test_a_vendor_is_imported_by_a_string_where_it_is_imported_at_all():
    found = {f"{dotted(path)} -> {vendor}" for path in MODULES for vendor in vendors_by_string(text_of(path))}
    assert found
    assert found <= set(VENDORS["ignore_imports"])


def test_siblings_do_not_import_each_other_in_a_circle():
    assert [contract["ancestors"] for contract in CONTRACTS.values() if contract["type"] == "acyclic_siblings"] == [
        ["traycreds"]
    ]
