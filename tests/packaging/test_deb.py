"""The Debian package, built from the app: installs, runs, starts at login only if asked, and leaves nothing."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.packaging.conftest import run, script

pytestmark = [
    pytest.mark.slow,
    # The first of these tests builds the package.
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg"),
]


@pytest.fixture(scope="session")
def package(app, tmp_path_factory):
    out = tmp_path_factory.mktemp("deb")
    script("build_deb.py", "--app", app, "--out", out)
    (found,) = out.glob("*.deb")
    return found


@pytest.fixture
def system(tmp_path):
    """A system of its own for dpkg: an empty root folder with an empty database."""
    root = tmp_path / "root"
    for folder in ("info", "updates", "triggers", "parts"):
        (root / "var/lib/dpkg" / folder).mkdir(parents=True)
    for file in ("status", "available"):
        (root / "var/lib/dpkg" / file).touch()
    return root


def dpkg(root, *arguments):
    """Without its dependencies, which the real system around it has."""
    return run("dpkg", f"--root={root}", "--force-not-root", "--force-depends", "--log=/dev/null", *arguments)


def outside_dpkg(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if "var/lib/dpkg" not in str(path))


def test_it_installs_runs_and_leaves_nothing(package, system, home):
    before = outside_dpkg(system)
    dpkg(system, "-i", package)
    link = system / "usr/bin/traycreds"
    assert link.is_symlink()
    assert not link.readlink().is_absolute()
    assert run(link, "--version", env={"HOME": str(home)}).startswith("traycreds ")
    dpkg(system, "-r", "traycreds")
    assert not link.exists()
    # Without configuration files, nothing is left to purge.
    assert outside_dpkg(system) == before
    assert "traycreds" not in dpkg(system, "--get-selections")


def test_nothing_starts_at_login_until_a_user_says_so(package, system, home):
    dpkg(system, "-i", package)
    assert not [path for path in outside_dpkg(system) if "autostart" in path or "systemd" in path]
    environ = {"HOME": str(home), "PATH": os.environ["PATH"]}
    run(system / "usr/bin/traycreds", "autostart", "on", env=environ)
    (entry,) = (home / ".config/autostart").iterdir()
    assert f"{system}/usr/" in entry.read_text()
    run(system / "usr/bin/traycreds", "autostart", "off", env=environ)
    assert not list((home / ".config/autostart").iterdir())


def test_it_runs_no_script_of_its_own(package):
    names = set(run("dpkg-deb", "-I", package).split()) & {"preinst", "postinst", "prerm", "postrm", "conffiles"}
    assert not names


def test_every_file_belongs_to_root_and_only_programs_can_be_run(package):
    for line in run("dpkg-deb", "-c", package).splitlines():
        mode, owner, _, _, _, name, *_ = line.split()
        assert owner == "root/root"
        program = name == "./usr/lib/traycreds/traycreds"
        assert mode in {"l": ["lrwxrwxrwx"], "d": ["drwxr-xr-x"]}.get(
            mode[0], ["-rwxr-xr-x" if program else "-rw-r--r--"]
        )


def test_a_desktop_finds_its_entry_icons_and_description(package):
    names = run("dpkg-deb", "-c", package)
    for place in (
        "share/applications/traycreds.desktop",
        "share/icons/hicolor/scalable/apps/traycreds.svg",
        "share/icons/hicolor/48x48/apps/traycreds.png",
        "share/metainfo/io.github.traycreds.traycreds.metainfo.xml",
        "share/man/man1/traycreds.1.gz",
        "share/doc/traycreds/copyright",
    ):
        assert f"./usr/{place}" in names


@pytest.mark.skipif(shutil.which("lintian") is None, reason="needs lintian: sudo apt-get install -y lintian")
def test_lintian_has_no_fault_to_find(package):
    message = run("lintian", "--no-cfg", "--allow-root", "--fail-on", "error,warning", package)
    assert not [line for line in message.splitlines() if line.startswith(("E:", "W:"))]


@pytest.mark.skipif(shutil.which("man") is None, reason="needs man-db: sudo apt-get install -y man-db")
def test_the_manual_page_reads_without_a_warning(package, tmp_path):
    run("dpkg-deb", "-x", package, tmp_path / "tree")
    done = subprocess.run(
        ["man", "--warnings", "-l", tmp_path / "tree/usr/share/man/man1/traycreds.1.gz"],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "MANWIDTH": "80", "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith("TRAYCREDS(1)"), "what is in it, test_manpage.py looks at"
