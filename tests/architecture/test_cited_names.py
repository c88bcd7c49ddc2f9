"""What docstrings, comments and documents cite by name exists: files of Python, folders, modules and their parts."""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import sys
from collections import defaultdict
from functools import cache

import pytest

from tests.architecture.sources import ROOT, SOURCES, name_of, text_of, tree_of
from tests.architecture.test_docs import DOCUMENTS, paths_in

OTHERS_FILES = {
    "app/aws/credentials.py": "logsmith",
    "app/aws/key.py": "logsmith",
    "app/core/profile_group.py": "logsmith",
    "app/gui/gui.py": "logsmith",
    "tests/unit/customizations/configure/test_writer.py": "AWS CLI",
    "tokens.py": "botocore",
    "utils.py": "botocore",
}
OTHERS_NAMES = {
    "ProfileFileSupplier": "the AWS SDK for Java",
    "Publisher": "an identifier of winget, Publisher.Package",
    "RawConfigParser": "configparser",
    "Thread": "threading",
    "io.github": "our name on the desktop, with the domain first",
    "module.function": "a pattern of names",
    "org.kde": "a name on D-Bus",
}
"""First parts of names that are not ours, and whose they are."""

_DOTTED = re.compile(r"`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)(?:\(\))?`")
_PYTHON_FILE = re.compile(r"(?<![\w./*-])[\w./-]+\.py\b")
_ADDRESS = re.compile(r"https?://[^\s)]+")
_FILE = re.compile(r".*\.(?:py|md|toml|txt|yml|yaml|json|exe|desktop)$")
_COMMENT = re.compile(r"(?:^|\s)(#.*)")
_ENTRY = re.compile(r"^ +(\w+)(?: \([^)]*\))?: ", re.MULTILINE)


def statements(node):
    """A module, class or function, and all statements within: far fewer than all nodes."""
    yield node
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for each in getattr(node, field, ()):
            yield from statements(each)


def members(node):
    """What a class has of its own: fields, methods, what its methods set."""
    found = set()
    for each in ast.walk(node):
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(each.name)
        elif isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id == "self":
            found.add(each.attr)
    for each in node.body:
        found |= assigned(each)
    return found


