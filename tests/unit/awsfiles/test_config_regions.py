"""Regions in ~/.aws/config: one line each that is ours by what is beside it; no byte of anybody else's changes."""

from __future__ import annotations

import os

import pytest
from botocore.configloader import load_config
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traycreds.awsfiles.aws_file import encoding
from traycreds.awsfiles.config_regions import RegionFile
from traycreds.awsfiles.ini import IniText
from traycreds.awsfiles.ini_edit import parse
from traycreds.core.errors import ConfigError
from traycreds.files import atomic_write, contents, write_end

OURS = "[profile dev-session]\nregion = eu-west-1\ntraycreds_region = eu-west-1\n"
DESIRED = {"dev-session": "eu-west-1"}
NONE = {"dev-session": None}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "aws" / "config"
    path.parent.mkdir()
    return path


@pytest.fixture
def bring(path):
    """Write the region that is asked for, given what the file says; returns what it says then, and what was refused."""

    def brought(text, desired, *, written=None, fresh=True):
        if text is not None:
            path.write_bytes(text.encode())
            os.utime(path, (1, 1))
        elif fresh:
            path.unlink(missing_ok=True)
        refused = RegionFile(path, path.parent.parent / "locks").bring_about(desired, written=written)
        return (path.read_bytes().decode() if path.exists() else None), refused

    return brought


def test_a_file_that_is_not_there_is_made_only_when_there_is_something_to_say(bring):
    assert bring(None, NONE) == (None, ())
    assert bring(None, {}) == (None, ())
    assert bring(None, DESIRED) == (OURS, ())


FOREIGN = [
    "[default]\noutput = json\n",
    "# a\n\n[default]\r\nregion=x \r\n; b\r\n",
    "[profile x]\nsso_session = y\n[sso-session y]\nsso_region = z\n  # odd\n",
    "\ufeff[profile x]\ns3 =\n  max_queue_size = 5\n\n",
    "[profile x]\nregion = a",
    "",
]


@pytest.mark.parametrize("text", FOREIGN)
def test_what_comes_goes_again_and_nothing_else_changes(bring, text):
    there, refused = bring(text, DESIRED)
    assert refused == ()
    assert there.startswith(text)
    end = "\r\n" if "\r\n" in text else "\n"
    assert there.endswith(OURS.replace("\n", end))
    gone, _ = bring(there, NONE)
    assert gone in {text, text + end}, "a last line without an end has got one"


@pytest.mark.parametrize("text", FOREIGN)
def test_what_is_so_already_is_not_written(bring, path, text):
    there, _ = bring(text, DESIRED)
    os.utime(path, (1, 1))
    stamp = contents.stamp(path)
    assert bring(None, DESIRED, fresh=False) == (there, ())
    assert contents.stamp(path) == stamp
    assert not list(path.parent.glob("*.tmp"))


def test_a_section_of_the_users_holds_a_line_of_ours_and_only_that_goes_again(bring):
    mine = "[default]\r\n  output = json\r\n# why\r\n\r\n[profile dev-session] \r\nOutput: text\r\ns3 =\r\n  a = b\r\n# end"
    there, refused = bring(mine, {**DESIRED, "default": "us-east-1"})
    assert refused == ()
    parsed = parse(there)
    assert parsed["default"] == {"output": "json", "region": "us-east-1", "traycreds_region": "us-east-1"}
    assert parsed["profile dev-session"]["region"] == "eu-west-1"
    gone, _ = bring(there, {**NONE, "default": None})
    assert gone == mine


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[profile dev-session]\nregion = us-east-1\n", 2),
        ("[profile dev-session]\n\nREGION : us-east-1\n", 3),
        ('[profile "dev-session"]\nregion = us-east-1\n', 2),
        ("[profile dev-session]\nregion = us-east-1\ntraycreds_region = eu-west-1\n", 2),
    ],
    ids=["plain", "odd", "quoted", "changed since"],
)
def test_a_foreign_region_applies_and_is_reported(bring, path, text, line):
    there, (refusal,) = bring(text, DESIRED)
    assert there == text
    assert refusal.profile == "dev-session"
    assert refusal.sentence == (
        f"The region of profile dev-session is us-east-1, not eu-west-1: traycreds did not write {path}, line {line}."
    )


def test_the_same_region_written_by_someone_else_is_as_good(bring):
    text = "[profile dev-session]\nregion = eu-west-1\n"
    assert bring(text, DESIRED) == (text, ())
    assert bring(text, NONE) == (text, ())


@pytest.mark.parametrize(
    "text",
    ["[profile 'dev-session']\noutput = json\n", "[profile dev-session]\n[profile  dev-session]\n"],
    ids=["a header that not all read", "two headers"],
)
def test_a_profile_that_cannot_hold_ours_is_left(bring, text):
    there, (refusal,) = bring(text, DESIRED)
    assert there == text
    assert refusal.sentence.startswith("The region eu-west-1 was not written for profile dev-session")
    assert refusal.hint == "Keep one, spelled [profile dev-session]."


