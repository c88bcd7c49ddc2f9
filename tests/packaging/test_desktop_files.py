"""What a desktop reads: entry, AppStream description, icons."""

from __future__ import annotations

import shutil
import subprocess
import sys
from xml.etree import ElementTree as ET

import build_deb
import pytest
from lib import metadata, pyinstaller
from PIL import Image

import traycreds
from docs import icons
from tests.packaging.conftest import PACKAGING
from traycreds.doctor import report


def run(*command):
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="sudo apt-get install -y desktop-file-utils")
def test_the_desktop_entry_is_valid():
    done = run("desktop-file-validate", PACKAGING / "linux" / "traycreds.desktop")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="sudo apt-get install -y appstream")
def test_the_appstream_description_is_valid(tmp_path):
    file = tmp_path / f"{metadata.IDENTIFIER}.metainfo.xml"
    file.write_text(build_deb.metainfo(traycreds.__version__), encoding="utf-8")
    done = run("appstreamcli", "validate", "--no-net", "--pedantic", file)
    assert done.returncode == 0, done.stdout
    file.write_text(file.read_text().replace("<name>", "<gnome>"))
    assert run("appstreamcli", "validate", "--no-net", file).returncode != 0, "the tool finds faults at all"


def test_entry_description_and_notifications_mean_the_same_program():
    component = ET.fromstring(build_deb.metainfo("1.2.3"))
    assert component.findtext("launchable") == "traycreds.desktop"
    assert component.find("releases/release").get("version") == "1.2.3"
    entry = (PACKAGING / "linux" / "traycreds.desktop").read_text()
    assert "\nExec=traycreds run\n" in entry
    assert f"\nIcon={component.findtext('icon')}\n" in entry
    from traycreds.desktop.notifications import backends

    assert backends.APP == "traycreds", "the hint desktop-entry names the file"


def test_icons_for_linux_are_drawn_in_each_size(tmp_path):
    files = icons.hicolor(tmp_path)
    assert len(files) == len(icons.HICOLOR) + 1
    for file in files[:-1]:
        with Image.open(file) as picture:
            size = int(file.parent.parent.name.split("x")[0])
            assert (picture.size, picture.mode) == ((size, size), "RGBA")
            assert picture.getextrema()[3] == (0, 255), "a shield on nothing"


def test_icons_for_windows_and_macos_hold_all_sizes_as_drawn(tmp_path):
    with Image.open(icons.ico(tmp_path / "a.ico")) as found:
        assert found.info["sizes"] == {(size, size) for size in icons.ICO}
        for size in icons.ICO:
            assert found.ico.getimage((size, size)).tobytes() == icons.image(icons.LOOK, size).tobytes()
    with Image.open(icons.icns(tmp_path / "a.icns")) as found:
        assert {width * scale for width, _, scale in found.info["sizes"]} == set(icons.ICNS)


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_nothing_is_both_wanted_and_left_out(platform):
    wanted, out = set(pyinstaller.hidden_imports(platform)), set(pyinstaller.excluded(platform))
    assert not wanted & out
    assert not [name for name in wanted if any(name.startswith(f"{gone}.") for gone in out)]


def test_the_report_can_name_the_version_of_all_that_it_asks_for():
    for platform, more in report.PACKAGES_ON.items():
        assert set(pyinstaller.described(platform)) == {"traycreds", *report.PACKAGES, *more}


@pytest.mark.skipif(sys.platform != "linux", reason="the modules of this platform")
def test_modules_named_for_the_frozen_app_exist(monkeypatch):
    from importlib.util import find_spec

    monkeypatch.setenv("PYSTRAY_BACKEND", "dummy")
    for name in pyinstaller.hidden_imports("linux"):
        assert find_spec(name), name


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("botocore/data/sts/2011-06-15/service-2.json.gz", True),
        ("botocore\\data\\sso-oidc\\2019-06-10\\service-2.json.gz", True),
        ("botocore/data/partitions.json", True),
        ("botocore/data/ec2/2016-11-15/service-2.json.gz", False),
        ("botocore/data/stsx/a", False),
        ("botocore/cacert.pem", True),
        ("PIL/x", True),
        ("keyring-25.7.0.dist-info/entry_points.txt", True),
        ("traycreds-0.1.0.dist-info/direct_url.json", False),
        ("traycreds-0.1.0.dist-info/uv_cache.json", False),
    ],
)
def test_of_botocore_only_the_services_in_use_are_taken(path, wanted):
    assert pyinstaller.wanted(path) is wanted


def test_a_version_sorts_in_debian_as_it_does_in_python():
    assert [build_deb._debian(text) for text in ("1.2.0", "1.2.0rc1", "1.2.0.dev3", "1.2.0b2")] == [
        "1.2.0",
        "1.2.0~rc1",
        "1.2.0~dev3",
        "1.2.0~b2",
    ]
