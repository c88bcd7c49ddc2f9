"""Files of a user with a mistake, what `doctor` says of it, and the same files once that is carried out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from traycreds.doctor.checks import examine
from traycreds.doctor.finding import Finding, faults
from traycreds.state.paths import Paths, locate

KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s3cr3t\n"
BASE = f"[base]\n{KEYS}"
ARN = "role_arn = arn:aws:iam::123456789012:role/Dev\n"
ROLE = f"{ARN}source_profile = base\n"
DEV = f"[profile dev]\n{ROLE}region = eu-west-1\n"
TOML = '[roles.dev]\nfrom_profile = "dev"\nkeep = true\n'
OURS = (
    "aws_access_key_id = ASIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\naws_session_token = t\n"
    "x_security_token_expires = 2026-01-05T10:00:00Z\ntraycreds_role = old\n"
)


class Case(NamedTuple):
    """A mistake and what its remedy makes of it.

    Attributes:
        file: where it stands: config, credentials or toml; what is given is put behind the rest of that file.
        wrong: the text with the mistake.
        remedy: how the remedy begins.
        right: the text after it.
        config, toml: what is in those files before it.
    """

    file: str
    wrong: str
    remedy: str
    right: str
    config: str = DEV
    toml: str = TOML


def other(settings: str) -> str:
    return f"[profile other]\n{settings}"


def of_role(settings: str) -> str:
    return other(f"{ROLE}{settings}")


@pytest.fixture
def places(home):
    return locate(os.environ)


@pytest.fixture
def found(places) -> Callable[..., tuple[Finding, ...]]:
    """The findings once a text is put behind one of the files."""

    def found(file: str, text: str, config: str = DEV, toml: str = TOML) -> tuple[Finding, ...]:
        lay_out(places, file, text, config, toml)
        return examine(places)

    return found


def lay_out(places: Paths, file: str = "config", text: str = "", config: str = DEV, toml: str = TOML) -> None:
    """Write the files, with the text behind one of them."""
    texts = {"config": config, "credentials": BASE, "toml": toml}
    paths = {"config": places.aws_config_file, "credentials": places.credentials_file, "toml": places.config_file}
    for name, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes((texts[name] + (text if name == file else "")).encode("utf-8", "surrogateescape"))
        path.chmod(0o600)


def name_of(row: Case) -> str:
    return re.sub(r"\W+", "_", row.wrong)[:40]


def carry_out(found: Callable[..., tuple[Finding, ...]], row: Case) -> None:
    """See what is found, do what it says, and find nothing left."""
    findings = found(row.file, row.wrong, row.config, row.toml)
    (finding,) = faults(findings) or findings
    assert finding.remedy.startswith(row.remedy)
    assert finding.line
    assert found(row.file, row.right, row.config, row.toml) == ()
