"""Lines that name a profile are found in all three files, and changed with every other byte kept."""

from __future__ import annotations

import sys

import pytest

from traycreds.core.errors import ConfigError
from traycreds.files import write_end
from traycreds.importers.references import find, redirect
from traycreds.state.paths import locate


@pytest.fixture(autouse=True)
def _no_writer_at_work(monkeypatch):
    """A file that was touched a moment ago is given time to settle, which is tested with `files.rewrite`."""
    monkeypatch.setattr(write_end, "SECONDS", 0)


ARN = "arn:aws:iam::111122223333:role/Dev"


@pytest.fixture
def places(home):
    places = locate({"AWS_CONFIG_FILE": str(home / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials")})
    places.config_file.parent.mkdir(parents=True)
    return places


def described(references):
    return [(each.file.name, each.line, each.key, each.holder) for each in references]


def test_they_are_found_wherever_they_stand(places):
    places.aws_config_file.write_text(
        f"[profile dev]\nrole_arn = {ARN}\nsource_profile = default\n[profile other]\nsource_profile = defaults\n"
    )
    places.credentials_file.write_text(f"[x]\nrole_arn = {ARN}\nSource_Profile: default\n")
    places.config_file.write_text(
        '[roles.a]\nsource_profile = "default"\n[roles."b.c"]\nfrom_profile = "default"\n[roles.d]\nsource_profile = "x"\n'
    )
    assert described(find(places, "default")) == [
        ("config", 3, "source_profile", "[profile dev]"),
        ("credentials", 3, "source_profile", "[x]"),
        ("config.toml", 2, "source_profile", "[roles.a]"),
        ("config.toml", 4, "from_profile", "[roles.b.c]"),
    ]
    assert find(places, "nobody") == ()


def test_no_files_have_none(places):
    assert find(places, "default") == ()
    redirect(places, "default", "base")
    assert not places.config_file.exists()
    assert not places.aws_config_file.exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("source_profile = default", "source_profile = base"),
        ("source_profile=default", "source_profile=base"),
        ("Source_Profile :\t default  ", "Source_Profile :\t base  "),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_of_aws_config_changes_and_nothing_else(places, before, after, end):
    text = (
        f"# default{end}[default]{end}region = default{end}[profile d]{end}; x{end}{before}{end}s3 ={end}  a = default"
    )
    places.aws_config_file.write_bytes(text.encode())
    redirect(places, "default", "base")
    assert places.aws_config_file.read_bytes() == text.replace(before, after).encode()
    assert find(places, "default") == ()


def test_what_every_profile_inherits_changes_once(places):
    places.aws_config_file.write_text("[DEFAULT]\nsource_profile = a\n[profile x]\n[profile y]\n")
    redirect(places, "a", "b")
    assert places.aws_config_file.read_text() == "[DEFAULT]\nsource_profile = b\n[profile x]\n[profile y]\n"


def test_our_toml_changes_in_either_kind_of_quotes_and_in_one_line_tables(places):
    text = (
        "\ufeff# source_profile = \"default\"\r\n[roles.a]\r\nsource_profile = 'default'   # mine\r\n"
        '[roles.b]\r\n"from_profile"="default"\r\nregion = "default"\r\n'
    )
    places.config_file.write_bytes(text.encode())
    redirect(places, "default", "base")
    expected = text.replace("'default'", '"base"').replace('"from_profile"="default"', '"from_profile"="base"')
    assert places.config_file.read_bytes() == expected.encode()
    places.config_file.write_text('roles.c = { source_profile = "default", keep = true }\n')
    redirect(places, "default", "base")
    assert places.config_file.read_text() == 'roles.c = { source_profile = "base", keep = true }\n'


def test_what_cannot_be_changed_safely_is_left(places):
    text = '[roles.a]\nsource_profile = "def\\u0061ult"\n[roles.b]\nsource_profile = "default"\n'
    places.config_file.write_text(text)
    redirect(places, "default", "base")
    assert places.config_file.read_text() == text
    assert len(find(places, "default")) == 2


def test_a_broken_file_is_reported_as_broken(places):
    places.config_file.write_text("[roles\n")
    with pytest.raises(ConfigError, match="line 1"):
        find(places, "default")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_mode_and_link_stay(places, home):
    real = home / "dotfiles"
    real.write_text("[profile d]\nsource_profile = default\n")
    real.chmod(0o644)
    places.aws_config_file.symlink_to(real)
    redirect(places, "default", "base")
    assert places.aws_config_file.is_symlink()
    assert real.read_text() == "[profile d]\nsource_profile = base\n"
    assert real.stat().st_mode & 0o777 == 0o644
    assert sorted(path.name for path in home.iterdir() if "traycreds" in path.name) == []
