"""A macOS app signed without a Mac: of real programs and libraries for it, by the code that rcodesign has."""

from __future__ import annotations

import json
import plistlib
import subprocess
import zipfile

import build_macos
import pytest
import sign_macos
from lib import metadata, universal_wheels
from lib.environment import LOCKS, Environments

from tests.packaging.conftest import script

CERTIFICATE = """
import sys, apple_platform as ap
made = ap.certificates.generate_self_signed("Tester", profile="developer-id-application", team_id="ABCDE12345")
open(sys.argv[1], "wb").write(made.to_p12("a password"))
"""
READ = """
import json, sys, apple_platform as ap
entities = [each["entity"]["mach_o"]["signature"] for each in ap.read_signature(sys.argv[1])]
print(json.dumps([ap.verify_macho(sys.argv[1]), entities]))
"""


def download(environments, platform, *more):
    """The locked wheels of Pillow and PyInstaller's loader for a kind of Mac."""
    folder = environments.folder / platform
    options = ("--no-deps", "--only-binary", ":all:", "--platform", platform, "--python-version", "3.13")
    environments.tool("pip", "download", "--quiet", *options, "-d", folder, *more)
    return folder


def pin(lock, name):
    (line,) = [line for line in (LOCKS / f"{lock}.txt").read_text().splitlines() if line.startswith(f"{name}==")][-1:]
    return line.partition(" ")[0]


@pytest.fixture(scope="module")
def environments(tmp_path_factory):
    return Environments(tmp_path_factory.mktemp("environments"))


@pytest.fixture
def bundle(environments, tmp_path):
    """PyInstaller's loader for macOS as the program, and Pillow's libraries for both kinds of Mac."""
    folders = [download(environments, platform, pin("app", "pillow")) for platform in universal_wheels.PLATFORMS]
    (pillow,) = universal_wheels.fuse_all(*folders, tmp_path)
    contents = tmp_path / "traycreds.app" / "Contents"
    (contents / "MacOS").mkdir(parents=True)
    with zipfile.ZipFile(pillow) as opened:
        for name in opened.namelist():
            if name.endswith((".so", ".dylib")):
                place = contents / "Frameworks" / name.replace(".dylibs", "__dot__dylibs")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(opened.read(name))
    (contents / "Resources").mkdir()
    (contents / "Resources" / "PIL").symlink_to("../Frameworks/PIL")
    loader = download(environments, "macosx_10_13_universal2", pin("freeze", "pyinstaller"))
    with zipfile.ZipFile(next(loader.glob("pyinstaller-*.whl"))) as opened:
        (contents / "MacOS" / "traycreds").write_bytes(opened.read("PyInstaller/bootloader/Darwin-64bit/runw"))
    (contents / "MacOS" / "traycreds").chmod(0o755)
    more = {"CFBundleExecutable": "traycreds", "CFBundleIdentifier": metadata.IDENTIFIER, "CFBundlePackageType": "APPL"}
    (contents / "Info.plist").write_bytes(plistlib.dumps({**build_macos.info("1.0"), **more}))
    return contents.parent


def by_signer(environments, code, argument):
    python = environments._python("sign", pip=True)
    return subprocess.run([python, "-c", code, argument], check=True, capture_output=True, text=True).stdout


@pytest.mark.slow
# The test installs the build tools twice.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("certified", [True, False], ids=["a certificate", "ad hoc"])
def test_an_app_is_signed_with_its_entitlements_for_both_kinds_of_mac(
    certified, environments, bundle, tmp_path, monkeypatch
):
    options = ["--timestamp-url", "none"]
    if certified:
        by_signer(environments, CERTIFICATE, tmp_path / "certificate.p12")
        monkeypatch.setenv("P12_PASSWORD", "a password")
        options += ["--p12", tmp_path / "certificate.p12"]
    script("sign_macos.py", bundle, *options)
    assert (bundle / "Contents" / "_CodeSignature" / "CodeResources").stat().st_size
    libraries = [path for path in (bundle / "Contents" / "Frameworks").rglob("*") if path.is_file()]
    assert len(libraries) > 20
    for file in [bundle / "Contents" / "MacOS" / "traycreds", *libraries]:
        faults, signatures = json.loads(by_signer(environments, READ, file))
        assert len(signatures) == 2, file
        assert all(signatures)
        if certified:
            assert faults == [], file
        if file.name == "traycreds":
            assert {each["code_directory"]["identifier"] for each in signatures} == {metadata.IDENTIFIER}
            assert all(("RUNTIME" in each["code_directory"]["flags"]) == certified for each in signatures)
            entitlements = [plistlib.loads("\n".join(each["entitlements_plist"]).encode()) for each in signatures]
            assert entitlements == [plistlib.loads(build_macos.ENTITLEMENTS.read_bytes())] * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no.app"], "Info.plist is not there"),
        (["traycreds.app", "--p12", "no.p12"], "no.p12 is not there"),
        (["traycreds.app", "--notary-key", "key.json"], "--notary-key needs --p12"),
    ],
)
def test_what_is_missing_is_named_before_anything_is_installed(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "traycreds.app" / "Contents").mkdir(parents=True)
    (tmp_path / "traycreds.app" / "Contents" / "Info.plist").touch()
    (tmp_path / "key.json").touch()
    assert sign_macos.main(arguments) == 2
    assert message in capsys.readouterr().err
