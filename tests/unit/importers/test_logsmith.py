"""How logsmith's accounts.yaml is read, and what is said where it cannot be."""

from __future__ import annotations

import sys

import pytest

from traycreds.core.errors import ConfigError
from traycreds.importers import logsmith

GROUP = """\
productive:  # the big one
  color: '#388E3C'
  region: eu-west-1
  access_key: &key main
  profiles:
    - profile: octal
      account: 012345670123
      role: "developer"
    - {profile: number, account: 123456789012, role: admin, source: octal}
"""


@pytest.fixture
def accounts(tmp_path):
    return tmp_path / "accounts.yaml"


def test_an_account_keeps_its_leading_zero(accounts):
    accounts.write_text(GROUP)
    (first, second), trouble = logsmith.read(accounts)
    assert trouble is None
    assert first.arn == "arn:aws:iam::012345670123:role/developer"
    assert (second.arn, second.source) == ("arn:aws:iam::123456789012:role/admin", "octal")
    assert (first.group, first.region, first.access_key, first.sso) == ("productive", "eu-west-1", "main", False)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_an_empty_file_has_no_roles(accounts, text):
    accounts.write_text(text)
    assert logsmith.read(accounts) == ((), None)


def test_a_file_that_is_not_there_has_no_roles_and_needs_no_package(accounts, monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert logsmith.read(accounts) == ((), None)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a: 'b\n", ", line 2: found unexpected end of stream"),
        (b"a: b: c\n", ", line 1: mapping values are not allowed here"),
        (b"a: b\n---\nc: d\n", ", line 2: but found another document"),
        (b"a: *x\n", ", line 1: found undefined alias 'x'"),
        (b"? [a]\n: b\n", ", line 1: found unhashable key"),
        (b"a: \x00\n", " is not YAML"),
        (b"[" * 20000, " is not YAML"),
        (b"a: \xff\n", " cannot be read"),
        (b"- a\n", " has no groups"),
        (b"#" * (256 * 1024 + 1), " is larger than 262144 bytes"),
    ],
)
def test_what_cannot_be_read_is_reported(accounts, data, message):
    accounts.write_bytes(data)
    assert logsmith.read(accounts) == ((), f"{accounts}{message}")


def test_no_object_is_made_that_a_file_asks_for(accounts):
    accounts.write_text("a: !!python/object/apply:os.getcwd []\n")
    assert logsmith.read(accounts) == ((), None)


def test_without_pyyaml_the_error_says_how_to_install_it(accounts, monkeypatch):
    accounts.write_text(GROUP)
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ConfigError) as refused:
        logsmith.read(accounts)
    assert refused.value.sentence == f"PyYAML, which reads {accounts}, is not installed."
    assert refused.value.hint.endswith('-m pip install "PyYAML"')
    assert refused.value.exit_code == 2
