"""What is said of an included file that is not fetched is carried out, and the file waits for review or counts."""

from __future__ import annotations

import hashlib
import os

import pytest

from tests.contract.doctor_remedies import BASE
from traycreds.config import review
from traycreds.config.team_files.accepted_files import FileStatus
from traycreds.state.paths import locate
from traycreds.usecases import team_review

ROLE = b'[roles.dev]\nrole_arn = "arn:aws:iam::123456789012:role/X"\nsource_profile = "base"\n'


@pytest.fixture
def team(server, trusted, home):
    """The configuration that includes what the server has, and its status."""
    places = locate(os.environ)
    server.data = ROLE
    for path, text in ((places.config_file, f"include = [{server.entry}]\n"), (places.credentials_file, BASE)):
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return places, lambda: review.find(places)[0].included


def test_what_is_not_fetched_yet_is_fetched_by_the_command(team):
    places, included = team
    assert included().problem[1] == "The app fetches it, or run `traycreds import team`."
    # The command also fetches the file first.
    team_review.fetch(places)
    assert (included().file_status, included().problem) == (FileStatus.WAITING, None)


def test_what_could_not_be_fetched_is_retried_by_the_command(team, server):
    places, included = team
    server.behave = "missing"
    team_review.fetch(places)
    hint = "What you accepted before stays. Try again with `traycreds import team`."
    assert (included().file_status, included().problem[1]) == (FileStatus.UNREACHABLE, hint)
    server.behave = "serve"
    team_review.fetch(places)
    assert (included().file_status, included().found) == (FileStatus.WAITING, ROLE)


def test_a_change_that_is_expected_gets_its_new_hash(team, server):
    places, included = team
    server.data = ROLE + b"# changed\n"
    team_review.fetch(places)
    hint = "If you expect the change, review it, then put the new hash in include. Nothing was changed."
    sentence, remedy = included().problem
    assert (included().file_status, remedy) == (FileStatus.MISMATCH, hint)
    got = sentence.rpartition("got ")[2].rstrip(".")
    assert got == hashlib.sha256(server.data).hexdigest()
    text = places.config_file.read_text()
    places.config_file.write_text(text.replace(hashlib.sha256(ROLE).hexdigest(), got))
    team_review.fetch(places)
    assert (included().file_status, included().found) == (FileStatus.WAITING, server.data)
