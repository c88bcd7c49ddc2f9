from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.doctor.texts import BASE, DEV
from traycreds.doctor.checks import examine
from traycreds.state.paths import locate


@pytest.fixture
def places(home):
    return locate({"AWS_CONFIG_FILE": str(home / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials")})


@pytest.fixture
def found(places):
    """The findings for the texts of the three files, as (file name, line, what, remedy, severity)."""

    def found(config: str = DEV, credentials: str = BASE, toml: str | None = None):
        for path, text in (
            (places.aws_config_file, config),
            (places.credentials_file, credentials),
            (places.config_file, toml),
        ):
            if text is not None:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                path.write_bytes(text.encode("utf-8", "surrogateescape"))
                path.chmod(0o600)
        return [
            (Path(finding.file).name, finding.line, finding.what, finding.remedy, finding.severity)
            for finding in examine(places)
        ]

    return found


@pytest.fixture
def only(found):
    """The one finding."""

    def only(**texts: str):
        (finding,) = found(**texts)
        assert "wJalr" not in str(finding)
        assert not finding[2].endswith(".")
        assert finding[3]
        return finding

    return only
