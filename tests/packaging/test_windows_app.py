"""The frozen app for Windows, built by our script and run on Windows, or under Wine (test_windows_app_under_wine.py)."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import zipfile

import pytest
from lib import metadata

from tests.packaging.conftest import PACKAGING
from tests.packaging.packed_sandbox import await_saying
from tests.support.wait_until import until
from tests.windows.mark import on_wine, windows_only

if sys.platform == "win32":
    import ctypes
    import winreg

    from tests.windows import resources

pytestmark = [
    pytest.mark.slow,
    # The first of these tests builds the app.
    pytest.mark.timeout(900),
    windows_only,
]

MIB = 1024 * 1024
RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
PROGRAMS = ("traycreds.exe", "traycredsw.exe")


def test_it_is_small_and_all_of_it_is_packed(app):
    files = {path.relative_to(app.parent).as_posix(): path.stat().st_size for path in app.rglob("*") if path.is_file()}
    assert sum(files.values()) < 65 * MIB
    (archive,) = app.parent.glob("*.zip")
    assert archive.name == f"traycreds-{metadata.VERSION}-windows.zip"
    assert archive.stat().st_size < 28 * MIB
    with zipfile.ZipFile(archive) as opened:
        assert {entry.filename: entry.file_size for entry in opened.infolist()} == files


def test_of_the_services_only_those_that_are_called_are_in_it(app):
    data = app / "_internal" / "botocore" / "data"
    assert {path.name for path in data.iterdir() if path.is_dir()} == {"sts", "sso", "sso-oidc", "signin"}


def test_it_brings_licences_and_sbom(app):
    assert (app / "licenses" / "pystray" / "COPYING.LGPL").stat().st_size
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in (app / "licenses" / "python" / "LICENSE.txt").read_text("utf-8")
    parts = {part["name"] for part in json.loads((app / "traycreds.cdx.json").read_text("utf-8"))["components"]}
    assert {"botocore", "pystray", "pywin32-ctypes"} <= parts
    assert not {"jeepney", "SecretStorage", "pyinstaller"} & parts


@pytest.mark.parametrize("program", PROGRAMS)
def test_windows_knows_what_a_program_is(app, program):
    reported = resources.strings(app / program)
    assert reported["OriginalFilename"] == program
    assert reported["FileDescription"] == metadata.SUMMARY
    assert reported["ProductVersion"] == metadata.VERSION
    assert resources.is_for_terminals(app / program) == (program == "traycreds.exe")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_has_our_icon_in_every_size(app, program):
    assert resources.icon_sizes(app / program) == {16, 20, 24, 32, 40, 48, 64, 128, 256}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_has_our_manifest(app, program):
    reported = resources.manifest(app / program)
    assert "PerMonitorV2" in reported
    assert 'level="asInvoker"' in reported
    assert "Microsoft.Windows.Common-Controls" in reported


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_starts(app, program):
    done = subprocess.run([app / program, "--version"], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"traycreds {metadata.VERSION}\n"


def started_at_login(program, **options):
    """Start a program as Explorer does: without any standard stream."""
    # The flag without any handle leaves the program without streams.
    none = subprocess.STARTUPINFO(dwFlags=subprocess.STARTF_USESTDHANDLES)
    return subprocess.Popen([program], startupinfo=none, **options)


def test_a_chained_role_is_refreshed(packed):
    packed.add_role("hop")
    with packed.aws_config.open("a") as file:
        file.write("[profile hop]\nrole_arn = arn:aws:iam::123456789012:role/hop\nsource_profile = base\n")
    arn = packed.add_role("chained", source="hop")
    packed.simulator.world.add_role(arn, trust=["arn:aws:iam::123456789012:role/hop"], max_session=3600)
    done = packed.command("once", "chained")
    assert done.returncode == 0, done.stderr
    assert packed.profiles()["chained-session"]["traycreds_role"] == "chained"


def test_the_running_app_takes_commands(packed):
    packed.add_role("dev", extra="keep = true")
    packed.add_role("other")
    running = packed.start("run", "--no-tray")
    try:
        packed.wait_for_profile("dev-session")
        until(packed.listens)
        assert packed.command("use", "other").returncode == 0
        assert packed.profiles()["default"]["traycreds_role"] == "other"
        reported = json.loads(packed.command("status", "--json").stdout)
        assert {role["name"]: role["is_default"] for role in reported["roles"]} == {"dev": False, "other": True}
        assert packed.command("quit").returncode == 0
        assert running.wait(30) == 0
    finally:
        running.kill()
        running.communicate()


def test_the_app_of_the_desktop_runs_without_a_console_and_ends_well(app, packed):
    packed.add_role("dev", extra="keep = true")
    running = started_at_login(app / "traycredsw.exe", env=packed.environment())
    try:
        packed.wait_for_profile("dev-session")
        until(packed.listens)
        assert packed.command("quit").returncode == 0
        assert running.wait(30) == 0
    finally:
        running.kill()
        running.wait()
    log = packed.log.read_text("utf-8")
    assert "stopped" in log, log
    # Under Wine there is no screen, so the log may hold a traceback.
    assert on_wine or "Traceback" not in log, log


def test_the_demo_runs_in_it(packed):
    running = packed.start("demo", "--no-tray")
    try:
        await_saying(running, "3 roles fresh")
        assert running.poll() is None
    finally:
        running.kill()
        running.communicate()


@pytest.fixture
def _no_autostart():
    """The registry is the user's own, for it cannot be another; what is there is put back."""
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, RUN) as key:
        try:
            before = winreg.QueryValueEx(key, "traycreds")
        except FileNotFoundError:
            before = None
        yield
        if before is not None:
            winreg.SetValueEx(key, "traycreds", 0, before[1], before[0])


