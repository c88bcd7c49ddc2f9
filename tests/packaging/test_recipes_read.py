"""The recipes as their readers take them: Ruby, makepkg, Nix, and the schemas of winget and Scoop."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
import yaml
from lib import metadata
from lib.environment import Environments
from lib.recipes import rendered

from tests.packaging import conftest, schemas
from tests.packaging.test_recipes import HASHES, RELEASE

APT = "sudo apt-get install -y --no-install-recommends"
pytestmark = pytest.mark.recipes
needs_ruby = pytest.mark.skipif(shutil.which("ruby") is None, reason=f"needs Ruby: {APT} ruby")
needs_makepkg = pytest.mark.skipif(shutil.which("makepkg") is None, reason=f"needs makepkg: {APT} makepkg")
needs_nix = pytest.mark.skipif(shutil.which("nix-instantiate") is None, reason=f"needs Nix: {APT} nix-bin")


def by_schema(test):
    """Marks of a test that needs the schemas."""
    missing = schemas.missing()
    return pytest.mark.schemas(pytest.mark.skipif(missing != "", reason=missing)(test))


SDIST = "https://example.org/files/v1.2.3/traycreds-1.2.3.tar.gz"
PIP = ["python3.13", "-m", "pip", "--python=/libexec/bin/python", "install"]


run = functools.partial(conftest.run, timeout=50)


def written(recipe, folder):
    files = []
    for place, text in rendered(RELEASE, recipe).items():
        files.append(folder / Path(place).name)
        files[-1].write_text(text, encoding="utf-8", newline="\n")
    return files


def recorded_by_homebrew(recipe, folder):
    (file,) = written(recipe, folder)
    assert run("ruby", "-wc", file) == "Syntax OK\n"
    return json.loads(run("ruby", Path(__file__).with_name("recorded.rb"), file))


@needs_ruby
def test_homebrew_installs_the_app_and_its_program(tmp_path):
    recorded = recorded_by_homebrew("homebrew-cask", tmp_path)
    assert (recorded["cask"], recorded["version"], recorded["sha256"]) == ("traycreds", "1.2.3", HASHES["macos"])
    assert recorded["url"] == "https://example.org/files/v1.2.3/traycreds-1.2.3-macos.zip"
    assert recorded["app"] == "traycreds/traycreds.app"
    assert recorded["binary"] == "<appdir>/traycreds.app/Contents/MacOS/traycreds"
    assert not [path for path in recorded["zap"]["trash"] if ".aws" in path]


@needs_ruby
def test_homebrew_builds_from_the_source_archive_with_its_locked_dependencies(tmp_path):
    recorded = recorded_by_homebrew("homebrew-formula", tmp_path)
    assert (recorded["formula"], recorded["url"], recorded["sha256"]) == ("Traycreds", SDIST, HASHES["sdist"])
    assert recorded["install"] == [
        ["virtualenv", "/libexec", "python3.13"],
        [*PIP, "--require-hashes", "-r", "packaging/locks/app.txt"],
        [*PIP, "--no-deps", "."],
    ]
    assert recorded["links"] == ["/libexec/bin/traycreds", "/libexec/bin/traycredsw"]
    assert recorded["test"]
    assert recorded["service"]


@pytest.fixture
def open_folder():
    """One that is open to others, since makepkg runs as anybody but root."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


def makepkg(folder, *options, path=os.environ["PATH"], **more):
    """Run it in a folder; `true` stands for pacman, which is not asked anything."""
    other = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    environ = {"PATH": path, "HOME": str(folder), "PACMAN": "true", "LANG": "C.UTF-8"}
    return run("makepkg", *options, cwd=folder, env=environ, **other, **more)


@needs_makepkg
def test_makepkg_makes_our_srcinfo_of_the_pkgbuild(open_folder):
    build, info = written("aur", open_folder)
    run("bash", "-n", build)
    assert makepkg(open_folder, "--printsrcinfo") == info.read_text(encoding="utf-8")


DEBIANS_PYTHON = Path("/usr/bin/python3")
"""The system's, which anybody may run."""


