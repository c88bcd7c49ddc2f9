"""The recipes of package managers: made by one command, whole, and true to what they install."""

from __future__ import annotations

import hashlib
import json
import re
import sys

import make_recipes
import pytest
import yaml
from lib import metadata, recipes
from lib.recipes import ARCHIVES, RECIPES, Release, rendered
from packaging.requirements import Requirement

from tests.packaging.conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HASHES = {name: hashlib.sha256(name.encode()).hexdigest() for name in ARCHIVES}
RELEASE = Release(
    version="1.2.3",
    homepage="https://example.org/traycreds",
    downloads="https://example.org/files/v{version}/",
    hashes=HASHES,
)
ADDRESSES = ("--homepage", RELEASE.homepage, "--downloads", RELEASE.downloads)
FILES = {
    "homebrew/Casks/traycreds.rb",
    "homebrew/Formula/traycreds.rb",
    "winget/traycreds.traycreds.yaml",
    "winget/traycreds.traycreds.installer.yaml",
    "winget/traycreds.traycreds.locale.en-US.yaml",
    "scoop/traycreds.json",
    "aur/PKGBUILD",
    "aur/.SRCINFO",
    "nix/default.nix",
}


def given():
    return [word for name, value in HASHES.items() for word in ("--sha256", f"{name}={value}")]


def files_below(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_one_command_makes_them_all_from_a_version_and_hashes(tmp_path, capsys):
    assert make_recipes.main([*ADDRESSES, "--version", "1.2.3", *given(), "--out", str(tmp_path)]) == 0
    assert files_below(tmp_path) == FILES
    assert set(capsys.readouterr().out.splitlines()) == {str(tmp_path / name) for name in FILES}
    texts = {name: (tmp_path / name).read_text(encoding="utf-8") for name in FILES}
    assert [name for name, text in texts.items() if re.search(r"@[A-Z0-9_]+@", text)] == []
    assert [
        name for name, text in texts.items() if "1.2.3" not in text and name != "homebrew/Formula/traycreds.rb"
    ] == []
    assert {name for name, text in texts.items() if HASHES["sdist"] in text} == {
        "homebrew/Formula/traycreds.rb",
        "aur/PKGBUILD",
        "aur/.SRCINFO",
    }


def test_it_takes_the_hashes_of_files_that_are_built(tmp_path):
    for archive in ARCHIVES.values():
        (tmp_path / archive.format(version="1.2.3")).write_bytes(archive.encode())
    out = tmp_path / "out"
    assert make_recipes.main([*ADDRESSES, "--version", "1.2.3", "--dist", str(tmp_path), "--out", str(out)]) == 0
    scoop = json.loads((out / "scoop/traycreds.json").read_text(encoding="utf-8"))
    expected = hashlib.sha256(ARCHIVES["windows"].encode()).hexdigest()
    assert scoop["architecture"]["64bit"] == {
        "url": "https://example.org/files/v1.2.3/traycreds-1.2.3-windows.zip",
        "hash": expected,
    }


def test_without_a_hash_it_makes_none_and_says_which_is_missing(tmp_path, capsys):
    sdist = f"sdist={HASHES['sdist']}"
    command = [*ADDRESSES, "--version", "1.2.3", "--sha256", sdist, "--out", str(tmp_path)]
    assert make_recipes.main(command) == 2
    assert capsys.readouterr().err == (
        "homebrew-cask installs traycreds-1.2.3-macos.zip, whose hash is not known: --sha256 macos=HASH, or --dist\n"
    )
    assert files_below(tmp_path) == set()
    assert make_recipes.main([*command, "--only", "aur", "nix"]) == 0
    assert files_below(tmp_path) == {"aur/PKGBUILD", "aur/.SRCINFO", "nix/default.nix"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "1.2.3; rm"),
        ("homepage", "http://example.org"),
        ("homepage", 'https://example.org/"'),
        ("downloads", "https://example.org/$(id)/"),
        ("downloads", "https://example.org/#{x}"),
        ("winget_identifier", "traycreds"),
        ("hashes", {"sdist": "0" * 63}),
        ("hashes", {**HASHES, "linux": "0" * 64}),
    ],
)
def test_nothing_that_a_format_could_take_for_its_own_gets_into_a_recipe(field, value):
    fields = {name: getattr(RELEASE, name) for name in ("version", "homepage", "downloads", "hashes")}
    with pytest.raises(recipes.RecipeError, match=r"is not a valid|is called"):
        rendered(Release(**{**fields, field: value}), "aur")


