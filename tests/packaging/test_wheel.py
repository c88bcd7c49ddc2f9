"""Wheel and sdist: what is in them, what they say of themselves, and that a fresh environment can use them."""

from __future__ import annotations

import base64
import csv
import email
import hashlib
import io
import os
import signal
import subprocess
import sys
import tarfile
import venv
import zipfile

import pytest

import traycreds
from tests.packaging.conftest import ROOT, run
from tests.packaging.packed_sandbox import await_saying
from tests.support.wait_until import PATIENCE

SIMULATED = {
    *("__init__", "errors", "faults", "server", "sigv4", "simulator", "sts", "totp", "world"),
    *("identity_center", "portal", "device_authorization"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with wheel and sdist, by the build back end itself: no isolation, no network."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=ROOT)
    return folder


@pytest.fixture
def wheel(built):
    (found,) = built.glob("*.whl")
    with zipfile.ZipFile(found) as opened:
        yield opened


@pytest.fixture
def sdist(built):
    (found,) = built.glob("*.tar.gz")
    with tarfile.open(found) as opened:
        yield opened


def info(wheel, name):
    (found,) = [path for path in wheel.namelist() if path.endswith(f".dist-info/{name}")]
    return wheel.read(found).decode()


def test_the_wheel_holds_every_module_and_nothing_else(wheel):
    source = {path.relative_to(ROOT).as_posix() for path in (ROOT / "traycreds").rglob("*.py")}
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    (data,) = [name for name in held if ".data/" in name]
    assert data.endswith(".data/data/share/man/man1/traycreds.1")
    assert wheel.read(data) == (ROOT / "packaging" / "docs" / "traycreds.1").read_bytes()
    held.remove(data)
    icons = {path.relative_to(ROOT).as_posix() for path in (ROOT / "traycreds" / "ui" / "icon" / "drawn").iterdir()}
    assert icons
    assert held == source | icons | {"traycreds/py.typed"}
    simulator = {name for name in held if name.startswith("traycreds/sim/")}
    assert simulator == {f"traycreds/sim/{name}.py" for name in SIMULATED}, "what only the tests need is not shipped"


def test_every_file_of_the_wheel_is_recorded_with_its_hash(wheel):
    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(info(wheel, "RECORD")))}
    assert set(rows) == set(wheel.namelist())
    for name, (digest, size) in rows.items():
        if not name.endswith("RECORD"):
            data = wheel.read(name)
            sha = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={sha}", str(len(data))), name


def test_the_wheel_says_what_it_is(wheel):
    reported = email.message_from_string(info(wheel, "METADATA"))
    assert reported["Name"] == "traycreds"
    assert reported["Version"] == traycreds.__version__
    assert reported["Requires-Python"] == ">=3.10"
    assert reported["License-Expression"] == "MIT"
    assert reported["License-File"] == "LICENSE"
    assert reported["Description-Content-Type"] == "text/markdown"
    assert reported["Summary"]
    assert len(reported.get_payload()) > 2000, "the README"
    needed = {line.split(";")[0].split(">")[0].split("<")[0] for line in reported.get_all("Requires-Dist")}
    assert needed >= {"boto3", "botocore", "pystray", "plyer", "pillow"}
    assert "Root-Is-Purelib: true" in info(wheel, "WHEEL")
    assert "MIT License" in info(wheel, "licenses/LICENSE")


def test_the_wheel_has_a_program_for_the_terminal_and_one_for_the_desktop(wheel):
    lines = info(wheel, "entry_points.txt").split("\n")
    for group, name in (("console_scripts", "traycreds"), ("gui_scripts", "traycredsw")):
        assert lines[lines.index(f"[{group}]") + 1] == f"{name} = traycreds.__main__:main"


def test_the_version_is_written_in_one_place():
    assert (ROOT / "pyproject.toml").read_text(encoding="utf-8").count(f'"{traycreds.__version__}"') == 0


