"""What of a terminal's environment goes into the entry that starts the app at login: never a secret."""

from __future__ import annotations

from pathlib import Path

from tests.windows.mark import not_on_windows
from traycreds.desktop import login_environment

pytestmark = not_on_windows

SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "GITHUB_TOKEN": "token",
    "HTTPS_PROXY": "http://jane:hunter2@proxy:8080",
    "http_proxy": "jane:hunter2@proxy:8080",
}


def test_files_proxies_and_certificates_in_force_are_taken(tmp_path):
    given = {
        "AWS_CONFIG_FILE": "~/aws config",
        "AWS_CA_BUNDLE": "/etc/ca.pem",
        "no_proxy": "localhost,.corp",
        "HTTP_PROXY": "http://proxy:8080",
        "AWS_SHARED_CREDENTIALS_FILE": "",
        "HOME": "/home/jane",
        "ALL_PROXY": "two\nlines",
    }
    found = login_environment.of_login(given, tmp_path)
    del found["PATH"]
    assert found == {
        "AWS_CONFIG_FILE": str(Path("~/aws config").expanduser()),
        "AWS_CA_BUNDLE": "/etc/ca.pem",
        "HTTP_PROXY": "http://proxy:8080",
        "no_proxy": "localhost,.corp",
    }


def test_a_secret_is_never_taken_and_a_proxy_s_password_is_named_as_left_out(tmp_path):
    assert list(login_environment.of_login(SECRETS, tmp_path)) == ["PATH"]
    assert login_environment.left_out(SECRETS) == ("HTTPS_PROXY", "http_proxy")


def test_the_path_is_that_in_force_with_the_usual_folders_that_are_there(tmp_path):
    (tmp_path / ".local" / "bin").mkdir(parents=True)
    given = {"PATH": f"/opt/mine/bin:relative::{tmp_path}/.local/bin:/opt/mine/bin"}
    folders = login_environment.of_login(given, tmp_path)["PATH"].split(":")
    assert folders[:2] == ["/opt/mine/bin", f"{tmp_path}/.local/bin"]
    assert {"/usr/bin", "/bin"} <= set(folders)
    assert len(set(folders)) == len(folders)
    assert "relative" not in folders
