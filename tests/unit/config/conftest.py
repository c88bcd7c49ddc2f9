"""Fixtures of the tests of the configuration."""

from __future__ import annotations

import pytest

from tests.unit.config.configuration import AWS_CONFIG, CREDENTIALS
from traycreds.awsfiles import profiles
from traycreds.config import loader
from traycreds.core.errors import ConfigError, Problem
from traycreds.state import paths


@pytest.fixture
def aws(tmp_path):
    (tmp_path / "aws-config").write_text(AWS_CONFIG)
    (tmp_path / "credentials").write_text(CREDENTIALS)
    return profiles.read(tmp_path / "aws-config", tmp_path / "credentials")


@pytest.fixture
def load(tmp_path, aws):
    def load(text: str) -> loader.Config:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return loader.load(paths.locate({}, path), aws)

    return load


@pytest.fixture
def problems(load):
    """The problems of a text that is wrong."""

    def problems(text: str) -> tuple[Problem, ...]:
        with pytest.raises(ConfigError) as caught:
            load(text)
        assert caught.value.exit_code == 2
        assert caught.value.problems
        assert caught.value.sentence.endswith(".")
        assert caught.value.hint.endswith((".", "?"))
        return caught.value.problems

    return problems
