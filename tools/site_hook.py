"""What mkdocs does beyond its settings: adds the documents and pictures outside docs that its pages link to.

In the repository a page links to CHANGELOG.md in the folder above, as its host shows it. In the site that is a page
too, below `repository`, and the links in both directions are rewritten.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "CHANGELOG.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md", "packaging/README.md")
_LINK = re.compile(r"(?<=\]\()(?!\w+:)([^)#\s]+)")
_CODE_IN_TABLE = re.compile(r"`[^`\n]*\\\|[^`\n]*`")
_FENCE = re.compile(r"(^ *```.*?^ *```)", re.MULTILINE | re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add the documents, and all pictures."""
    from mkdocs.structure.files import File

    pictures = (path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "assets").glob("*.png")))
    for name in (*PAGES, *pictures):
        files.append(File.generated(config, site_name(name), abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Rewrite the links of a page from places in the repository to places in the site; blocks of code stay.

    A bar in code within a table has a backslash in the repository, where its host wants one; mkdocs would show it.
    """
    here = repository_name(page.file.src_uri)
    parts = _FENCE.split(markdown)
    for number in range(0, len(parts), 2):
        text = _LINK.sub(lambda found: _in_site(here, found[1]), parts[number])
        parts[number] = _CODE_IN_TABLE.sub(lambda found: found[0].replace("\\|", "|"), text)
    return "".join(parts)


def _in_site(here: str, target: str) -> str:
    """A link of the document `here` as the site has it."""
    named = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
    return posixpath.relpath(site_name(named), posixpath.dirname(site_name(here)) or ".")


def site_name(name: str) -> str:
    """Where a file of the repository is in the site; the folder `.github` loses its dot, which mkdocs would hide."""
    if name.startswith("docs/"):
        return name.removeprefix("docs/")
    return f"repository/{name.removeprefix('.')}"


def repository_name(name: str) -> str:
    """Where a file of the site is in the repository."""
    if not name.startswith("repository/"):
        return f"docs/{name}"
    inner = name.removeprefix("repository/")
    return f".{inner}" if inner.startswith("github/") else inner
