"""The AppImage, packed by appimagetool: a stand-in for the app, and the app itself."""

from __future__ import annotations

import configparser
import os
import signal
import subprocess

import build_appimage
import pytest

from docs import icons
from tests.packaging import appimagetool
from tests.packaging.conftest import run
from tests.packaging.packed_sandbox import Packed, await_saying
from tests.support.sim import AwsSimulator
from tests.support.wait_until import PATIENCE
from tests.windows.mark import linux_only

pytestmark = linux_only


def packs(test):
    """Marks of a test that needs appimagetool."""
    missing = appimagetool.missing()
    return pytest.mark.appimage(pytest.mark.skipif(missing != "", reason=missing)(test))


@pytest.fixture
def without_fuse(tmp_path):
    """Variables that have it unpack itself for each start, into a folder of the test: a container has no FUSE."""
    return {"APPIMAGE_EXTRACT_AND_RUN": "1", "TMPDIR": str(tmp_path)}


STAND_IN = '#!/bin/sh\nif [ "$1" = --version ]; then echo traycreds 1.2.3; else echo "$APPIMAGE" "$@"; fi\n'


@pytest.fixture
def stand_in(tmp_path):
    """A one-folder app that says how it was started, and the icons."""
    app = tmp_path / "traycreds"
    app.mkdir()
    (app / "traycreds").write_text(STAND_IN)
    (app / "traycreds").chmod(0o755)
    icons.hicolor(tmp_path / "drawn")
    return app, tmp_path / "drawn"


def packed_at(folder, app, drawn):
    folder.mkdir()
    build_appimage.fill(folder / "traycreds.AppDir", app, drawn, "1.2.3")
    image = folder / "traycreds.AppImage"
    build_appimage.pack(folder / "traycreds.AppDir", image, appimagetool.PROGRAM, None)
    return image


def unpacked(image, folder):
    run(image, "--appimage-extract", cwd=folder)
    return folder / "squashfs-root"


@packs
def test_the_image_starts_the_app_and_says_where_itself_lies(stand_in, tmp_path, without_fuse):
    image = packed_at(tmp_path / "out", *stand_in)
    environ = {"PATH": os.environ["PATH"], **without_fuse}
    assert run(image, "status", "a role", env=environ) == f"{image} status a role\n"


@packs
def test_desktops_find_entry_icon_and_description_in_it(stand_in, tmp_path):
    root = unpacked(packed_at(tmp_path / "out", *stand_in), tmp_path)
    entry = configparser.ConfigParser(interpolation=None)
    entry.read_string((root / "traycreds.desktop").read_text(encoding="utf-8"))
    assert entry["Desktop Entry"]["Icon"] == "traycreds"
    assert (root / "traycreds.png").read_bytes() == (root / ".DirIcon").read_bytes()
    assert (root / "traycreds.png").read_bytes().startswith(b"\x89PNG")
    run("desktop-file-validate", root / "traycreds.desktop")
    run("appstreamcli", "validate", "--no-net", *(root / "usr/share/metainfo").iterdir())


@packs
def test_the_same_app_gives_the_same_image(stand_in, tmp_path):
    images = [packed_at(tmp_path / name, *stand_in) for name in ("one", "two")]
    assert images[0].read_bytes() == images[1].read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [["--appimagetool", "no-such-tool"], ["--appimagetool", "sh", "--runtime", "no-such-file"]],
)
def test_what_is_missing_is_named_before_anything_is_built(arguments, tmp_path, capsys):
    out = tmp_path / "out"
    assert build_appimage.main([*arguments, "--out", str(out)]) == 2
    assert capsys.readouterr().err == f"not there: {arguments[-1]}\n"
    assert not out.exists()


@pytest.fixture(scope="module")
def image(app, tmp_path_factory):
    return build_appimage.build(app, tmp_path_factory.mktemp("image"), appimagetool.PROGRAM, None)


@packs
@pytest.mark.slow
# The first of these tests builds the image.
@pytest.mark.timeout(900)
def test_the_app_in_it_keeps_a_role_fresh_and_starts_at_login_as_the_image(image, home, without_fuse):
    with AwsSimulator() as simulator:
        sandbox = Packed(home, simulator, image)
        sandbox.add_role("dev")
        environ = sandbox.environment(**without_fuse)
        run(image, "once", "dev", env=environ)
        assert sandbox.profiles()["dev-session"]["traycreds_role"] == "dev"
        run(image, "autostart", "on", env=environ)
        (entry,) = (home / ".config" / "autostart").iterdir()
        assert f"{image}" in entry.read_text(encoding="utf-8")
        assert ".mount_" not in entry.read_text(encoding="utf-8")
        seen = run(image, "exec", "dev", "--", "env", env=environ)
    assert "ARGV0=" not in seen, "zsh would use it as the name of all that it starts"
    assert "AWS_ACCESS_KEY_ID=" in seen


@packs
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_demo_runs_in_it(image, home, without_fuse):
    environ = {"HOME": str(home), "PATH": os.environ["PATH"], **without_fuse}
    command = [image, "demo", "--no-tray"]
    # It unpacks itself and starts the app as a child, which the signal is for, too.
    running = subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        await_saying(running, "3 roles fresh")
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.wait(PATIENCE)
        running.stdout.close()
