"""Imports are at the top of a module, but for four kinds.

A function imports a library that is slow or not everywhere, a module that loads one for us, a module of one system, or
the module with which a command or feature begins that most runs do without; never the standard library.
"""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import MODULES, PRODUCT, ROOT, found_in, name_of, nodes_of, text_of

SLOW_VENDORS = {"boto3", "botocore", "PIL", "plyer", "keyring", "filelock", "platformdirs"}
"""Take 5 to 100 ms to load, and most commands never use them."""
NOT_EVERYWHERE = {
    "gi",
    "AppKit",
    "Foundation",
    "UserNotifications",
    "objc",
    "PyObjCTools",
    "winrt",
    "yaml",
}
"""Exist on one platform, or in a package of their own."""
LOADS_A_LIBRARY = {
    "traycreds.aws.sts": "boto3",
    "traycreds.cli.live.keyed_view": "prompt_toolkit",
    "traycreds.cli.picker.redrawn_list": "prompt_toolkit",
    "traycreds.config.team_files.download": "urllib3",
    "traycreds.core.close_matches": "difflib",
    "traycreds.dbus.connection": "jeepney",
    "traycreds.dbus.session": "jeepney",
    "traycreds.files.digest": "hashlib",
    "traycreds.ui.color_scheme": "jeepney",
    "traycreds.ui.icon.drawing": "PIL",
    "traycreds.ui.mfa_window_tk": "tkinter",
    "traycreds.ui.new_role.window": "tkinter",
    "traycreds.ui.picker.window": "tkinter",
    "traycreds.ui.tk_theme": "tkinter",
    "traycreds.ui.tray.dbus_loop": "jeepney",
    "traycreds.ui.tray.pystray_menu": "pystray",
    "traycreds.ui.tray.status_notifier": "jeepney",
}
"""Ours, with the library that each loads. Of Python's own, some systems have no Tk, hashlib brings OpenSSL, which takes
0.8 MiB, and difflib takes 0.2 of the 15 that an idle app has."""
OF_ONE_SYSTEM = re.compile(r"[._](windows|macos)([._]|$)")
BEGINNINGS = {
    "traycreds.app.access_keys.age_watch": "the setting `list_access_keys`",
    "traycreds.app.actions.config_check": "a click that checks the configuration",
    "traycreds.app.actions.session_actions": "a click that takes a session to a browser or shell",
    "traycreds.app.actions.team_actions": "a click on included files",
    "traycreds.app.demo.guided_run": "`demo`, which `run` shares a module with",
    "traycreds.app.dialogs.role_picker": "a click that finds a role",
    "traycreds.app.followers.team_watch": "the setting `include`",
    "traycreds.app.services": "all that works behind the icon, once the icon is up",
    "traycreds.app.start_failure": "the notice of a start that failed",
    "traycreds.aws.federation.assume_role": "the settings `saml_process` and `web_identity_process`",
    "traycreds.aws.mfa.terminal": "a question in the terminal",
    "traycreds.awsfiles.settings.region_names": "the option `--region`",
    "traycreds.awsfiles.ini_edit": "a write of the credentials file, which `creds` only reads",
    "traycreds.cli.commands.completion": "an answer to the completion of a shell",
    "traycreds.cli.commands.once": "`once`, and `use` and `refresh` without the app",
    "traycreds.cli.commands.roles.adding_window": "the window that adds a role",
    "traycreds.cli.commands.session": "the endpoint of `exec --server`",
    "traycreds.cli.completion_names": "completion that needs the files",
    "traycreds.cli.dispatch": "a command; `--version` and `--help` are none",
    "traycreds.cli.display.progress": "a command that takes long",
    "traycreds.cli.display.refresh_report": "`refresh`, which shows its progress",
    "traycreds.cli.display.role_details": "`status` of named roles",
    "traycreds.cli.help.examples": "`--help`",
    "traycreds.cli.help.unknown_words": "a wrong word",
    "traycreds.cli.keys": "a key from the keyring, for an SDK",
    "traycreds.cli.live.commands": "the keys of the live view",
    "traycreds.cli.live.plain_table": "a run without a tray",
    "traycreds.cli.live.watch": "`watch`",
    "traycreds.cli.parser": "the command line; our own windows have none",
    "traycreds.cli.picker.roles": "a command that was given no role",
    "traycreds.config.team_files.accepted_files": "the setting `include`",
    "traycreds.doctor.key_checks": "the setting `list_access_keys`",
    "traycreds.importers.add_roles": "a click that imports roles",
    "traycreds.process.bounded_program": "a program that we run",
    "traycreds.ui.mfa_window": "the window that asks for a code",
    "traycreds.ui.picker.program": "the window that finds a role",
    "traycreds.ui.tray.tray": "a run with a tray",
    "traycreds.usecases.engine_run.refresh": "a session that no app refreshes",
    "traycreds.usecases.engine_run.status": "`status` without the app",
    "traycreds.usecases.running_app": "a second start, which asks the first",
    "traycreds.usecases.serve": "`exec --server`",
    "traycreds.usecases.session.file_session": "a session that the app does not know",
    "traycreds.usecases.shell_prompt": "a shell that `exec` opens",
    "traycreds.usecases.sign_in": "a sign-in",
    "traycreds.usecases.team_review": "the setting `include`",
}
"""What begins with each module."""
LEAST = 80
"""Lines, ours and Python's, that are loaded with a beginning and were not there before. Less is imported at the top: it takes
a tenth of a millisecond at most."""
ONLY_IF_CONFIGURED = (
    "traycreds.aws.federation",
    "traycreds.aws.access_keys",
    "traycreds.app.access_keys",
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


def is_ours(name: str) -> bool:
    return name.partition(".")[0] == "traycreds"


@functools.cache
def module_of(imported: str) -> str:
    """The module that an import loads; what follows is a name in it."""
    path = PRODUCT.parent.joinpath(*imported.split("."))
    return imported if path.with_suffix(".py").is_file() or path.is_dir() else imported.rpartition(".")[0]


def may_wait(imported: str) -> bool:
    if not is_ours(imported):
        return imported.partition(".")[0] in SLOW_VENDORS | NOT_EVERYWHERE
    module = module_of(imported)
    return module in LOADS_A_LIBRARY | BEGINNINGS or OF_ONE_SYSTEM.search(module) is not None


def misplaced(source: str) -> list[str]:
    return [each for each in inside_functions(source) if not may_wait(each)]


def test_an_import_in_a_function_needs_a_reason():
    source = "def f():\n    import json\n    from botocore.config import Config\n    from traycreds.core import text\n"
    assert misplaced(source) == ["json", "traycreds.core.text"]
    assert misplaced("import json\ndef f():\n    from traycreds.app.demo import guided_run\n") == []
    assert misplaced("def f():\n    from traycreds.process.windows.job import Job\n") == []
    assert misplaced("def f():\n    from traycreds.core.windowspan import x\n") == ["traycreds.core.windowspan.x"]


def test_a_function_imports_only_what_is_slow_or_of_one_system_or_a_beginning():
    assert {name_of(path): found for path in MODULES if (found := misplaced(text_of(path)))} == {}


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def late_imports() -> Iterator[tuple[str, str]]:
    """Each of our modules that a function imports, behind the one whose function does."""
    for path in MODULES:
        for each in dict.fromkeys(map(module_of, filter(is_ours, inside_functions(text_of(path))))):
            yield dotted(path), each


def test_no_exception_is_left_over():
    used = {each for _, each in late_imports()}
    assert (LOADS_A_LIBRARY | BEGINNINGS).keys() - used == set()
    vendors = {each.partition(".")[0] for path in MODULES for each in inside_functions(text_of(path))}
    assert vendors >= SLOW_VENDORS | NOT_EVERYWHERE


def libraries_of(module: str, seen: set[str]) -> set[str]:
    """What is not ours that a module loads or its functions do, with all of our modules that it loads at the top."""
    if module in seen:
        return set()
    seen.add(module)
    path = PRODUCT.parent.joinpath(*module.split("."))
    path = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
    late = {*inside_functions(text_of(path))}
    names = [each for node in nodes_of(text_of(path)) for each in imported_by(node)]
    own = [each for each in names if not is_ours(each) or each not in late]
    found = {each.partition(".")[0] for each in own if not is_ours(each)}
    return found.union(*(libraries_of(module_of(each), seen) for each in own if is_ours(each)))


@pytest.mark.parametrize(("module", "library"), LOADS_A_LIBRARY.items())
def test_a_module_before_a_library_loads_it(module: str, library: str):
    assert library in libraries_of(module, set())


NEWLY_LOADED = """
import importlib, sys
importlib.import_module(sys.argv[1])
before = {*sys.modules}
importlib.import_module(sys.argv[2])
files = {getattr(module, "__file__", None) or "" for name, module in [*sys.modules.items()] if name not in before}
print(sum(open(file, "rb").read().count(b"\\n") for file in files if file.endswith(".py")))
"""


def newly_loaded(importer: str, module: str) -> int:
    """Lines of source that a module brings along where another is loaded."""
    command = [sys.executable, "-c", NEWLY_LOADED, importer, module]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout)


@pytest.mark.parametrize(("importer", "module"), [each for each in late_imports() if each[1] in BEGINNINGS])
def test_a_beginning_brings_much_along(importer: str, module: str):
    assert newly_loaded(importer, module) >= LEAST, f"import {module} at the top of {importer}"


def test_what_brings_little_along_is_found():
    assert newly_loaded("traycreds.aws.sts", "traycreds.aws.federation.error_table") < LEAST
    assert newly_loaded("traycreds.aws.sts", "traycreds.aws.errors") == 0


def test_the_standard_library_is_never_imported_by_a_function():
    late = {each.partition(".")[0] for path in MODULES for each in inside_functions(text_of(path))}
    assert late & sys.stdlib_module_names == set(), "import it at the top; a module that is loaded late may hold it"


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