def test_what_was_ours_goes_when_the_user_changed_the_region(bring):
    there, _ = bring("[profile dev-session]\nregion = us-east-1\ntraycreds_region = eu-west-1\n", NONE)
    assert there == "[profile dev-session]\nregion = us-east-1\n"


def test_a_region_is_changed_in_its_place(bring):
    text = f"# a\n{OURS}output = json\n\n[default]\n"
    assert bring(text, {"dev-session": "us-east-2"})[0] == text.replace("eu-west-1", "us-east-2")


def test_leftovers_are_found_by_the_credentials_file_and_only_where_asked_for(bring):
    text = OURS + "\n" + OURS.replace("dev", "old") + "\n[profile own]\nregion = x\n"
    assert bring(text, {})[0] == text
    assert bring(text, {}, written={"old-session", "dev-session"})[0] == text
    assert bring(text, DESIRED, written={"base"})[0] == OURS + "\n[profile own]\nregion = x\n"


def test_a_file_that_cannot_be_read_or_changed_is_left_with_a_sentence(bring, path):
    with pytest.raises(ConfigError, match=r"Cannot write a region to .*config, line 2: text|line 1"):
        bring("nonsense\n[default]\n", DESIRED)
    assert path.read_text() == "nonsense\n[default]\n"
    path.write_bytes(b"[default]\nx = \x81\n")
    with pytest.raises(ConfigError, match=f"line 2: a byte that is not {encoding().upper()}"):
        RegionFile(path, path.parent / "locks").bring_about(DESIRED)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError):
        RegionFile(path, path.parent / "locks").bring_about(DESIRED)


def test_a_name_that_not_all_tools_read_is_refused_whole(bring):
    with pytest.raises(ConfigError, match="not read the same way by all AWS tools"):
        bring("", {"my dev": "eu-west-1"})


def test_others_are_given_time_but_what_we_wrote_ourselves_is_whole(path, tmp_path, monkeypatch):
    waits = []
    ours = RegionFile(path, tmp_path / "locks")
    ours.bring_about(DESIRED)
    monkeypatch.setattr(write_end.time, "sleep", lambda _: (waits.append(1), os.utime(path, (1, 1))))
    ours.bring_about({"dev-session": "us-east-1"})
    assert not waits
    path.write_text(path.read_text() + "[default]\n")
    ours.bring_about({"dev-session": "us-east-2"})
    assert waits
    assert parse(path.read_text()) == {
        "profile dev-session": {"region": "us-east-2", "traycreds_region": "us-east-2"},
        "default": {},
    }


def test_a_change_meanwhile_is_taken_up(path, tmp_path, monkeypatch):
    path.write_text("[default]\n")
    os.utime(path, (1, 1))
    replace, seen = atomic_write.replace, []

    def late(*args, **kwargs):
        if not seen:
            seen.append(path.write_text("[profile x]\noutput = json\n"))
            os.utime(path, (1, 1))
        return replace(*args, **kwargs)

    monkeypatch.setattr(atomic_write, "replace", late)
    assert RegionFile(path, tmp_path / "locks").bring_about(DESIRED) == ()
    assert path.read_text() == "[profile x]\noutput = json\n\n" + OURS


NAMES = st.sampled_from(["default", "profile dev-session", "profile x", "profile dev", "sso-session x", "plugins"])
LINES = st.sampled_from(["output = json", "# region = z", "role_arn = a", "s3 =\n  b = c", "", "cli_pager="])


# The machine may be slow, not the generated data.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    sections=st.lists(st.tuples(NAMES, st.lists(LINES, max_size=4, unique=True)), max_size=5, unique_by=lambda s: s[0]),
    regions=st.dictionaries(st.sampled_from(["default", "dev-session", "x"]), st.sampled_from(["a-1", "b-2", None])),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_the_file_is_like_it_says_what_is_wished_and_loses_nothing(tmp_path_factory, sections, regions, end):
    path = tmp_path_factory.mktemp("any") / "config"
    text = end.join(line for name, lines in sections for line in (f"[{name}]", *lines)).replace("\n", end) + end
    text = text.replace("\r\r", "\r")
    path.write_bytes(text.encode())
    os.utime(path, (1, 1))
    ours = RegionFile(path, path.parent / "locks")
    assert ours.bring_about(regions) == ()
    seen = load_config(str(path))["profiles"]
    assert {name: seen.get(name, {}).get("region") for name in regions} == regions
    os.utime(path, (1, 1))
    ours.bring_about(dict.fromkeys(regions))
    before, after = IniText(text), IniText(path.read_bytes().decode())
    empty = {name for name, values in before.own().items() if not values}
    assert {name: own for name, own in after.own().items() if own} == {
        name: own for name, own in before.own().items() if own
    }
    assert before.own().keys() - after.own().keys() <= empty
    kept = [line for line in before.lines if line.strip() and line.strip()[1:-1] not in empty]
    assert [line for line in after.lines if line.strip() and line.strip()[1:-1] not in empty] == kept
