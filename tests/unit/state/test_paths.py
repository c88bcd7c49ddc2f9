from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.windows.mark import not_on_windows
from traycreds.core.errors import UsageError
from traycreds.state import paths
from traycreds.state.paths import locate

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
def test_the_runtime_dir_alone_is_the_same(home, run, monkeypatch):
    assert paths.runtime_dir({"XDG_RUNTIME_DIR": str(run)}) == run / "traycreds"
    run.chmod(0o755)
    assert paths.runtime_dir({"XDG_RUNTIME_DIR": str(run)}) == home / ".local/state/traycreds/run"
    monkeypatch.delenv("HOME")
    with pytest.raises(UsageError, match="HOME is not set"):
        paths.runtime_dir({"XDG_RUNTIME_DIR": str(run)})


@linux
def test_runtime_dir_of_someone_else_is_not_used(home, run, monkeypatch):
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
    # This user has no folder in `/run/user`.
    monkeypatch.setattr(os, "getuid", lambda: 987654321)
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


@not_on_windows
@pytest.mark.parametrize(
    ("named", "sentence"),
    [(None, "HOME is not set."), ("", "HOME is empty."), ("some/where", "HOME is not a full path: some/where.")],
)
def test_no_home_is_reported(monkeypatch, named, sentence):
    monkeypatch.delenv("HOME") if named is None else monkeypatch.setenv("HOME", named)
    with pytest.raises(UsageError) as caught:
        locate(os.environ)
    assert (caught.value.sentence, caught.value.exit_code) == (sentence, 2)
    assert caught.value.hint


@not_on_windows
def test_root_in_the_home_of_another_user_is_reported(monkeypatch, home):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(paths, "owner", lambda folder: {str(home): 54321}[folder])
    with pytest.raises(UsageError) as caught:
        locate(os.environ)
    assert caught.value.sentence.startswith(f"traycreds runs as root in {home}, which belongs to user 54321")
    assert "sudo" in caught.value.hint


@not_on_windows
def test_root_in_a_home_of_root_is_at_home(monkeypatch, home):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(paths, "owner", lambda _: 0)
    assert locate(os.environ).credentials_file == home / ".aws/credentials"


@not_on_windows
def test_someone_who_is_not_root_may_use_a_home_of_another(monkeypatch, home):
    """As in a container whose user has another number outside."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(paths, "owner", lambda _: 54321)
    assert locate(os.environ).credentials_file == home / ".aws/credentials"


@linux
@pytest.mark.parametrize("name", ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"])
def test_who_has_other_folders_has_other_places(home, monkeypatch, name):
    before = paths.places({}), locate({}).places
    monkeypatch.setenv(name, str(home / "else"))
    assert paths.places({}) not in before
    assert before[0] == before[1]


@pytest.mark.parametrize("name", ["AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "TRAYCREDS_CONFIG"])
def test_who_has_other_files_has_other_places(home, name):
    assert paths.places({name: str(home / "else")}) != paths.places({})


def test_a_named_configuration_is_the_same_place_by_option_and_variable(home):
    named = str(home / "mine.toml")
    assert paths.places({}, named) == paths.places({"TRAYCREDS_CONFIG": named}) != paths.places({})
