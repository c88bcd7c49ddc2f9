"""Names are terms of the field: no metaphor comes back in an identifier or in prose, and each thing has one name.

A class has its name alone, and is imported under it, as a module is.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import MODULES, SOURCES, found_in, name_of, nodes_of, prose_of, text_of, tokens_of
from tests.architecture.test_docs import DOCUMENTS

METAPHORS = frozenset(
    [
        "backroom",
        "backrooms",
        "bell",
        "bells",
        "crowd",
        "crowds",
        "deed",
        "deeds",
        "desk",
        "desks",
        "door",
        "doors",
        "ear",
        "ears",
        "errand",
        "errands",
        "housekeeping",
        "keeper",
        "keepers",
        "lesson",
        "lessons",
        "shelf",
        "shelves",
        "supply",
        "supplies",
        "vault",
        "vaults",
        "wineshop",
        "wish",
        "wishes",
        "workshop",
    ]
)
"""Stand for something else; `desk` was the running app, `shelf` the accepted files, `vault` the keyring."""
MANY_MEANINGS = frozenset(
    [
        "hop",
        "hops",
        "heard",
        "heed",
        "heeds",
        "look",
        "looked",
        "looks",
        "manner",
        "manners",
        "mend",
        "mended",
        "mends",
        "obey",
        "obeys",
        "overtaken",
        "room",
        "rooms",
        "said",
        "see",
        "sees",
        "settle",
        "settles",
        "standing",
        "tell",
        "telling",
        "tells",
        "told",
    ]
)
"""Meant several things each; a test's name says what is reported, shown, checked or chained."""
FORMER_CLASSES = frozenset(
    [
        "Backroom",
        "Codes",
        "Desk",
        "Door",
        "Errands",
        "Face",
        "Hop",
        "Keeper",
        "Lessons",
        "Line",
        "Live",
        "Manner",
        "Mark",
        "Memory",
        "Orders",
        "Outlook",
        "Regions",
        "Row",
        "Shelf",
        "Standing",
        "Stir",
        "Supply",
        "Told",
        "Vault",
        "Visit",
        "Way",
        "Wish",
    ]
)
"""Said too little or too much of what the class was; each has another name now, as in docs of the field."""
TERMS = ("WinVaultKeyring", "aws_vault")
"""Names of others: a class of keyring, a program."""
OTHERS = re.compile(r"aws-vault|HashiCorp Vault|`[^`\n]*`")
"""What prose may say: names of other programs, and what is quoted."""
PROSE = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(METAPHORS))})(?![\w-])", re.IGNORECASE)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
OURS = ("traycreds", "tests", "tools", "lib", "docs")
"""First parts of what is imported from this repository."""
ALIASES = {
    ("traycreds.awsfiles.settings.values", "setting_values"): "meets `config.values` in the doctor's checks",
    ("traycreds.core.errors.FailureKind", "Kind"): "keeps each row of the tests' tables on a line",
}
"""What is imported under another name, and why."""
ICON = ("traycreds/ui/", "packaging/docs/icons.py", "tests/unit/ui/", "tests/packaging/")
"""Where a look is how the icon looks: its one meaning."""


NOUNS = frozenset(["drawing", "finding", "keyring", "packaging", "quoting", "signing", "speed"])
"""Things, though they end as what someone does."""
NO_NOUNS = frozenset(
    [
        "accepted",
        "atomic",
        "bounded",
        "default",
        "due",
        "installed",
        "known",
        "loaded",
        "many",
        "new",
        "old",
        "present",
        "private",
        "quick",
        "ready",
        "rest",
        "right",
        "shown",
        "standalone",
        "steady",
        "universal",
        "up",
    ]
)
"""Adjectives, and words of several kinds, that a module could be about anything with."""


def words(name: str) -> set[str]:
    return {part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def identifiers(source: str) -> set[str]:
    """All names in a source, with those of its f-strings."""
    found = set()
    for node in nodes_of(source):
        if isinstance(node, (ast.Name, ast.Attribute)):
            found.add(node.id if isinstance(node, ast.Name) else node.attr)
    names = tokens_of(source).names
    return found | names


def unfit(source: str, *, icon: bool = False) -> list[str]:
    """The names that say what they name by a picture."""
    return [name for name in _unfit(source) if _pictures(name, icon=icon)]


@found_in(SOURCES)
def _unfit(source: str) -> list[str]:
    return sorted(name for name in identifiers(source) if _pictures(name, icon=False))


def _pictures(name: str, *, icon: bool) -> set[str]:
    allowed = {"look", "looks"} if icon else set()
    banned = METAPHORS | (MANY_MEANINGS - allowed)
    for term in TERMS:
        name = name.replace(term, "")
    return words(name) & banned


def test_no_metaphor_comes_back() -> None:
    assert [name_of(path) for path in SOURCES if words(path.stem) & METAPHORS] == []
    names = {name_of(path): text_of(path) for path in SOURCES}
    assert {name: found for name, text in names.items() if (found := unfit(text, icon=name.startswith(ICON)))} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def open_door(): ...", ["open_door"]),
        ("class FrontDesk: ...", ["FrontDesk"]),
        ("print(f'{one.hop_to}')", ["hop_to"]),
        ("print(f'{hop}')", ["hop"]),
        ("_VAULTS = 1", ["_VAULTS"]),
        ("def run(x): x.look(told=1)", ["look", "told"]),
        ("def test_it_is_told(vault): ...", ["test_it_is_told", "vault"]),
        ("def test_a_shelf(): ...", ["test_a_shelf"]),
        ("def test_aws_vault(): keyring.backends.Windows.WinVaultKeyring", []),
        ("deskew = tolding = bellows = None", []),
    ],
)
def test_a_metaphor_is_found(source: str, found: list[str]) -> None:
    assert unfit(source) == found


