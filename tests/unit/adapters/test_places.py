from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from traycreds.adapters.places import locate

linux = pytest.mark.skipif(sys.platform != "linux", reason="XDG folders are Linux's")


@linux
def test_linux_folders(home):
    places = locate({})
    assert places.config_file == home / ".config/traycreds/config.toml"
    assert places.state_dir == home / ".local/state/traycreds"
    assert places.log_dir == home / ".local/state/traycreds/log"
    assert places.credentials_file == home / ".aws/credentials"
    assert places.aws_config_file == home / ".aws/config"


@linux
def test_xdg_variables_are_honoured(home, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "s"))
    places = locate({})
    assert (places.config_file, places.state_dir) == (home / "c/traycreds/config.toml", home / "s/traycreds")


@pytest.fixture
def run(home):
    folder = home / "run"
    folder.mkdir(mode=0o700)
    return folder


@linux
def test_runtime_dir_is_the_sessions(home, run):
    assert locate({"XDG_RUNTIME_DIR": str(run)}).runtime_dir == run / "traycreds"


@linux
def test_runtime_dir_of_somebody_else_is_not_used(home, run, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: run.stat().st_uid + 1)
    assert locate({"XDG_RUNTIME_DIR": str(run)}).runtime_dir == home / ".local/state/traycreds/run"


@linux
def test_runtime_dir_open_to_others_is_not_used(home, run):
    run.chmod(0o755)
    assert locate({"XDG_RUNTIME_DIR": str(run)}).runtime_dir == home / ".local/state/traycreds/run"


@linux
@pytest.mark.parametrize("given", ["/nowhere/at/all", "."])
def test_runtime_dir_missing_or_relative_is_not_used(home, given, monkeypatch):
    home.chmod(0o700)
    monkeypatch.chdir(home)
    assert locate({"XDG_RUNTIME_DIR": given}).runtime_dir == home / ".local/state/traycreds/run"


@linux
def test_runtime_dir_without_the_variable(home, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 987654321)  # has no /run/user folder
    assert locate({}).runtime_dir == home / ".local/state/traycreds/run"


def test_aws_files_of_the_environment_with_tilde_and_variables(home, monkeypatch):
    monkeypatch.setenv("WHERE", "deep")
    environ = {"AWS_SHARED_CREDENTIALS_FILE": "~/$WHERE/creds", "AWS_CONFIG_FILE": "~/conf"}
    places = locate(environ)
    assert (places.credentials_file, places.aws_config_file) == (home / "deep/creds", home / "conf")


def test_aws_files_agree_with_botocore(home, monkeypatch):
    from botocore.configloader import raw_config_parse

    monkeypatch.setenv("WHERE", "deep")
    (home / "deep").mkdir()
    (home / "deep/creds").write_text("[p]\nregion = x\n")
    given = "~/$WHERE/creds"
    assert raw_config_parse(given) == {"p": {"region": "x"}}
    assert locate({"AWS_SHARED_CREDENTIALS_FILE": given}).credentials_file == home / "deep/creds"


def test_empty_variables_count_as_unset(home):
    assert locate({"AWS_CONFIG_FILE": "", "TRAYCREDS_CONFIG": ""}) == locate({})


def test_config_by_argument_wins_over_the_environment_and_is_absolute(home, monkeypatch):
    monkeypatch.chdir(home)
    assert locate({"TRAYCREDS_CONFIG": "~/a.toml"}).config_file == home / "a.toml"
    assert locate({"TRAYCREDS_CONFIG": "~/a.toml"}, config="b.toml").config_file == home / "b.toml"
    assert locate({}, config=Path("~/c.toml")).config_file == home / "c.toml"


def test_nothing_is_created(home):
    locate({})
    assert list(home.iterdir()) == []
