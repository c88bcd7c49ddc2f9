"""Apple's classes, selectors and constants, from the TypeScript declarations in npm's @nativescript/macos-node-api.

They are generated from Apple's SDK. A selector `a:b:c:` is a method `aBC` with three parameters there.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "0.4.0"
_CACHE = Path("~/.cache/traycreds-tests").expanduser()
"""Found when the tests are collected, so in the developer's home and not in the test's."""
TYPES = Path(os.environ.get("TRAYCREDS_TEST_APPLE_TYPES") or _CACHE / f"apple-{VERSION}")
PREPARE = "python -m tests.mac --prepare"
FRAMEWORKS = ("Foundation", "AppKit", "CoreFoundation", "Runtime", "UserNotifications")

_CLASS = re.compile(
    r"^declare (class|interface) (\w+)(?:<[^>]*>)?(?: extends ([\w, ]+?))?(?: implements ([\w, <>]+?))? \{",
    re.MULTILINE,
)
_METHOD = re.compile(r"^  (static )?(\w+)\??(?:<.*?>(?=\())?\((?:this: \w+(?:, )?)?(.*)\): ", re.MULTILINE)
_ENUM = re.compile(r"^declare const (\w+): \{\n(.*?)^\};?", re.MULTILINE | re.DOTALL)
_MEMBER = re.compile(r"^  (\w+): (-?\d+)", re.MULTILINE)
_PROPERTY = re.compile(r"^  (static )?(readonly )?(\w+)\??: ", re.MULTILINE)
_CONSTANT = re.compile(r"^declare (?:const|function|var|let) (\w+)", re.MULTILINE)
_C_PREFIX = {
    "NSApplicationTerminateReply": "NSTerminate",
    "NSActivityOptions": "NSActivity",
    "NSEventType": "NS",
    "UNAuthorizationOptions": "UNAuthorizationOption",
    "UNNotificationPresentationOptions": "UNNotificationPresentationOption",
}
"""What the names of an enumeration's members begin with in C, where that is not its own name."""


@dataclass
class Class:
    """A class or protocol.

    Attributes:
        parents: what it inherits from and adopts.
        methods: by TypeScript's name, the numbers of parameters.
        static: the same for class methods.
    """

    parents: set[str] = field(default_factory=set)
    methods: dict[str, set[int]] = field(default_factory=dict)
    static: dict[str, set[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Declarations:
    """All of them; a constant has its value, or its name where no value is declared."""

    classes: dict[str, Class]
    constants: dict[str, int | str]

    def takes(self, class_: str, selector: str, *, static: bool = False) -> int | None:
        """How many arguments a class takes for a selector as PyObjC writes it, or None: it has no such selector."""
        wanted, count, known, waiting = camel(selector), selector.count("_"), set(), [class_]
        while waiting:
            name = waiting.pop(0)
            if name in known or name not in self.classes:
                continue
            known.add(name)
            one = self.classes[name]
            found = (one.static if static else one.methods).get(wanted)
            if found:
                return count if count in found else None
            waiting += sorted(one.parents)
        return None

    def owners(self, selector: str) -> set[str]:
        """The classes that declare a selector as PyObjC writes it."""
        wanted, count = camel(selector), selector.count("_")
        return {
            name
            for name, one in self.classes.items()
            if count in one.methods.get(wanted, ()) or count in one.static.get(wanted, ())
        }

    def lineage(self, class_: str) -> set[str]:
        """A class and all that it inherits from."""
        found, waiting = set(), [class_]
        while waiting:
            name = waiting.pop()
            if name in self.classes and name not in found:
                found.add(name)
                waiting += self.classes[name].parents
        return found


def camel(selector: str) -> str:
    """TypeScript's name for PyObjC's."""
    first, *more = [part for part in selector.split("_") if part]
    return first + "".join(part[0].upper() + part[1:] for part in more)


def prepare() -> None:
    """Get them from npm, unless they are there.

    Raises:
        subprocess.CalledProcessError: npm failed.
    """
    if not missing() or shutil.which("npm") is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        npm = ["npm", "pack", "--silent", f"@nativescript/macos-node-api@{VERSION}"]
        subprocess.run(npm, cwd=folder, stdout=subprocess.DEVNULL, check=True)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as packed:
            TYPES.mkdir(parents=True, exist_ok=True)
            for name in FRAMEWORKS:
                source = packed.extractfile(f"package/types/{name}.d.ts")
                assert source is not None
                (TYPES / f"{name}.d.ts").write_bytes(source.read())


def missing() -> str:
    """Why there are none; nothing if there are."""
    there = all((TYPES / f"{name}.d.ts").is_file() for name in FRAMEWORKS)
    return "" if there else f"needs Apple's declarations: {PREPARE}"


@functools.cache
def load() -> Declarations:
    """Read them."""
    loaded = Declarations({}, {})
    for name in FRAMEWORKS:
        _add(loaded, (TYPES / f"{name}.d.ts").read_text(encoding="utf-8"))
    return loaded


def _add(loaded: Declarations, text: str) -> None:
    loaded.constants.update({name: name for name in _CONSTANT.findall(text)})
    for enum, body in _ENUM.findall(text):
        prefix = _C_PREFIX.get(enum, enum)
        loaded.constants.update({prefix + member: int(value) for member, value in _MEMBER.findall(body)})
    for match in _CLASS.finditer(text):
        _, name, parent, protocols = match.groups()
        body = text[match.end() : text.index("\n}", match.end() - 1)]
        one = loaded.classes.setdefault(name, Class())
        one.parents |= {each.strip() for each in f"{parent or ''},{protocols or ''}".split(",") if each.strip()}
        for static, method, parameters in _METHOD.findall(body):
            (one.static if static else one.methods).setdefault(method, set()).add(_count(parameters))
        for static, read_only, attribute in _PROPERTY.findall(body):
            methods = one.static if static else one.methods
            methods.setdefault(attribute, set()).add(0)
            if not read_only:
                methods.setdefault(f"set{attribute[0].upper()}{attribute[1:]}", set()).add(1)


def _count(parameters: str) -> int:
    depth = count = 0
    for sign in parameters:
        depth += (sign in "(<[{") - (sign in ")>]}")
        count += sign == "," and depth <= 0
    return count + 1 if parameters.strip() else 0
