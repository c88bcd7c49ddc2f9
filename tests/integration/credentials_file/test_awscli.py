"""Side by side with the AWS CLI: its writer's own cases put to our editor, its reader on what we write, its writer on ours.

The cases follow tests/unit/customizations/configure/test_writer.py of aws-cli; nested settings are left out, since we
never write any. Where we differ on purpose, the reason is beside the case.
"""

from __future__ import annotations

import os

import pytest
from awscli.customizations.configure.writer import ConfigFileWriter
from botocore.configloader import raw_config_parse
from botocore.session import Session

from tests.support import fork_server, profile_edits
from tests.support.builders import SECRET, TOKEN
from traycreds.awsfiles import ini, ini_edit
from traycreds.core.model import Batch

FOO = {"foo": "new"}
SAME = [
    pytest.param("[default]\nfoo = 1\nbar = 1", FOO, "default", id="existing value"),
    pytest.param("[default]\nfoo = old[value]\nbar = 1", {"foo": "new[value]"}, "default", id="square brackets"),
    pytest.param("[default]\nfoo=1\nbar=1", FOO, "default", id="no spaces"),
    pytest.param("[default]\nfoo = 1\nbar = 2", {"baz": "new"}, "default", id="new value, no final newline"),
    pytest.param("[default]\nfoo=1\nbar=2", {"baz": "new"}, "default", id="new value, no spaces"),
    pytest.param("[a]\nfoo = bar\n\n[b]\n\nfoo = bar\n[c]\nfoo = bar\n", FOO, "b", id="middle section"),
    pytest.param("[a]\nfoo = bar\n\n[b]\n\nfoo = bar\n\n[c]\nfoo = bar\n", {"n": "v"}, "b", id="new in the middle"),
    pytest.param("[default]\n#foo = 1\nbar = 1\n", FOO, "default", id="comment with the key"),
    pytest.param("#[default]\n[default]\n#foo = 1\nbar = 1\n", FOO, "default", id="comment with the header"),
    pytest.param("[default]\n", {"region": "us-west-2"}, "default", id="empty section"),
]


@pytest.fixture
def by_awscli(tmp_path):
    """What the AWS CLI's writer makes of a text."""

    def write(text, values, section):
        path = tmp_path / "awscli"
        path.write_text(text)
        ConfigFileWriter().update_config({"__section__": section, **values}, str(path))
        return path.read_text()

    return write


@pytest.mark.parametrize(("text", "values", "section"), SAME)
def test_its_cases_come_out_the_same(by_awscli, text, values, section):
    assert profile_edits.set_profile(text, section, values) == by_awscli(text, values, section)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[other]\nfoo = bar\n\n\n[x section]\n\nfoo = bar\n", id="section does not exist"),
        pytest.param("[other]\ncloudfront = true", id="no final newline"),
    ],
)
def test_a_new_section_differs_only_by_a_blank_line_before_it(by_awscli, text):
    expected = by_awscli(text, FOO, "default").replace("[default]", "\n[default]")
    assert profile_edits.set_profile(text, "default", FOO) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("[p]\nFOO = 1\n", "duplicates", id="an upper-case key"),
        pytest.param("[p]\nfoo = 1\n  tail\n", "keeps a tail", id="a multi-line value"),
        pytest.param("[p]\n  foo = 1\n  bar = 2\n", "swallows bar", id="indented keys"),
        pytest.param("[p]]\nfoo = 1\n", "writes to [p]]", id="[p]] is not [p]"),
    ],
)
def test_where_it_goes_wrong_we_do_not(by_awscli, tmp_path, text, fault):
    path = tmp_path / "ours"
    before = ini_edit.parse(text)
    path.write_text(profile_edits.set_profile(text, "p", FOO))
    assert raw_config_parse(str(path)) == {**before, "p": {**before.get("p", {}), **FOO}}
    try:
        theirs = ini_edit.parse(by_awscli(text, FOO, "p"))
    except ini.ProfileTextError:
        theirs = None
    assert theirs != {**before, "p": {**before.get("p", {}), **FOO}}, f"aws-cli no longer {fault}: drop this case"


@pytest.fixture
def written(on_disk, a_write):
    on_disk.put("[mine]\naws_access_key_id = AKIAMINE\naws_secret_access_key = x\n")
    on_disk.store().write(Batch(sets=(a_write("dev"), a_write("team/prod.eu@1")), copy_default_from="dev"))
    return on_disk


@pytest.mark.parametrize("profile", ["dev", "team/prod.eu@1", "default", "mine"])
def test_botocore_finds_the_keys(written, monkeypatch, profile):
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(written.path))
    found = Session(profile=profile).get_credentials()
    mine = ("AKIAMINE", "x", None)
    assert (found.access_key, found.secret_key, found.token) == (
        mine if profile == "mine" else ("ASIAEXAMPLE000000001", SECRET, TOKEN)
    )


def aws(*arguments, path):
    environment = os.environ | {"AWS_SHARED_CREDENTIALS_FILE": str(path)}
    done = fork_server.run_anywhere("awscli", arguments, environment, timeout=50)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_aws_command_reads_a_profile_of_ours(written):
    listed = aws("configure", "list", "--profile", "team/prod.eu@1", path=written.path)
    assert "shared-credentials-file" in listed
    assert aws("configure", "get", "aws_session_token", "--profile", "dev", path=written.path) == f"{TOKEN}\n"


def test_its_writer_can_work_on_what_we_wrote_and_we_on_what_it_wrote(written, a_write):
    ConfigFileWriter().update_config({"__section__": "dev", "region": "eu-west-1"}, str(written.path))
    ConfigFileWriter().update_config({"__section__": "new", "aws_access_key_id": "AKIANEW"}, str(written.path))
    report = written.store().write(Batch(sets=(a_write("dev", n=2), a_write("last"))))
    assert report.refused == ()
    assert report.view.foreign == ("mine", "new")
    parsed = raw_config_parse(str(written.path))
    assert parsed["dev"]["region"] == "eu-west-1"
    assert parsed["dev"]["aws_access_key_id"] == "ASIAEXAMPLE000000002"
    assert parsed["new"] == {"aws_access_key_id": "AKIANEW"}