def test_the_sdist_has_what_tests_and_packages_are_made_of(sdist):
    names = {name.split("/", 1)[1] for name in sdist.getnames() if "/" in name}
    for needed in (
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "traycreds/py.typed",
        "tests/conftest.py",
        "tests/packaging/test_wheel.py",
        "packaging/build_deb.py",
        "packaging/locks/app.txt",
        "packaging/linux/traycreds.desktop",
        "assets/fresh.svg",
    ):
        assert needed in names
    assert not [name for name in names if "__pycache__" in name or name.startswith((".venv", ".git/", "dist"))]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_fresh_environment_runs_what_the_sdist_builds(tmp_path, home):
    """The whole way of a release: sdist, the wheel from it, both checked, installed with locked versions, run."""
    from lib.environment import Environments

    environments = Environments(tmp_path / "environments")
    out = environments.wheel()
    files = sorted(out.iterdir())
    assert {file.suffix for file in files} == {".whl", ".gz"}
    environments.tool("twine", "check", "--strict", *files)
    place = tmp_path / "fresh"
    venv.EnvBuilder(with_pip=True).create(place)
    python = place / "bin" / "python"
    environ = {"HOME": str(home), "PATH": os.environ["PATH"]}
    with_index = {**environ, **{name: os.environ[name] for name in os.environ if name.startswith(("PIP_", "SSL_"))}}
    lock = ROOT / "packaging" / "locks" / "app.txt"
    run(python, "-m", "pip", "install", "-q", "--require-hashes", "-r", lock, env=with_index)
    run(python, "-m", "pip", "install", "-q", "--no-index", "--no-deps", *out.glob("*.whl"), env=environ)
    for program in ("traycreds", "traycredsw"):
        assert run(place / "bin" / program, "--version", env=environ) == f"traycreds {traycreds.__version__}\n"
    assert run(python, "-m", "traycreds", "status", env=environ)
    run(python, "-m", "pip", "check", env=environ)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_pipx_installs_it_into_a_clean_home_and_takes_it_away_again(tmp_path, home):
    tools = tmp_path / "tools"
    venv.EnvBuilder(with_pip=True).create(tools)
    # These variables may name the package index.
    named = ("PIP_", "SSL_", "UV_")
    environ = {"HOME": str(home), "PATH": os.environ["PATH"]}
    with_index = {**environ, **{name: os.environ[name] for name in os.environ if name.startswith(named)}}
    run(tools / "bin/python", "-m", "pip", "install", "-q", "pipx", env=with_index)
    run(tools / "bin/pipx", "install", ROOT, env=with_index)
    program = home / ".local/bin/traycreds"
    assert run(program, "--version", env=environ) == f"traycreds {traycreds.__version__}\n"
    assert run(program.with_name("traycredsw"), "--version", env=environ)
    demo = subprocess.Popen([program, "demo", "--no-tray"], env=environ, stdout=subprocess.PIPE, text=True)
    try:
        await_saying(demo, "3 roles fresh")
    finally:
        demo.send_signal(signal.SIGINT)
        assert demo.wait(PATIENCE) == 0
        demo.stdout.close()
    with (home / "config").open("w") as file:
        file.write("[profile me]\nlogin_session = arn:aws:iam::123456789012:user/me\nregion = us-east-1\n")
        file.write("[profile dev]\nrole_arn = arn:aws:iam::123456789012:role/dev\nsource_profile = me\n")
    of_config = {**environ, "AWS_CONFIG_FILE": str(home / "config")}
    once = [program, "once", "dev"]
    done = subprocess.run(once, check=False, env=of_config, capture_output=True, text=True)
    assert 'Install it with: pipx inject --force traycreds "botocore[crt]"' in done.stderr
    run(tools / "bin/pipx", "inject", "--force", "traycreds", "botocore[crt]", env=with_index)
    done = subprocess.run(once, check=False, env=of_config, capture_output=True, text=True)
    assert "Run: aws login --profile me" in done.stderr, "it wants the sign-in now"
    run(tools / "bin/pipx", "uninstall", "traycreds", env=environ)
    assert not program.exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_sbom_lists_what_the_app_is_made_of(tmp_path):
    import json

    from lib.environment import Environments

    environments = Environments(tmp_path / "environments")
    environments.sbom(tmp_path / "sbom.json")
    reported = json.loads((tmp_path / "sbom.json").read_text())
    assert reported["bomFormat"] == "CycloneDX"
    root = reported["metadata"]["component"]
    assert (root["name"], root["version"]) == ("traycreds", traycreds.__version__)
    parts = {part["name"].lower(): part for part in reported["components"]}
    assert {"botocore", "pystray", "plyer", "pillow"} <= set(parts)
    assert not {"pip", "setuptools", "pyinstaller", "pytest"} & set(parts)
    for part in parts.values():
        assert part["version"]
        assert part["licenses"], part["name"]
        assert part["purl"].startswith("pkg:pypi/")
    linked = {entry["ref"]: entry.get("dependsOn", []) for entry in reported["dependencies"]}
    assert len(linked[root["bom-ref"]]) >= 5
