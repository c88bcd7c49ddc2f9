"""The JSON schemas that winget and Scoop check manifests by: which, and how they get here. Needs Python alone.

They are their projects' own and not kept in this repository: `python -m tests.packaging.schemas --prepare` fetches the
very bytes that are named here from GitHub into ~/.cache/traycreds-tests/schemas, or into the folder that
TRAYCREDS_SCHEMAS names; without the option it says whether they are there.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

PREPARE = "python -m tests.packaging.schemas --prepare"
_FOLDER = Path(os.environ.get("TRAYCREDS_SCHEMAS") or Path("~/.cache/traycreds-tests/schemas").expanduser())
"""Found when the tests are collected, so in the developer's home and not in the test's."""


class _Schema(NamedTuple):
    repository: str
    commit: str
    path: str
    sha256: str


_WINGET = ("microsoft/winget-cli", "fa3d9e511d1bd9bed2f1b72e9f0fa25323e7f3eb")
_PLACE = "schemas/JSON/manifests/v1.12.0/manifest.{}.1.12.0.json"
_SCHEMAS = {
    "winget-version": _Schema(
        *_WINGET, _PLACE.format("version"), "0cdf9c17a0d19221a3612980c95a47d120c4ce532157177aa6af4368a8a78273"
    ),
    "winget-installer": _Schema(
        *_WINGET, _PLACE.format("installer"), "47de5aefdea4e7ccbc8ab4e32e8230671300054bd4f688cd7ca8bdebf459f006"
    ),
    "winget-defaultLocale": _Schema(
        *_WINGET, _PLACE.format("defaultLocale"), "b87eaa2252daf0bc9b2d495a3f7f5547b8b36236bdcc0543cf9f7403bd56707e"
    ),
    "scoop": _Schema(
        "ScoopInstaller/Scoop",
        "b588a06e41d920d2123ec70aee682bae14935939",
        "schema.json",
        "6c15a47b09dba92bcdee8b0dadbe2776339c699e3bf4db0eff0ef0a000f2496c",
    ),
}


def missing() -> str:
    """Why no manifest can be checked; nothing if each can."""
    there = all((_FOLDER / f"{name}.json").exists() for name in _SCHEMAS)
    return "" if there else f"needs the schemas of winget and Scoop: {PREPARE}"


def schema(name: str) -> Any:
    """A schema.

    Raises:
        ValueError: the file is not the one that is named here.
    """
    data = (_FOLDER / f"{name}.json").read_bytes()
    _check(name, data)
    return json.loads(data)


def prepare() -> None:
    """Fetch what is not there yet.

    Raises:
        OSError: no connection.
        ValueError: what came is not what is named here.
    """
    _FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (repository, commit, path, _) in _SCHEMAS.items():
        file = _FOLDER / f"{name}.json"
        if not file.exists():
            url = f"https://raw.githubusercontent.com/{repository}/{commit}/{path}"
            with urllib.request.urlopen(url, timeout=60) as answer:
                data = answer.read()
            _check(name, data)
            file.write_bytes(data)


def _check(name: str, data: bytes) -> None:
    if hashlib.sha256(data).hexdigest() != _SCHEMAS[name].sha256:
        raise ValueError(f"{name}.json is not the schema that {__name__} names")


if __name__ == "__main__":
    if sys.argv[1:] == ["--prepare"]:
        try:
            prepare()
        except OSError as error:
            sys.exit(f"GitHub is not reached: {error}")
    sys.exit(missing() or 0)