@pytest.mark.usefixtures("_no_autostart")
def test_at_login_the_app_of_the_desktop_starts(app, packed):
    assert packed.command("autostart", "on").returncode == 0
    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN) as key:
        entry = winreg.QueryValueEx(key, "traycreds")[0]
    assert entry == subprocess.list2cmdline([str(app / "traycredsw.exe")])
    assert packed.command("autostart", "status").returncode == 0
    assert packed.command("autostart", "off").returncode == 0
    with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN) as key, pytest.raises(FileNotFoundError):
        winreg.QueryValueEx(key, "traycreds")


def test_its_keyring_is_that_of_windows(packed):
    """The keys of a profile move into the Credential Manager, the app itself gives them to botocore, and they come back."""
    key = packed.owner
    packed.add_role("dev")
    done = packed.command("import", "keyring", "base")
    assert done.returncode == 0, done.stdout + done.stderr
    try:
        assert key.secret_access_key not in packed.credentials_file.read_text("utf-8")
        done = packed.command("once", "dev")
        assert done.returncode == 0, done.stderr
    finally:
        done = packed.command("import", "keyring", "--undo", "base")
    assert done.returncode == 0, done.stderr
    assert packed.profiles()["base"]["aws_secret_access_key"] == key.secret_access_key


def test_programs_that_it_starts_do_not_load_libraries_from_its_folder(monkeypatch, capsys):
    """Microsoft's SetDllDirectory holds for children too; Wine's does not, so our own process is looked at."""
    kernel = ctypes.WinDLL("kernel32")
    # The loader of PyInstaller does this.
    kernel.SetDllDirectoryW(str(PACKAGING))
    monkeypatch.setattr(sys, "argv", ["traycreds", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(PACKAGING / "lib" / "entry.py"))
    assert not ended.value.code
    assert capsys.readouterr().out == f"traycreds {metadata.VERSION}\n"
    assert kernel.GetDllDirectoryW(0, None) == 1, "no more than the end of an empty text"
