"""Picks the terminal's variables that the app needs at login, where launchd or the desktop lack them. No secrets."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_FILES = ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "TRAYCREDS_CONFIG")
_CERTIFICATES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_PATHS = frozenset({*_FILES, *_CERTIFICATES})
NAMES = (*_FILES, *_CERTIFICATES, *_PROXIES, *map(str.lower, _PROXIES))
"""Besides PATH; values with a user or password are left out."""
_USUAL = (
    "~/.local/bin",
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/opt/local/bin",
    "/home/linuxbrew/.linuxbrew/bin",
    "/usr/bin",
    "/bin",
)
"""Where Homebrew, MacPorts, pipx and the system have programs; those that are there and missing go to the end."""


def of_login(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """The variables, in the order to write; none on Windows, where logins have them all."""
    if sys.platform == "win32":
        return {}
    found = {"PATH": _path(environ.get("PATH", ""), home)}
    for name in NAMES:
        value = environ.get(name, "")
        if value and value.isprintable() and not _holds_user(value):
            found[name] = _whole(value) if name in _PATHS else value
    return found


def left_out(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The names of variables that are not written, since they hold a user or a password."""
    return tuple(name for name in NAMES if _holds_user(environ.get(name, ""))) if sys.platform != "win32" else ()


def _holds_user(value: str) -> bool:
    """Whether it may hold a user or password, which come before an @ in URLs."""
    return "@" in value


def _whole(path: str) -> str:
    """As botocore reads it, from any folder."""
    return os.path.abspath(os.path.expanduser(os.path.expandvars(path)))  # noqa: PTH100, PTH111 - botocore's own


def _path(given: str, home: Path) -> str:
    folders = [folder for folder in given.split(os.pathsep) if os.path.isabs(folder) and folder.isprintable()]  # noqa: PTH117
    for usual in _USUAL:
        folder = usual.replace("~", str(home))
        if Path(folder).is_dir():
            folders.append(folder)
    return os.pathsep.join(dict.fromkeys(folders))
