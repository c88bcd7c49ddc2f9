"""The locks: pinned, hashed, of no index, and fit for what pyproject.toml asks on every platform."""

from __future__ import annotations

import re
import sys

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.conftest import PACKAGING, ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

LOCKS = PACKAGING / "locks"
PLATFORMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")


def pins(name):
    """What a lock holds: requirement and number of hashes."""
    text = (LOCKS / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [(Requirement(line.split("--hash")[0].strip()), line.count("--hash=sha256:")) for line in lines]


def asked():
    """What pyproject.toml asks for at run time."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(text) for text in project["dependencies"]]


@pytest.mark.parametrize("name", ["app", "freeze", "tools", "sign"])
def test_every_line_is_pinned_and_hashed(name):
    assert pins(name)
    for requirement, hashes in pins(name):
        assert re.fullmatch(r"==[\w.+!]+", str(requirement.specifier)), requirement
        assert hashes > 0, requirement


@pytest.mark.parametrize("name", ["app", "freeze", "tools", "sign"])
def test_no_index_is_named(name):
    text = (LOCKS / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"index-url|find-links|trusted-host|://", text)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_it_fits_what_the_project_asks_for(platform, python):
    """A dependency that came in without a new lock fails here: python packaging/locks/update.py."""
    here = {
        **default_environment(),
        "sys_platform": platform,
        "platform_system": PLATFORMS[platform],
        "python_version": python,
        "python_full_version": f"{python}.0",
    }
    held = {}
    for pin, _ in pins("app"):
        if pin.marker is None or pin.marker.evaluate(here):
            assert canonicalize_name(pin.name) not in held, f"two of {pin.name}"
            held[canonicalize_name(pin.name)] = str(pin.specifier).removeprefix("==")
    for wanted in asked():
        if wanted.marker is None or wanted.marker.evaluate(here):
            version = held[canonicalize_name(wanted.name)]
            assert wanted.specifier.contains(version), f"{wanted} is locked to {version}"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_locks_come_out_the_same_when_made_anew_with_their_pins(tmp_path, capfd):
    from lib.environment import Environments

    Environments(tmp_path / "environments").script("locks/update.py", "--check")
    assert "all locks fit" in capfd.readouterr().out
