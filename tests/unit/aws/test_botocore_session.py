"""What the AWS files say, also while someone writes them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from botocore import UNSIGNED

from traycreds.aws.botocore_session import BotoSessions, StsClients
from traycreds.aws.keys import Keys
from traycreds.awsfiles import whole_read
from traycreds.core.errors import FailureKind, IssueError
from traycreds.state import known_secrets

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no other system tells who has a file open")


@pytest.fixture
def credentials(home, monkeypatch):
    monkeypatch.setattr(whole_read, "PATIENCE", 0)
    path = Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"])
    path.parent.mkdir()
    path.write_text("[base]\naws_access_key_id = AKIAEXAMPLE\n")
    return path


@pytest.fixture
def sessions():
    return BotoSessions(connect_timeout=1, read_timeout=1, attempts=1, on_response=lambda **_: None)


def test_what_a_file_held_counts_until_its_writer_is_done(credentials, sessions):
    before = sessions.config()["profiles"]
    with credentials.open("w") as file:
        assert sessions.config()["profiles"] == before
        assert "base" in sessions.open("base").botocore.full_config["profiles"]
        file.write("[other]\nregion = eu-west-1\n")
    assert sessions.config()["profiles"].keys() == {"other"}


def test_half_a_file_is_not_all_of_it(credentials, sessions):
    with credentials.open("w"), pytest.raises(IssueError) as caught:
        sessions.config()
    assert caught.value.kind is FailureKind.BAD_CONFIG
    assert "Another program is writing" in caught.value.sentence
    assert sessions.config()["profiles"] == {}


def test_no_file_at_all_is_an_empty_one(credentials, sessions, monkeypatch):
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    assert sessions.config()["profiles"] == {}


def test_a_link_to_what_is_not_mounted_is_no_empty_file(credentials, sessions):
    volume = credentials.parent / "volume"
    volume.mkdir()
    credentials.rename(volume / "credentials")
    credentials.symlink_to(volume / "credentials")
    assert "base" in sessions.config()["profiles"]
    volume.rename(volume.with_name("away"))
    with pytest.raises(IssueError, match=f"is a link to {volume}/credentials, which is missing") as caught:
        sessions.config()
    assert caught.value.hint.startswith("Mount or unlock")
    assert caught.value.reason == "the target of a link is missing"
    volume.with_name("away").rename(volume)
    assert "base" in sessions.config()["profiles"]


def test_a_change_of_a_file_whose_place_is_named_by_a_variable_is_seen(credentials, sessions, monkeypatch):
    monkeypatch.setenv("WHERE", str(credentials.parent))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "$WHERE/credentials")
    assert sessions.config()["profiles"].keys() == {"base"}
    credentials.write_text("[base]\nregion = eu-west-1\n\n[other]\nregion = eu-west-1\n")
    assert sessions.config()["profiles"].keys() == {"base", "other"}
    assert sessions.location("other", "region") == f" ({credentials}, line 5)"


@pytest.fixture
def clients(sessions, credentials):
    return StsClients(sessions.open("base"), "eu-west-1", lock=threading.Lock(), attempts=2)


def test_a_client_is_kept_for_the_credentials_used_last(clients):
    first = clients.client(keys("ASIAFIRST"), retry=True)
    assert clients.client(keys("ASIAFIRST"), retry=True) is first

    other = clients.client(keys("ASIAOTHER"), retry=True)

    assert signs_with(other) == "ASIAOTHER"
    assert signs_with(clients.client(keys("ASIAFIRST"), retry=True)) == "ASIAFIRST"


def test_a_client_without_retry_tries_once(clients):
    def tries(*, retry):
        return clients.client(keys("ASIAFIRST"), retry=retry).meta.config.retries["total_max_attempts"]

    assert (tries(retry=True), tries(retry=False)) == (2, 1)


def test_a_client_without_credentials_signs_nothing(clients):
    assert signs_with(clients.client(keys("ASIAFIRST"), retry=True)) == "ASIAFIRST"
    assert clients.client(None, retry=True).meta.config.signature_version is UNSIGNED


def test_what_a_client_signs_with_is_known_as_a_secret(clients, monkeypatch):
    monkeypatch.setattr(known_secrets, "lasting", known_secrets.Pieces(known_secrets.KEEP, known_secrets.MOST))
    lasting = keys("AKIALASTING")._replace(secret_key="s3cr3t" * 7, token=None)
    clients.client(lasting, retry=True)
    # As after as many later secrets.
    monkeypatch.setattr(known_secrets, "lasting", known_secrets.Pieces(known_secrets.KEEP, known_secrets.MOST))

    clients.client(lasting, retry=True)

    assert known_secrets.without(f"no {lasting.secret_key} here") == "no [redacted] here"


ORDER = """
import sys
from traycreds.aws import botocore_session

def note(event, about):
    if event == "open" and str(about[0]).endswith("endpoints.json"):
        print("endpoints")
    elif event == "import" and about[0] == "botocore.client":
        print("client")

sys.addaudithook(note)
botocore_session._session()
"""


def test_the_table_of_endpoints_is_read_before_most_of_botocore_so_that_its_memory_is_used_again():
    done = subprocess.run([sys.executable, "-c", ORDER], check=True, capture_output=True, text=True, timeout=30)
    assert done.stdout.splitlines() == ["endpoints", "client"]


def keys(access_key):
    return Keys(access_key, "secret", "token", None, "source")


def signs_with(client):
    return client._request_signer._credentials.access_key