def assigned(node):
    """The names that an assignment gives."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    flat = [each for target in targets for each in getattr(target, "elts", [target])]
    return {each.id for each in flat if isinstance(each, ast.Name)}


def names_in(tree):
    """What a module has at its top: functions, classes, values and imports, also those of one platform."""
    found = set()
    for node in tree.body:
        for each in statements(node) if isinstance(node, (ast.If, ast.Try)) else [node]:
            found |= assigned(each) if isinstance(each, (ast.Assign, ast.AnnAssign)) else set()
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add(each.name)
            elif isinstance(each, (ast.Import, ast.ImportFrom)):
                found |= {alias.asname or alias.name for alias in each.names}
    return found


class Index:
    """The modules and classes of some sources.

    Attributes:
        modules: what each module has at its top, by its dotted name.
        classes: what each class has of its own, and its bases, by its name, of which tests may have several.
    """

    def __init__(self, trees):
        self.modules, self.classes = {}, defaultdict(list)
        for name, tree in trees:
            self.modules[dotted(name)] = names_in(tree)
            for node in statements(tree):
                if isinstance(node, ast.ClassDef):
                    bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
                    self.classes[node.name].append((members(node), bases))

    def of_class(self, name):
        """What the classes of a name have, of their own and of their bases."""
        found = set()
        for own, bases in self.classes.get(name, ()):
            found |= own
            for base in bases:
                found |= self.of_class(base) if base != name else set()
        return found

    def has(self, name, local=()):
        """Whether a dotted name leads to something: one of a module, a class, Python, others, or a name that is `local`."""
        parts = name.split(".")
        for count in range(len(parts), 0, -1):
            head, rest = parts[:count], parts[count:]
            if any(self._leads_on(each, rest) for each in self._ending(".".join(head))):
                return True
        if self._ending(parts[0]):
            return False
        if parts[0] in self.classes:
            return parts[1] in self.of_class(parts[0])
        return any(name.startswith(other) for other in OTHERS_NAMES) or is_in_python(parts) or name in local

    def _ending(self, name):
        return [each for each in self.modules if each == name or each.endswith(f".{name}")] or [
            each for each in self.modules if f".{each}.".endswith(f".{name}.__init__.")
        ]

    def _leads_on(self, module, rest):
        if not rest:
            return True
        if rest[0] not in self.modules[module]:
            return False
        return len(rest) == 1 or rest[0] not in self.classes or rest[1] in self.of_class(rest[0])


def dotted(name):
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def is_in_python(parts):
    """Whether a dotted name is one of the standard library or of a type that is always there."""
    if parts[0] in sys.stdlib_module_names:
        found = importlib.import_module(parts[0])
    elif hasattr(builtins, parts[0]):
        found = getattr(builtins, parts[0])
    else:
        return False
    for part in parts[1:]:
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True


@cache
def index():
    return Index((name_of(path), tree_of(text_of(path))) for path in SOURCES)


@cache
def files():
    return [f"/{name_of(path)}" for path in [*SOURCES, *ROOT.glob("*.py")]]


def missing_files(prose):
    """The files of Python and the folders that a prose cites and that are not in the repository; addresses are not ours."""
    prose = _ADDRESS.sub("", prose)
    python = {name for name in _PYTHON_FILE.findall(prose) if not any(each.endswith(f"/{name}") for each in files())}
    paths = {name for name in paths_in(prose) if not (ROOT / name).exists()}
    return sorted((python | paths) - set(OTHERS_FILES))


def missing_names(prose, tree=None):
    """The dotted names in backticks that lead to nothing; in a module, it may also be what the code itself has."""
    names = {name for name in _DOTTED.findall(prose) if not _FILE.match(name)}
    missing = sorted(name for name in names if not index().has(name))
    if not missing or tree is None:
        return missing
    local = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return [name for name in missing if not index().has(name, local)]


def prose_of(tree, source):
    """The docstrings of a source, and whatever looks like a comment, in a script within a string too."""
    strings = [
        node.value.value
        for node in statements(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    return "\n".join([*strings, *_COMMENT.findall(source)])


def section(docstring, title):
    """The names that a section of a docstring explains."""
    found = re.search(rf"^( *){title}:\n((?:\1 +.*\n|\n)*)", f"{docstring}\n", re.MULTILINE)
    if not found:
        return []
    indent = len(found[1]) + 4
    return [name for name in _ENTRY.findall(found[2]) if re.search(rf"^ {{{indent}}}{name}\b", found[2], re.MULTILINE)]


def unexplained(tree):
    """The attributes and arguments that docstrings explain and that their class or function has not."""
    found = []
    for node in statements(tree):
        if isinstance(node, ast.ClassDef):
            named = section(ast.get_docstring(node) or "", "Attributes")
            has = members(node) | index().of_class(node.name) if named else set()
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            named = section(ast.get_docstring(node) or "", "Args")
            has = {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
        else:
            continue
        found += [f"{node.name}: {name}" for name in named if name not in has]
    return found


def test_a_wrong_name_is_found():
    assert missing_files("See build_deb.py, nowhere.py, tests/integration/notify; traycreds/core/model.py.") == [
        "nowhere.py",
        "tests/integration/notify",
    ]
    prose = (
        "`transport.Listener.close` `transport.Listener.shut` `controlwire.Connection` `core.model.Role` `Role.nothing`"
    )
    assert missing_names(prose) == ["Role.nothing", "controlwire.Connection", "transport.Listener.shut"]
    prose = "`os.replace` `os.nothing` `str.splitlines` `core.nothing` `bus.environment` `bus.nothing`"
    assert missing_names(prose, ast.parse("bus.environment()")) == ["bus.nothing", "core.nothing", "os.nothing"]
    source = '''
class Own:
    """One.

    Attributes:
        a: known: yes.
        b: gone.
            c: of b.
    """

    a: int

    def do(self, x):
        """Do.

        Args:
            x: known.
            y: gone.
        """
'''
    assert unexplained(ast.parse(source)) == ["Own: b", "do: y"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_document_cites_names_that_exist(path):
    text = path.read_text(encoding="utf-8")
    assert missing_files(text) == []
    assert missing_names(text) == []


def test_docstrings_and_comments_cite_names_that_exist():
    missing = {}
    for path in SOURCES:
        tree = tree_of(text_of(path))
        prose = prose_of(tree, text_of(path))
        if found := [*missing_files(prose), *missing_names(prose, tree), *unexplained(tree)]:
            missing[name_of(path)] = found
    assert missing == {}