def test_only_the_icon_has_the_other_word() -> None:
    assert unfit("look = 1") == ["look"]
    assert unfit("look = 1", icon=True) == []


def is_no_noun(stem: str) -> bool:
    """Whether a module is called by how something is, or by what becomes of it, in place of what it holds."""
    last = stem.rpartition("_")[2]
    return last in NO_NOUNS or (last.endswith(("ed", "ing")) and last not in NOUNS)


def test_a_module_is_called_what_it_holds() -> None:
    """Tests are called by what they show; all else by a noun, or as the command or function that it is."""
    named = {*(path for path in SOURCES if not path.name.startswith("test_")), *(path.parent for path in SOURCES)}
    assert sorted(name_of(path) for path in named if is_no_noun(path.stem)) == []


@pytest.mark.parametrize(
    "stem", ["standalone", "settling", "settled", "replaced", "given_up", "quick", "rest", "bounded", "atomic"]
)
def test_a_module_that_says_how_something_is_is_found(stem: str) -> None:
    assert is_no_noun(stem)


@pytest.mark.parametrize("stem", ["drawing", "replaced_file", "bounded_call", "unexpected_errors", "list", "apply"])
def test_a_module_that_says_what_it_holds_may_be(stem: str) -> None:
    assert not is_no_noun(stem)


@found_in(SOURCES)
def aliases(source: str) -> list[str]:
    """What a source imports from this project under another name."""
    found = []
    for node in nodes_of(source):
        if isinstance(node, ast.ImportFrom):
            names = [(f"{node.module}.{alias.name}", alias) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [(alias.name, alias) for alias in node.names]
        else:
            continue
        for name, alias in names:
            ours = name.partition(".")[0] in OURS
            if ours and alias.asname not in {None, alias.name} and (name, alias.asname) not in ALIASES:
                found.append(f"{name} as {alias.asname}")
    return found


def test_what_is_ours_is_imported_under_its_name() -> None:
    assert {name_of(path): found for path in SOURCES if (found := aliases(text_of(path)))} == {}


def test_another_name_is_found() -> None:
    source = "import traycreds.core as c, json as j\ndef f():\n    from traycreds.state import log as logs\n"
    assert aliases(source) == ["traycreds.core as c", "traycreds.state.log as logs"]
    assert aliases("from traycreds.awsfiles.settings import values as setting_values") == []


def test_every_other_name_is_in_use() -> None:
    sources = [text_of(path) for path in SOURCES if path != Path(__file__)]
    for name, other in ALIASES:
        assert any(f"import {name.rpartition('.')[2]} as {other}" in source for source in sources)


def metaphors_in_prose(source: str) -> list[str]:
    """The metaphors of docstrings and comments."""
    return PROSE.findall(OTHERS.sub("", prose_of(source)))


def metaphors_in_document(text: str) -> list[str]:
    """The metaphors of a document, but for its blocks of code."""
    return PROSE.findall(OTHERS.sub("", FENCE.sub("", text)))


def test_no_metaphor_comes_back_in_prose() -> None:
    assert {name_of(path): found for path in SOURCES if (found := metaphors_in_prose(text_of(path)))} == {}


def test_no_metaphor_comes_back_in_a_document() -> None:
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in DOCUMENTS}
    assert {name: found for name, text in texts.items() if (found := metaphors_in_document(text))} == {}


def test_a_metaphor_in_a_document_is_found() -> None:
    assert metaphors_in_document("the keeper of `keeper`, and of aws-vault\n```\nkeeper\n```\n") == ["keeper"]


def test_a_metaphor_in_prose_is_found() -> None:
    source = (
        '"""Puts it on the Shelf."""\n# the vault, `door`, aws-vault and HashiCorp Vault; a desktop\nx = "a door"\n'
    )
    assert metaphors_in_prose(source) == ["Shelf", "vault"]


def classes(sources: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, source in sources.items():
        for each in classes_of(source):
            yield each, name


@found_in(SOURCES)
def classes_of(source: str) -> list[str]:
    return [node.name for node in nodes_of(source) if isinstance(node, ast.ClassDef)]


def shared(sources: dict[str, str]) -> dict[str, list[str]]:
    """Names that several classes have, each with its files."""
    found = defaultdict(list)
    for name, file in classes(sources):
        found[name.lstrip("_")].append(file)
    return {name: files for name, files in found.items() if len(files) > 1}


def test_each_class_has_its_name_alone() -> None:
    assert shared({name_of(path): text_of(path) for path in MODULES}) == {}


def test_no_class_has_a_former_name_again() -> None:
    found = [f"{file}: {name}" for name, file in classes({name_of(path): text_of(path) for path in SOURCES})]
    assert [each for each in found if each.rpartition(" ")[2].lstrip("_") in FORMER_CLASSES] == []


def test_a_name_of_two_classes_is_found() -> None:
    assert shared({"a": "class One: ...", "b": "class _One: ...\nclass Two: ..."}) == {"One": ["a", "b"]}