@pytest.mark.slow
# This test first installs what builds packages.
@pytest.mark.timeout(900)
@needs_makepkg
@pytest.mark.skipif(shutil.which("bsdtar") is None, reason=f"needs bsdtar: {APT} libarchive-tools")
def test_makepkg_builds_the_package_of_our_source_archive(open_folder, tmp_path):
    """With Debian's Python as Arch's `python`, beside what Arch has as packages, from PyPI."""
    (sdist,) = Environments(tmp_path / "environments").wheel().glob("*.tar.gz")
    shutil.copy(sdist, open_folder)
    hashes = {"sdist": hashlib.sha256(sdist.read_bytes()).hexdigest()}
    release = dataclasses.replace(RELEASE, version=metadata.VERSION, hashes=hashes)
    (open_folder / "PKGBUILD").write_text(rendered(release, "aur")["aur/PKGBUILD"], encoding="utf-8")
    run(DEBIANS_PYTHON, "-m", "venv", "--without-pip", open_folder / "tools")
    pip = (sys.executable, "-m", "pip", "--python", open_folder / "tools/bin/python", "install", "--quiet")
    run(*pip, "build", "installer", "hatchling", "pillow", timeout=300)
    (packages,) = (open_folder / "tools").glob("lib/python*/site-packages")
    python = open_folder / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{packages}" exec {DEBIANS_PYTHON} "$@"\n')
    python.chmod(0o755)
    makepkg(open_folder, "--nodeps", path=f"{python.parent}:/usr/bin:/bin", timeout=300)
    (package,) = open_folder.glob("traycreds-*-any.pkg.tar*")
    names = run("bsdtar", "-tf", package).splitlines()
    for end in (
        "bin/traycreds",
        "traycreds/__main__.py",
        "share/man/man1/traycreds.1.gz",
        "usr/share/applications/traycreds.desktop",
        "usr/share/icons/hicolor/scalable/apps/traycreds.svg",
        "usr/share/licenses/traycreds/LICENSE",
    ):
        assert [name for name in names if name.endswith(end)], end


NIX = """
let
  names = [ %s ];
  packages = builtins.listToAttrs (map (name: { inherit name; value = name; }) names);
in import %s {
  lib = {
    licenses.mit = "MIT";
    platforms.linux = [ "linux" ];
  };
  fetchurl = source: source;
  python3Packages = packages // { buildPythonApplication = package: package; };
}
"""


@needs_nix
def test_nix_evaluates_to_a_package_of_the_source_archive(tmp_path):
    (file,) = written("nix", tmp_path)
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    wanted = "boto3 botocore filelock jeepney keyring pillow platformdirs plyer pystray urllib3"
    text = NIX % (" ".join(f'"{name}"' for name in ["hatchling", *wanted.split()]), file)
    command = ("nix-instantiate", "--eval", "--strict", "--json", "--store", "dummy://", "-E", text)
    package = json.loads(run(*command, env=environ))
    assert (package["pname"], package["version"], package["src"]["url"]) == ("traycreds", "1.2.3", SDIST)
    assert (
        run("nix-hash", "--to-base16", "--type", "sha256", package["src"]["hash"].removeprefix("sha256-")).strip()
        == (HASHES["sdist"])
    )
    assert package["dependencies"] == wanted.split()
    assert package["meta"]["mainProgram"] == "traycreds"


def faults(schema, manifest):
    import jsonschema

    kind = jsonschema.validators.validator_for(schema)
    return [error.message for error in kind(schema, format_checker=kind.FORMAT_CHECKER).iter_errors(manifest)]


@by_schema
@pytest.mark.parametrize("number", range(3), ids=["version", "installer", "locale"])
def test_a_manifest_for_winget_fits_its_schema(number):
    manifest = yaml.safe_load(list(rendered(RELEASE, "winget").values())[number])
    schema = schemas.schema(f"winget-{manifest['ManifestType']}")
    assert faults(schema, manifest) == []
    assert faults(schema, {**manifest, "PackageIdentifier": "traycreds"})
    assert faults(schema, {**manifest, "ManifestVersion": None})


@by_schema
def test_the_manifest_for_scoop_fits_its_schema():
    manifest = json.loads(rendered(RELEASE, "scoop")["scoop/traycreds.json"])
    schema = schemas.schema("scoop")
    assert faults(schema, manifest) == []
    assert faults(schema, {**manifest, "colour": "red"})
