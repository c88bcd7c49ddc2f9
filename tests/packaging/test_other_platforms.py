"""What can be known anywhere of the builds for macOS and Windows; test_windows_app.py runs the latter under Wine."""

from __future__ import annotations

import plistlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import build_macos
import build_windows
import pytest
from lib import environment, metadata, pyinstaller, windows_metadata

import traycreds
from docs import icons
from tests.packaging.conftest import PACKAGING, script
from traycreds.desktop import autostart_macos


def test_the_version_is_that_of_the_code():
    assert traycreds.__version__ == metadata.VERSION


def test_the_identifier_is_that_of_the_code():
    assert metadata.IDENTIFIER == autostart_macos.LABEL


def test_the_agent_for_those_who_manage_macs_is_what_autostart_writes(tmp_path):
    agent = plistlib.loads(build_macos.AGENT.read_bytes())
    autostart_macos.LaunchAgent(tmp_path / "agents").turn_on(agent["ProgramArguments"])
    (written,) = (tmp_path / "agents").iterdir()
    assert plistlib.loads(written.read_bytes()) == agent
    assert written.name == build_macos.AGENT.name
    assert agent["ProgramArguments"][0] == f"/Applications/{build_macos.BUNDLE}/Contents/MacOS/traycreds"


def test_the_mac_app_lives_in_the_menu_bar_alone():
    message = build_macos.info("1.2.3")
    assert message["LSUIElement"] is True
    assert message["CFBundleShortVersionString"] == "1.2.3"


def test_a_mac_app_is_checked_before_it_is_packed(tmp_path):
    commands = build_macos.commands(tmp_path, tmp_path / "a.zip", None)
    assert [command[0] for command in commands[:2]] == ["codesign", "plutil"]
    assert commands[-1][0] == "ditto"
    assert "notarytool" not in str(commands)


def test_a_mac_app_is_packed_again_with_the_ticket_that_the_notary_gives(tmp_path):
    plain = build_macos.commands(tmp_path, tmp_path / "a.zip", None)
    commands = build_macos.commands(tmp_path, tmp_path / "a.zip", "a profile")
    assert commands[: len(plain)] == plain
    submit, staple, assess, pack = commands[len(plain) :]
    assert submit == [
        "xcrun",
        "notarytool",
        "submit",
        str(tmp_path / "a.zip"),
        "--keychain-profile",
        "a profile",
        "--wait",
    ]
    assert staple == ["xcrun", "stapler", "staple", str(tmp_path / "traycreds.app")]
    assert assess[0] == "spctl"
    assert pack == plain[-1]


def test_a_mac_app_for_one_processor_says_so_in_its_name(tmp_path):
    assert build_macos.archive_of(tmp_path, "1.2", "arm64").name == "traycreds-1.2-macos-arm64.zip"


def test_the_hardened_runtime_allows_the_app_one_thing_alone():
    assert plistlib.loads(build_macos.ENTITLEMENTS.read_bytes()) == {
        "com.apple.security.cs.allow-unsigned-executable-memory": True
    }


@pytest.mark.parametrize(
    ("python", "built"), [("macosx-10.13-universal2", "universal2"), ("macosx-14.0-arm64", "a machine")]
)
def test_a_mac_app_is_for_the_processors_that_its_python_is_for(python, built, monkeypatch):
    monkeypatch.setattr("sysconfig.get_platform", lambda: python)
    monkeypatch.setattr("platform.machine", lambda: "a machine")
    assert build_macos.architecture() == built


@dataclass
class Recorded:
    """PyInstaller's classes for version information, which it has on Windows alone."""

    kind: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def test_a_windows_program_says_what_it_is():
    kinds = (
        "VSVersionInfo",
        "FixedFileInfo",
        "StringFileInfo",
        "StringTable",
        "StringStruct",
        "VarFileInfo",
        "VarStruct",
    )
    names = {kind: lambda *args, _kind=kind, **kwargs: Recorded(_kind, args, kwargs) for kind in kinds}
    text = windows_metadata.version_info("traycredsw.exe", "1.2.3rc1", 'Keeps "it" alive')
    found = eval(text, {"__builtins__": {}}, names)
    assert found.kwargs["ffi"].kwargs["filevers"] == (1, 2, 3, 0)
    strings, translation = found.kwargs["kids"]
    language, table = strings.args[0][0].args
    reported = dict(entry.args for entry in table)
    assert reported["OriginalFilename"] == "traycredsw.exe"
    assert reported["ProductVersion"] == "1.2.3rc1"
    assert reported["FileDescription"] == 'Keeps "it" alive'
    assert language == "{:04X}{:04X}".format(*translation.args[0][0].args[1])


