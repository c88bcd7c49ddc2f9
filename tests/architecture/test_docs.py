"""Documents name what exists: files, sections of documents, tasks, and the README's promises word for word."""

from __future__ import annotations

import ast
import difflib
import re

import pytest

from tests.architecture.sources import ROOT, SOURCES, name_of, prose_of, text_of
from tools import reading_ease, site_hook

DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", ".github/*.md", "packaging/*.md")
    for path in ROOT.glob(pattern)
    if path.name != "CHANGELOG.md"
)

_PATH = re.compile(r"(?<![\w./~-])(?:traycreds|tests|docs|packaging|assets|tools|\.github|\.ci)/[\w./-]*\w")
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
_WHOLE_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_DOCUMENT = re.compile(r"(?<![\w./-])([\w./-]+\.md)(?:#([\w-]+))?")
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_TASK = re.compile(r"nox -s ([a-z]+)")
_NOTES = re.compile(r"\b(?:aws|desktop)-facts\b|\bshared(?:/| design)\S*")
"""Working notes that are not in the repository, cited without an ending."""


def paths_in(text):
    """The paths within the project that a text names."""
    return sorted(set(_PATH.findall(text)))


def anchors_of(text):
    """The anchors that the headings of a Markdown text have on the usual hosts."""
    headings = re.findall(r"^#+ +(.+?) *$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_there(target, anchor):
    """Whether a file exists and, where an anchor is named, has such a heading."""
    return target.exists() and (not anchor or anchor in anchors_of(target.read_text(encoding="utf-8")))


def broken_links(path, text):
    """The links of a Markdown text to files or headings that do not exist."""
    return [
        f"{target}#{anchor}" if anchor else target
        for target, anchor in _LINK.findall(_FENCE.sub("", text))
        if not is_there(path.parent / target if target else path, anchor)
    ]


def missing_documents(prose):
    """The documents that a prose cites and that are not in the repository, or lack the section."""
    missing = [
        f"{name}#{anchor}" if anchor else name
        for name, anchor in _DOCUMENT.findall(prose)
        if not is_there(ROOT / name, anchor)
    ]
    return missing + _NOTES.findall(prose)


def test_wrong_names_are_found():
    assert paths_in("see `traycreds/core/model.py`, tests/unit and ~/.config/traycreds/config.toml.") == [
        "tests/unit",
        "traycreds/core/model.py",
    ]
    page = ROOT / "docs" / "README.md"
    text = "# A title: with `code`\n[a](#a-title-with-code) [b](#another) [c](nowhere.md) [d](../README.md#what-it-promises)"
    assert anchors_of(text) == {"a-title-with-code"}
    assert broken_links(page, text) == ["#a-title-with-code", "#another", "nowhere.md"]
    assert missing_documents(
        prose_of('"""By nowhere.md."""\n# and docs/README.md#nothing, README.md\nx = "z.md"\n')
    ) == [
        "nowhere.md",
        "docs/README.md#nothing",
    ]


def test_every_document_is_checked():
    assert {"README.md", "docs/architecture.md", ".github/CONTRIBUTING.md"} <= {name_of(path) for path in DOCUMENTS}
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in (ROOT / "docs").glob("*.md") if f"({path.name})" not in index] == ["README.md"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_path_in_a_document_exists(path):
    named = paths_in(path.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_every_link_in_a_document_leads_somewhere(path):
    assert broken_links(path, path.read_text(encoding="utf-8")) == []


def test_docstrings_and_comments_cite_only_documents_that_exist():
    missing = {name_of(path): found for path in SOURCES if (found := missing_documents(prose_of(text_of(path))))}
    assert missing == {}


def test_every_task_in_a_document_is_one_of_the_noxfile():
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    tasks = {
        next((k.value.value for k in getattr(d, "keywords", ()) if k.arg == "name"), function.name)
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        for d in function.decorator_list
    }
    named = {task for path in DOCUMENTS for task in _TASK.findall(path.read_text(encoding="utf-8"))}
    assert {"check", "test"} <= named <= tasks


def test_reading_ease_is_that_of_sentences_alone():
    page = """\
# A heading

See [the *page*](page.md#part), and
run `traycreds status --json`.

![a picture](a.png)

- one
- two:

  ```
  code
  ```

| a | b |
|---|---|
<!-- made -->
By a script.
<!-- /made -->
The end.
"""
    assert reading_ease.prose(page).splitlines() == ["See the page, and run code.", "one.", "two:", "The end."]


def test_links_lead_to_the_same_document_in_the_site():
    for name in ("docs/faq.md", "README.md", ".github/SECURITY.md", "assets/menu.png"):
        assert site_hook.repository_name(site_hook.site_name(name)) == name

    class Page:
        class file:  # noqa: N801 - as mkdocs names it
            src_uri = "repository/github/CONTRIBUTING.md"

    text = "[a](../docs/faq.md#x) [b](SECURITY.md) [c](https://a.b/c.md) [d](#here)\n| `a \\| b` |\n\n```\n[e](../docs/faq.md)\n```\n"
    assert site_hook.on_page_markdown(text, Page) == text.replace("(../docs/faq.md#x)", "(../../faq.md#x)").replace(
        "\\|", "|"
    )


def test_the_table_of_promises_quotes_each_sentence_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## What it promises\n", 1)[1].split("\n## ", 1)[0]
    bullets = " ".join(re.findall(r"^\* (.+?)(?=^\* |^!\[|\Z)", section, re.MULTILINE | re.DOTALL))
    promised = " ".join(_WHOLE_LINK.sub(r"\1", bullets.replace("**", "")).split())
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = architecture.split("<!-- promises -->\n", 1)[1].split("<!-- /promises -->", 1)[0]
    quoted = [row.split(" | ")[0].removeprefix("| ") for row in table.splitlines()[2:]]
    assert " ".join(quoted) == promised


ALIKE = 0.68
"""From this ratio on, two entries say the same; a merge that keeps both sides brings such pairs back."""


def repeated_entries(text):
    """The entries of the newest version that say what an earlier one says."""
    entries = [line for line in text.split("\n## [")[1].splitlines() if line.startswith("- ")]
    return [
        entry
        for place, entry in enumerate(entries)
        if any(difflib.SequenceMatcher(None, entry, earlier).ratio() >= ALIKE for earlier in entries[:place])
    ]


def test_two_entries_that_say_the_same():
    text = "# Changelog\n\n## [Unreleased]\n- Notices fit a banner.\n- Notices fit each banner.\n- Python 3.10 works.\n"
    assert repeated_entries(text) == ["- Notices fit each banner."]


def test_the_changelog_says_nothing_twice():
    assert repeated_entries((ROOT / "CHANGELOG.md").read_text(encoding="utf-8")) == []
