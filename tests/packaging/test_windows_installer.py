"""The Windows installer: what is in it, and what Wine's installer makes of it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
import yaml
from lib import metadata
from lib.recipes import Release, rendered
from lib.windows_installer import source, tables
from lib.wine import Drive

from tests.packaging.conftest import ROOT, run, script
from tests.windows import wine
from tests.windows.mark import needs_wine
from traycreds.desktop.windows_app_id import APP_ID

_MISSING = [name for name in ("wixl", "msibuild", "msiinfo") if shutil.which(name) is None]
needs_wixl = pytest.mark.skipif(bool(_MISSING), reason="needs wixl: sudo apt-get install -y wixl msitools")
pytestmark = [needs_wixl, pytest.mark.timeout(300)]

MENU = "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/traycreds.lnk"
PROGRAMS = "AppData/Local/Programs/traycreds"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """A folder as the build makes it."""
    folder = tmp_path_factory.mktemp("app") / "traycreds"
    for name in ("traycreds.exe", "traycredsw.exe", "_internal/a file.dll", "_internal/deeper/a file.dll"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


@pytest.fixture(scope="module")
def installer(app, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    (line,) = script("build_msi.py", "--app", app, "--out", out).splitlines()
    (made,) = out.iterdir()
    assert line == str(made)
    return made


def rows(installer, table):
    """The rows of a table, by its columns."""
    columns, _, _, *found = run("msiinfo", "export", installer, table).replace("\r", "").splitlines()
    return [dict(zip(columns.split("\t"), row.split("\t"), strict=True)) for row in found]


def test_the_shortcut_of_the_start_menu_has_the_id_of_the_app(installer):
    (shortcut,) = rows(installer, "Shortcut")
    assert (shortcut["Directory_"], shortcut["Name"]) == ("ProgramMenuFolder", "traycreds")
    (target,) = [file for file in rows(installer, "File") if f"[#{file['File']}]" == shortcut["Target"]]
    assert target["FileName"].endswith("traycredsw.exe"), "the one that opens no terminal"
    (given,) = rows(installer, "MsiShortcutProperty")
    assert (given["Shortcut_"], given["PropertyKey"]) == (shortcut["Shortcut"], "System.AppUserModel.ID")
    assert given["PropVariantValue"] == APP_ID
    assert "Version: 500" in run("msiinfo", "suminfo", installer), "an older Windows Installer does not read it"


def test_a_newer_version_replaces_it_and_an_older_one_does_not(app):
    def ids(version):
        text = source(app, version, "x")
        return [text.partition(f'{name}="')[2].partition('"')[0] for name in ("Product Id", "UpgradeCode")]

    (old, kept), (new, also) = ids("1.0"), ids("1.1")
    assert old != new
    assert kept == also
    assert ids("1.0") == [old, kept], "the same sources give the same installer"
    assert 'DowngradeErrorMessage="A newer version' in source(app, "1.0", "x")


def test_winget_knows_it_by_the_codes_that_it_has(installer):
    release = Release(
        version=metadata.VERSION,
        homepage="https://example.org",
        downloads="https://example.org",
        hashes={"msi": "0" * 64},
    )
    manifest = yaml.safe_load(rendered(release, "winget")["winget/traycreds.traycreds.installer.yaml"])
    properties = {row["Property"]: row["Value"] for row in rows(installer, "Property")}
    (entry,) = manifest["AppsAndFeaturesEntries"]
    assert manifest["ProductCode"] == entry["ProductCode"] == properties["ProductCode"]
    assert entry["UpgradeCode"] == properties["UpgradeCode"]
    assert "ALLUSERS" not in properties, "it is for the user alone, as the manifest says"
    assert manifest["Scope"] == "user"


def test_no_identifier_is_too_long_or_shared(installer):
    names = [row["Component"] for row in rows(installer, "Component")]
    assert len(set(names)) == len(names) == 4
    assert max(map(len, names)) <= 72
    assert len({row["ComponentId"] for row in rows(installer, "Component")}) == 4
    assert all(table.splitlines()[2].split("\t")[0] == name for name, table in tables().items())


@pytest.mark.wine
@needs_wine
def test_it_installs_for_the_user_and_leaves_nothing_when_it_goes(installer, app, tmp_path):
    with Drive(tmp_path / "drive") as drive:

        def on_windows(*command):
            return subprocess.run(
                ["wine", *command],
                env=drive.environ,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=120,
            )

        def path_of_user():
            return on_windows("reg", "query", r"HKCU\Environment", "/v", "PATH").stdout.decode(errors="replace")

        package = wine.windows_path(installer)
        before = path_of_user()
        assert "traycreds" not in before
        assert on_windows("msiexec", "/i", package, "/qn").returncode == 0
        (home,) = (each for each in (tmp_path / "drive/drive_c/users").iterdir() if each.name != "Public")
        installed = home / PROGRAMS
        there = {path.relative_to(installed) for path in installed.rglob("*") if path.is_file()}
        assert there == {path.relative_to(app) for path in app.rglob("*") if path.is_file()}
        assert (installed / "_internal/deeper/a file.dll").read_text() == "_internal/deeper/a file.dll"
        assert "traycredsw.exe".encode("utf-16-le") in (home / MENU).read_bytes()
        assert r"\Programs\traycreds" in path_of_user()
        assert on_windows("msiexec", "/x", package, "/qn").returncode == 0
        assert not installed.exists()
        assert not (home / MENU).exists()
        assert "traycreds" not in path_of_user()


def test_without_an_app_it_says_what_to_run_first(tmp_path):
    done = subprocess.run(
        ["python3", ROOT / "packaging" / "build_msi.py", "--app", tmp_path, "--out", tmp_path],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "run packaging/build_windows.py first" in done.stderr
