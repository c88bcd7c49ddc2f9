"""Imports are at the top of a module; a function imports only what is slow to load or lies on one platform."""

from __future__ import annotations

import ast
import sys

from tests.architecture.sources import MODULES, found_in, name_of, nodes_of, text_of

SLOW_VENDORS = {"boto3", "botocore", "PIL", "plyer", "keyring", "filelock", "platformdirs"}
"""Take 5 to 100 ms to load, and most commands never use them."""
NOT_EVERYWHERE = {
    "gi",
    "AppKit",
    "Foundation",
    "UserNotifications",
    "objc",
    "PyObjCTools",
    "yaml",
}
"""Exist on one platform, or in a package of their own."""
LAZY_PARTS = {
    "traycreds.cli": "a command loads its own module only, and `--version` the parser only",
    "traycreds.app": "the icon shows before the rest of the app is loaded; commands need none of it",
    "traycreds.doctor": "only `doctor` and one click need it",
    "traycreds.importers": "only `import` and one click need it",
    "traycreds.usecases": "the engine, the endpoint's server, the control protocol: one command each",
    "traycreds.aws": "botocore is behind it",
    "traycreds.awsfiles.ini_edit": "`creds` reads the credentials file and changes nothing; configparser comes with it",
    "traycreds.awsfiles.ownership": "an old form names a command only where it is refused",
    "traycreds.awsfiles.settings.region_names": "`use` checks a region only where one is given",
    "traycreds.config.sign_ins": "most configurations have no table for a sign-in",
    "traycreds.config.values": "`keep` reads a span only where one is given",
    "traycreds.config.team_files.accepted_files": "most configurations include no file",
    "traycreds.config.team_files.download": "the HTTP client and TLS, for included addresses only",
    "traycreds.core.close_matches": "difflib, for unknown names only",
    "traycreds.awsfiles.credentials_file": "the icon shows before the file is opened",
    "traycreds.lifecycle.regions": "only one argument in completion needs it",
    "traycreds.ui": "pystray, Pillow and D-Bus; a run without a tray needs none",
    "traycreds.dbus": "jeepney is behind it, and other platforms have no D-Bus",
    "traycreds.control": "`creds` asks the app only where one may run",
    "traycreds.state": "what only a refresh or a chosen region takes, which most commands do without",
    "traycreds.files.digest": "OpenSSL comes with it, 2 MB that an idle app does without",
    "traycreds.process.bounded_program": "commands and the icon load the configuration and run no program",
    "traycreds.process.programs.lookup": "the icon opens no page and runs no program",
    "traycreds.process.windows": "exists on Windows only",
    "traycreds.desktop.autostart_macos": "exists on macOS only",
    "traycreds.desktop.browser_redirect": "OpenSSL comes with it, 2 MB that an idle app does without",
    "traycreds.desktop.clipboard_windows": "exists on Windows only",
    "traycreds.desktop.power.macos": "exists on macOS only",
    "traycreds.desktop.power.windows_lock": "exists on Windows only",
    "traycreds.desktop.power.windows_resume": "exists on Windows only",
    "traycreds.desktop.windows_app_id": "exists on Windows only",
}
ONLY_IF_CONFIGURED = (
    "traycreds.aws.federation",
    "traycreds.aws.access_keys",
    "traycreds.app.access_keys",
    "traycreds.config.sign_ins",
    "traycreds.doctor.key_checks",
    "traycreds.usecases.rotation",
    "traycreds.cli.commands.access_keys",
)
"""Parts that cost nothing where the configuration has no setting for them."""


def imported_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


@found_in(MODULES)
def inside_functions(source: str) -> list[str]:
    functions = [node for node in nodes_of(source) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return [name for function in functions for node in ast.walk(function) for name in imported_by(node)]


def may_wait(module: str) -> bool:
    top = module.partition(".")[0]
    parts = (module == part or module.startswith(f"{part}.") for part in LAZY_PARTS)
    return top in SLOW_VENDORS | NOT_EVERYWHERE or any(parts)


def misplaced(source: str) -> list[str]:
    return [each for each in inside_functions(source) if not may_wait(each)]


def test_an_import_in_a_function_needs_a_reason():
    source = "def f():\n    import json\n    from botocore.config import Config\n    from traycreds.core import text\n"
    assert misplaced(source) == ["json", "traycreds.core.text"]
    assert misplaced("import json\ndef f():\n    from traycreds.app import demo\n") == []


def test_a_function_imports_only_what_is_slow_or_not_everywhere():
    assert {name_of(path): found for path in MODULES if (found := misplaced(text_of(path)))} == {}


def test_the_standard_library_is_never_imported_by_a_function():
    late = {each.partition(".")[0] for path in MODULES for each in inside_functions(text_of(path))}
    assert late & sys.stdlib_module_names == set(), "import it at the top; a module that is loaded late may hold it"


def test_every_lazy_part_is_loaded_by_a_function():
    used = {each for path in MODULES for each in inside_functions(text_of(path))}
    assert {each.partition(".")[0] for each in used} >= SLOW_VENDORS | NOT_EVERYWHERE
    idle = [part for part in LAZY_PARTS if not any(each == part or each.startswith(f"{part}.") for each in used)]
    assert idle == []


@found_in(MODULES)
def imports_dataclasses(source: str) -> bool:
    return any("dataclasses" in {each.partition(".")[0] for each in imported_by(node)} for node in nodes_of(source))


def at_the_top(source: str) -> list[str]:
    """What a module imports whenever it is loaded."""
    return [each for node in ast.parse(source).body for each in imported_by(node)]


def test_what_only_a_setting_needs_is_loaded_by_functions_alone():
    loaded = {
        name_of(path): found
        for path in MODULES
        if not name_of(path).startswith(tuple(part.replace(".", "/") for part in ONLY_IF_CONFIGURED))
        if (found := [each for each in at_the_top(text_of(path)) if each.startswith(ONLY_IF_CONFIGURED)])
    }
    assert loaded == {}
    assert at_the_top("import a.b\ndef f():\n    import c\n") == ["a.b"]


def test_classes_of_values_are_made_by_ours():
    """One module that asked `dataclasses` would bring `inspect` and compiled source to all that import it."""
    assert imports_dataclasses("from dataclasses import field")
    assert imports_dataclasses("import dataclasses")
    users = [name_of(path) for path in MODULES if imports_dataclasses(text_of(path))]
    assert users == ["traycreds/core/value_class.py"], "make them by traycreds.core.value_class"
