"""What is said of programs and files of the desktop is carried out, and the same thing is done."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from venv import EnvBuilder

import pytest

from tests.contract.doctor_remedies import Case, carry_out, found, other, places  # noqa: F401 - fixtures among them
from tests.support.wait_until import written
from tests.windows.mark import linux_only, not_on_windows
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.core.model import Settings
from traycreds.core.value_class import replace
from traycreds.desktop import browser, clipboard, login_item
from traycreds.desktop.autostart import XdgEntry
from traycreds.process import install_hint
from traycreds.state import paths
from traycreds.ui.new_role.form import Form
from traycreds.ui.picker import rows
from traycreds.ui.picker.dialog import PickerDialog
from traycreds.ui.picker.rows import Picked, PickerAction


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Install a program into a folder that alone is on the PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def program(name: str, body: str) -> str:
        path = folder / name
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{body}\n")
        path.chmod(0o755)
        return str(path)

    return program


@not_on_windows
@pytest.mark.parametrize("container", [False, True])
def test_a_browser_that_cannot_be_started(program, tmp_path, container):
    seen = tmp_path / "seen"
    wrong = Settings(browser=("/no/such/browser",), container=container)
    with pytest.raises(TraycredsError) as caught:
        browser.chosen(wrong.console_opens_in, "dev", place="{role}")("https://aws")
    assert caught.value.hint == "Fix browser or container in [settings]."
    right = program("browser", f'echo "$1" > {shlex.quote(str(seen))}')
    browser.chosen(replace(wrong, browser=(right,)).console_opens_in, "dev", place="{role}")("https://aws")
    assert "aws" in written(seen)


@linux_only
@pytest.mark.parametrize("name", ["wl-copy", "xclip"])
def test_a_clipboard_without_a_program(program, tmp_path, monkeypatch, name):
    monkeypatch.setattr(clipboard.importlib.util, "find_spec", lambda name: None)
    screen = {"PATH": os.environ["PATH"], "DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}
    with pytest.raises(TraycredsError) as caught:
        clipboard.put("text", screen)
    assert caught.value.hint == "Install wl-clipboard or xclip."
    seen = tmp_path / "seen"
    program(name, f"cat > {shlex.quote(str(seen))}")
    clipboard.put("text", screen)
    assert seen.read_text() == "text"


@linux_only
def test_a_clipboard_whose_program_fails_once(program, tmp_path):
    """The other half, `traycreds env`, needs no clipboard."""
    screen = {"PATH": os.environ["PATH"], "DISPLAY": ":0"}
    seen = tmp_path / "seen"
    program("xclip", "exit 1")
    with pytest.raises(TraycredsError) as caught:
        clipboard.put("text", screen)
    assert caught.value.hint == "Try again, or use `traycreds env`."
    program("xclip", f"cat > {shlex.quote(str(seen))}")
    clipboard.put("text", screen)
    assert seen.read_text() == "text"


@not_on_windows
@pytest.mark.parametrize("of", ["the file", "its folder"])
def test_a_login_item_of_another_user(tmp_path, monkeypatch, of):
    """As for a user, even where root runs the tests: what may not be read or written is refused."""
    item = XdgEntry(tmp_path / "autostart")
    item.turn_on(("/bin/true",))
    barred = tmp_path / "autostart" / ("traycreds.desktop" if of == "the file" else "")
    allowed = {"read": login_item.contents.bounded, "write": login_item.private_files.write}

    def guarded(how):
        def call(path, *more):
            if barred.stat().st_mode & 0o600 == 0:
                raise PermissionError(13, "Permission denied", str(path))
            return allowed[how](path, *more)

        return call

    monkeypatch.setattr(login_item.contents, "bounded", guarded("read"))
    monkeypatch.setattr(login_item.private_files, "write", guarded("write"))
    mode = barred.stat().st_mode
    barred.chmod(0)
    for use in (item.read, lambda: item.turn_on(("/bin/false",))):
        with pytest.raises(TraycredsError) as caught:
            use()
        assert caught.value.hint == "Check the owner and mode of the file and its folder."
    barred.chmod(mode)
    item.turn_on(("/bin/false",))
    assert item.read().command == ("/bin/false",)


@linux_only
def test_a_list_of_roles_without_a_program_for_windows(program, monkeypatch):
    """The other half, `traycreds pick` in a terminal, is in integration/cli/test_pick."""
    monkeypatch.setenv("DISPLAY", ":0")
    picker = PickerDialog(("/no/toolkit",), in_console=())
    with pytest.raises(TraycredsError) as caught:
        picker.ask((rows.RoleRow("dev"), rows.RoleRow("prod")))
    assert caught.value.hint == "Install zenity or Python's tkinter, or run traycreds pick in a terminal."
    program("zenity", "cat > /dev/null; echo 2")
    assert picker.ask((rows.RoleRow("dev"), rows.RoleRow("prod"))) == Picked(PickerAction.USE, "prod")
    tkinter = program("window-with-tkinter", """cat > /dev/null; echo '{"do": "use", "role": "dev"}'""")
    assert PickerDialog((tkinter,), in_console=()).ask((rows.RoleRow("dev"),)) == Picked(PickerAction.USE, "dev")


def test_a_program_whose_quote_stays_open(found):
    carry_out(found, Case("config", other("credential_process = 'x\n"), "Close the quote, or remove it.", other("")))


@pytest.mark.parametrize(
    ("field", "hint", "right"),
    [
        ("account", "Fill in the account, or paste the ARN of the role.", "444455556666"),
        ("account", "Fill in the account, or paste the ARN of the role.", "arn:aws:iam::444455556666:role/Admin"),
        ("role", "Fill in the role.", "Admin"),
        ("source_profile", "Choose the profile whose credentials assume the role.", "base"),
        ("name", "Fill in the short name.", "admin"),
    ],
)
def test_a_form_of_a_new_role_that_is_not_filled_in(field, hint, right):
    whole = Form(account="444455556666", role="Admin", source_profile="base", name="admin")
    form = whole._replace(**{field: ""})
    assert form.missing() == hint
    form = form._replace(**{field: right})
    assert (form.missing(), form.role_arn) == (None, "arn:aws:iam::444455556666:role/Admin")


@not_on_windows
@pytest.mark.parametrize("home", [None, "", "home"])
def test_an_invalid_home(tmp_path, monkeypatch, home):
    with monkeypatch.context() as wrong:
        wrong.delenv("HOME") if home is None else wrong.setenv("HOME", home)
        with pytest.raises(UsageError) as caught:
            paths.locate(os.environ)
    assert caught.value.hint == "Set it to the full path of your home folder."
    monkeypatch.setenv("HOME", str(tmp_path))
    assert paths.locate(os.environ).aws_config_file.is_absolute()


@not_on_windows
@pytest.mark.parametrize("half", ["without sudo", "sudo -H"])
def test_root_in_the_home_of_a_user(monkeypatch, half):
    owners = {"user": 1000, "root": 0}
    runs = {"as": 0, "home": "user"}
    monkeypatch.setattr(os, "geteuid", lambda: runs["as"])
    monkeypatch.setattr(paths, "owner", lambda folder: owners[runs["home"]])
    with pytest.raises(UsageError) as caught:
        paths.locate(os.environ)
    assert caught.value.hint == "Run it without sudo, or with `sudo -H` for root's own roles."
    # With `sudo -H`, the home is that of root.
    runs |= {"as": 1000} if half == "without sudo" else {"home": "root"}
    assert paths.locate(os.environ)


@pytest.fixture
def installs(tmp_path, monkeypatch):
    """Run the command that installs a package, from a folder here instead of an index."""
    wheel = tmp_path / "wheels" / "missing_part-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    about = "missing_part-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("missing_part.py", "")
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: missing-part\nVersion: 1.0\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    where = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheel.parent), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    where |= {"UV_NO_INDEX": "1", "UV_FIND_LINKS": str(wheel.parent), "UV_CACHE_DIR": str(tmp_path / "cache")}

    def installs(advice: str, prefix: Path) -> None:
        how, _, command = advice.partition(": ")
        assert how == "Install it with"
        use = [prefix / "bin" / "python", "-c", "import missing_part"]
        assert subprocess.run(use, check=False, capture_output=True).returncode == 1
        subprocess.run(shlex.split(command), check=True, env={**os.environ, **where}, capture_output=True, timeout=60)
        subprocess.run(use, check=True, timeout=60)

    return installs


@not_on_windows
def test_a_package_that_is_missing_is_installed_by_pip(installs, tmp_path, monkeypatch):
    prefix = tmp_path / "venv"
    EnvBuilder(with_pip=False).create(prefix)
    with monkeypatch.context() as plain:
        plain.setattr(sys, "prefix", str(prefix))
        advice = install_hint.advice("missing-part")
    assert advice == f'Install it with: {sys.executable} -m pip install "missing-part"'
    # A pip in the environment itself would take seconds to install.
    monkeypatch.setenv("PIP_PYTHON", str(prefix / "bin" / "python"))
    installs(advice, prefix)


@not_on_windows
@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv: pip install uv")
def test_a_package_that_is_missing_is_installed_by_uv(installs, tmp_path, monkeypatch):
    prefix = tmp_path / "uv" / "tools" / "traycreds"
    EnvBuilder(with_pip=False).create(prefix)
    with monkeypatch.context() as tool:
        tool.setattr(sys, "prefix", str(prefix))
        advice = install_hint.advice("missing-part")
    assert advice == f'Install it with: uv pip install --python {prefix} "missing-part"'
    installs(advice, prefix)