def test_the_addresses_are_parameters_of_the_command(tmp_path):
    """No home of the project is made up: every https address is one that was given, or that of a schema."""
    texts = [text for name in RECIPES for text in rendered(RELEASE, name).values()]
    found = set(re.findall(r"https?://[^\s\"'#]+", "\n".join(texts)))
    assert {
        each for each in found if not each.startswith(("https://example.org/", "https://aka.ms/winget-manifest"))
    } == set()
    with pytest.raises(SystemExit):
        make_recipes.main(["--version", "1.2.3", *given(), "--out", str(tmp_path)])


def test_they_name_the_files_that_the_build_scripts_make(tmp_path):
    import build_macos
    import build_msi
    import build_windows

    assert build_macos.archive_of(tmp_path, "1.2.3", "universal2").name == ARCHIVES["macos"].format(version="1.2.3")
    assert build_windows.archive_of(tmp_path, "1.2.3").name == ARCHIVES["windows"].format(version="1.2.3")
    assert build_msi.installer_of(tmp_path, "1.2.3").name == ARCHIVES["msi"].format(version="1.2.3")


def asked_on_linux():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    here = {"sys_platform": "linux", "python_version": "3.13"}
    wanted = map(Requirement, project["dependencies"])
    return {each.name for each in wanted if each.marker is None or each.marker.evaluate(here)}


def test_those_that_leave_the_dependencies_to_the_system_name_each(tmp_path):
    pkgbuild = rendered(RELEASE, "aur")["aur/PKGBUILD"]
    nix = rendered(RELEASE, "nix")["nix/default.nix"]
    depends = re.search(r"^depends=\(\n(.*?)^\)", pkgbuild, re.MULTILINE | re.DOTALL)[1]
    assert set(re.findall(r"'python-([\w-]+)'", depends)) == asked_on_linux()
    dependencies = re.search(r"dependencies = with python3Packages; \[(.*?)\]", nix, re.DOTALL)[1]
    assert set(dependencies.split()) == asked_on_linux()


def test_what_they_take_from_the_source_archive_is_in_it():
    """Paths below packaging/, which the sdist holds whole."""
    texts = "\n".join(text for name in ("aur", "nix", "homebrew-formula") for text in rendered(RELEASE, name).values())
    named = set(re.findall(r"packaging/[\w./]+\w", texts))
    assert named == {"packaging/linux/traycreds.desktop", "packaging/docs/icons.py", "packaging/locks/app.txt"}
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_winget_gets_the_three_manifests_of_one_version():
    manifests = {place: yaml.safe_load(text) for place, text in rendered(RELEASE, "winget").items()}
    assert [each["ManifestType"] for each in manifests.values()] == ["version", "installer", "defaultLocale"]
    assert {(each["PackageIdentifier"], each["PackageVersion"]) for each in manifests.values()} == {
        ("traycreds.traycreds", "1.2.3")
    }
    (installer,) = manifests["winget/traycreds.traycreds.installer.yaml"]["Installers"]
    assert installer["InstallerUrl"].endswith("/traycreds-1.2.3-windows.msi")
    assert installer["InstallerSha256"] == HASHES["msi"].upper()


def test_the_description_is_the_sentence_of_the_project_as_a_verb():
    assert metadata.DESCRIPTION == "Keeps your AWS role sessions fresh and switches between them"
    assert metadata.DESCRIPTION.lower() == metadata.SUMMARY.removeprefix("A tray app that ").lower()