@pytest.mark.parametrize(
    ("version", "four"),
    [("0.1.0", (0, 1, 0, 0)), ("2.0", (2, 0, 0, 0)), ("1.2.3.dev4", (1, 2, 3, 0)), ("1.2rc1", (1, 2, 0, 0))],
)
def test_versions_as_windows_counts(version, four):
    assert windows_metadata.numbers(version) == four


def test_both_windows_programs_are_signed(tmp_path):
    sign, sign_too = build_windows.signing(tmp_path, "signtool sign /a")
    assert sign == ["signtool", "sign", "/a", str(tmp_path / "traycreds.exe")]
    assert sign_too[-1].endswith("traycredsw.exe")
    assert build_windows.signing(tmp_path, None) == []


def test_a_windows_program_asks_for_no_rights_and_for_sharp_pictures():
    reported = ET.fromstring(windows_metadata.manifest("1.2.3rc1"))
    found = {each.tag.rpartition("}")[2]: each for each in reported.iter()}
    assert found["assemblyIdentity"].attrib["version"] == "1.2.3.0"
    assert found["requestedExecutionLevel"].attrib == {"level": "asInvoker", "uiAccess": "false"}
    assert found["dpiAwareness"].text == "PerMonitorV2"
    assert found["supportedOS"].attrib == {"Id": "{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"}, "Windows 10 and 11"


