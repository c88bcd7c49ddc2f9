"""What installs a release by a package manager: the recipes of packaging/recipes, filled in for one release.

A recipe names the release's files by address and hash, so it can be made only once they are built. The addresses are
the caller's: no home of the project is written here. Needs nothing installed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lib import metadata, windows_installer

TEMPLATES = metadata.ROOT / "packaging" / "recipes"
ARCHIVES = {
    "sdist": "traycreds-{version}.tar.gz",
    "macos": "traycreds-{version}-macos.zip",
    "windows": "traycreds-{version}-windows.zip",
    "msi": "traycreds-{version}-windows.msi",
}
"""The files of a release that recipes install, as the build scripts name them."""

WINGET_IDENTIFIER = f"{metadata.NAME}.{metadata.NAME}"
"""`Publisher.Package`, unless another is given."""
_WINGET = "{winget_identifier}"
RECIPES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "homebrew-cask": ("macos", {"homebrew/cask.rb.in": "homebrew/Casks/traycreds.rb"}),
    "homebrew-formula": ("sdist", {"homebrew/formula.rb.in": "homebrew/Formula/traycreds.rb"}),
    "winget": (
        "msi",
        {
            "winget/version.yaml.in": f"winget/{_WINGET}.yaml",
            "winget/installer.yaml.in": f"winget/{_WINGET}.installer.yaml",
            "winget/locale.yaml.in": f"winget/{_WINGET}.locale.en-US.yaml",
        },
    ),
    "scoop": ("windows", {"scoop/traycreds.json.in": "scoop/traycreds.json"}),
    "aur": ("sdist", {"aur/PKGBUILD.in": "aur/PKGBUILD", "aur/SRCINFO.in": "aur/.SRCINFO"}),
    "nix": ("sdist", {"nix/default.nix.in": "nix/default.nix"}),
}
"""For each recipe, the file that it installs, and its templates with where the filled ones go."""

_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.dev\d+)?")
_ADDRESS = re.compile(r"https://[\w.-]+(:\d+)?(/[\w.~%+@:,=-]*)*")
"""No character that is special between the quotes of any of the formats."""
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_WINGET_IDENTIFIER = re.compile(r"[\w-]{1,32}(\.[\w-]{1,32}){1,7}", re.ASCII)
_PLACE = re.compile(r"@([A-Z0-9_]+)@")


class RecipeError(Exception):
    """A recipe cannot be made of what was given; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release whose files are built.

    Attributes:
        version: of it.
        homepage: an https address that people read.
        downloads: the https address of the folder with its files; `{version}` in it stands for the version.
        hashes: the SHA-256 of the files that are there, in hexadecimal, by the names of ARCHIVES.
        winget_identifier: what winget's repository calls it.
    """

    version: str
    homepage: str
    downloads: str
    hashes: Mapping[str, str]
    winget_identifier: str = WINGET_IDENTIFIER

    def faults(self) -> list[str]:
        """What of it no recipe can hold."""
        texts = [("version", self.version, _VERSION), ("homepage", self.homepage, _ADDRESS)]
        texts += [
            ("downloads", self.folder, _ADDRESS),
            ("winget identifier", self.winget_identifier, _WINGET_IDENTIFIER),
        ]
        texts += [(f"SHA-256 of {name}", value, _SHA256) for name, value in self.hashes.items()]
        found = [f"{value!r} is not a valid {name}" for name, value, form in texts if not form.fullmatch(value)]
        return found + [f"no file of a release is called {name!r}" for name in self.hashes if name not in ARCHIVES]

    @property
    def folder(self) -> str:
        """Where its files lie."""
        return self.downloads.replace("{version}", self.version).rstrip("/")

    def words(self) -> dict[str, str]:
        """The value of each `@NAME@` of a template."""
        product_code, upgrade_code = windows_installer.identifiers(self.version)
        words = {
            "AUTHORS": metadata.AUTHORS,
            "COPYRIGHT": metadata.COPYRIGHT,
            "DESCRIPTION": metadata.DESCRIPTION,
            "HOMEPAGE": self.homepage,
            "IDENTIFIER": metadata.IDENTIFIER,
            "PRODUCT_CODE": product_code,
            "SUMMARY": metadata.SUMMARY,
            "UPGRADE_CODE": upgrade_code,
            "VERSION": self.version,
            "WINGET_IDENTIFIER": self.winget_identifier,
        }
        for name, value in self.hashes.items():
            archive, digest = ARCHIVES[name].format(version=self.version), value.lower()
            words[f"{name.upper()}_URL"] = f"{self.folder}/{archive}"
            words[f"{name.upper()}_SHA256"] = digest
            words[f"{name.upper()}_SHA256_UPPER"] = digest.upper()
            words[f"{name.upper()}_SRI"] = "sha256-" + base64.b64encode(bytes.fromhex(digest)).decode()
        return words


def hashes_of(folder: Path, version: str) -> dict[str, str]:
    """The hashes of a release's files in a folder."""
    files = {name: folder / archive.format(version=version) for name, archive in ARCHIVES.items()}
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items() if file.exists()}


def rendered(release: Release, recipe: str) -> dict[str, str]:
    """The files of one recipe, by their places.

    Raises:
        RecipeError: the release lacks the file that it installs, or something of the release is not valid.
    """
    faults = release.faults()
    if faults:
        raise RecipeError("\n".join(faults))
    archive, templates = RECIPES[recipe]
    if archive not in release.hashes:
        name = ARCHIVES[archive].format(version=release.version)
        raise RecipeError(f"{recipe} installs {name}, whose hash is not known: --sha256 {archive}=HASH, or --dist")
    words = release.words()
    return {
        place.format(winget_identifier=release.winget_identifier): _filled(TEMPLATES / template, words)
        for template, place in templates.items()
    }


def _filled(template: Path, words: Mapping[str, str]) -> str:
    """A template's text with its places filled; a place without a word is our mistake."""
    return _PLACE.sub(lambda place: words[place[1]], template.read_text(encoding="utf-8"))
