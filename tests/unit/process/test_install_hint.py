"""How a part is added, said in words that fit the installation."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from traycreds.process.install_hint import advice


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        (
            "/home/me/.local/share/pipx/venvs/traycreds",
            'Install it with: pipx inject --force traycreds "botocore[crt]"',
        ),
        (
            "/home/me/.local/share/uv/tools/traycreds",
            f'Install it with: uv pip install --python {Path("/home/me/.local/share/uv/tools/traycreds")} "botocore[crt]"',
        ),
        ("/home/me/venv", f'Install it with: {sys.executable} -m pip install "botocore[crt]"'),
    ],
    ids=["pipx", "uv", "pip"],
)
def test_by_what_installed_it(monkeypatch, prefix, message):
    monkeypatch.setattr(sys, "prefix", prefix)
    assert advice("botocore[crt]") == message


def test_a_package_of_its_own_takes_nothing_in(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert advice("botocore[crt]") == (
        "This traycreds package cannot load it: install traycreds and botocore[crt] with pip."
    )