def test_the_same_folder_gives_the_same_zip(tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    archives = []
    for name, names in (("one", "ab"), ("two", "ba")):
        folder = tmp_path / name / "app"
        for each in names:
            (folder / each).mkdir(parents=True)
            (folder / each / "file").write_text(each)
        archives.append(tmp_path / f"{name}.zip")
        build_windows.pack(folder, archives[-1])
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with zipfile.ZipFile(archives[0]) as opened:
        assert opened.namelist() == ["app/a/file", "app/b/file"]
        assert opened.testzip() is None


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_no_module_of_another_platform_is_packed(platform):
    """Each is named by what it says itself, and none of those is what the platform runs on."""
    assert ("traycreds.ui.tray.status_notifier" in pyinstaller.elsewhere(platform)) == (platform != "linux")
    assert ("traycreds.control.named_pipe" in pyinstaller.elsewhere(platform)) == (platform != "win32")
    assert ("traycreds.control.unix_socket" in pyinstaller.elsewhere(platform)) == (platform == "win32")
    assert set(pyinstaller.elsewhere(platform)) <= set(pyinstaller.excluded(platform))


@pytest.mark.skipif(sys.platform != "linux", reason="the list of this platform is the one that can be tried")
def test_every_module_that_is_packed_can_be_imported():
    """What the build tries in its own environment, tried in this one."""
    done = subprocess.run(
        [sys.executable, "-c", environment.IMPORT_ALL, *pyinstaller.elsewhere()],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


NOT_THERE = {"win32": ("jeepney",), "darwin": ("jeepney", "plyer")}
"""Libraries that pip installs on Linux and not on another system; a name without a module cannot be imported."""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux has the most libraries to take away")
@pytest.mark.parametrize("platform", NOT_THERE)
def test_no_module_needs_a_library_that_another_system_lacks(platform):
    """The Windows app had no windows of its own once: their module loaded D-Bus."""
    without = f"import sys; sys.modules.update(dict.fromkeys({NOT_THERE[platform]!r}))"
    others = {*pyinstaller.elsewhere(), *pyinstaller.elsewhere(platform)}
    done = subprocess.run(
        [sys.executable, "-c", f"{without}\n{environment.IMPORT_ALL}", *others],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["build_macos.py", "build_windows.py"])
def test_a_dry_run_finds_no_fault_and_says_what_it_would_do(name):
    message = script(name, "--dry-run")
    assert "traycreds.spec" in message
    assert metadata.VERSION in message
    assert "--version" in message


@pytest.mark.parametrize(("module", "attribute"), [(build_macos, "SPEC"), (build_windows, "SPEC")])
def test_a_dry_run_finds_a_broken_recipe(module, attribute, tmp_path, monkeypatch):
    broken = tmp_path / "broken.spec"
    broken.write_text("EXE(")
    monkeypatch.setattr(module, attribute, broken)
    arguments = ("1.0",) if module is build_macos else ("1.0", "text")
    assert len(module.check(*arguments)) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="it can be built where it belongs")
@pytest.mark.parametrize("module", [build_macos, build_windows])
def test_elsewhere_it_says_where_it_can_be_built(module, capsys):
    assert module.main([]) == 2
    assert "only" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("spec", "platform"),
    [("linux/traycreds.spec", "linux"), ("macos/traycreds.spec", "darwin"), ("windows/traycreds.spec", "win32")],
)
def test_each_recipe_takes_what_its_platform_needs(spec, platform, tmp_path, monkeypatch):
    """Runs the recipe with PyInstaller's words recorded."""
    words: dict[str, list[Recorded]] = {}

    def recorder(kind):
        def record(*args, **kwargs):
            made = Recorded(kind, args, kwargs)
            made.datas = [("botocore/data/ec2/x", "x", "DATA"), ("botocore/data/sts/x", "x", "DATA")]
            made.pure, made.scripts, made.binaries = [], [], []
            words.setdefault(kind, []).append(made)
            return made

        return record

    monkeypatch.setenv("CODESIGN_IDENTITY", "Developer ID: me")
    hooks = type(sys)("PyInstaller.utils.hooks")
    hooks.collect_submodules = lambda name: [f"{name}.found"]
    hooks.copy_metadata = lambda name: [(name, name)]
    hooks.collect_data_files = lambda name: [(f"{name}/data", name)]
    for name in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, type(sys)(name))
    monkeypatch.setitem(sys.modules, "PyInstaller.utils.hooks", hooks)
    monkeypatch.setattr(sys, "path", [*sys.path])
    # Larger ones take seconds to draw, and `test_desktop_files` covers them all.
    monkeypatch.setattr(icons, "ICNS", icons.ICNS[:2])
    path = PACKAGING / spec
    scope = {kind: recorder(kind) for kind in ("Analysis", "PYZ", "EXE", "COLLECT", "BUNDLE")}
    exec(
        compile(path.read_text(), str(path), "exec"), {**scope, "SPECPATH": str(path.parent), "workpath": str(tmp_path)}
    )
    (analysis,) = words["Analysis"]
    assert set(analysis.kwargs["hiddenimports"]) == {*pyinstaller.hidden_imports(platform), "traycreds.found"}
    assert analysis.kwargs["excludes"] == pyinstaller.excluded(platform)
    assert ("traycreds/data", "traycreds") in analysis.kwargs["datas"]
    assert {(name, name) for name in pyinstaller.described(platform)} <= set(analysis.kwargs["datas"])
    assert [entry[0] for entry in analysis.datas] == ["botocore/data/sts/x"]
    programs = {made.kwargs["name"]: made.kwargs["console"] for made in words["EXE"]}
    if platform == "win32":
        assert programs == {"traycreds": True, "traycredsw": False}
        assert all((tmp_path / f"{name}.exe.version.txt").stat().st_size for name in programs)
        assert all(made.kwargs["manifest"].startswith("<?xml") for made in words["EXE"])
    if platform == "darwin":
        (bundle,) = words["BUNDLE"]
        assert bundle.kwargs["bundle_identifier"] == metadata.IDENTIFIER
        assert bundle.kwargs["info_plist"]["LSUIElement"] is True
        assert (tmp_path / "traycreds.icns").stat().st_size
        (program,) = words["EXE"]
        assert program.kwargs["target_arch"] == build_macos.architecture()
        assert program.kwargs["codesign_identity"] == "Developer ID: me"
        assert program.kwargs["entitlements_file"] == str(build_macos.ENTITLEMENTS)
