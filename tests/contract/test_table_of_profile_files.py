"""How the SDKs' shared specification reads a file of profiles, how botocore does, and that `doctor` tells the difference.

The facts are those of the common test cases of Java and Rust for profile files, and those measured with other SDKs, in
rows of our own. Where nothing is reported, botocore must read what the specification says.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import botocore.session
import pytest
from botocore.exceptions import ConfigParseError

from traycreds.doctor.checks import examine
from traycreds.state.paths import locate

ERROR = None
"""The specification has the whole file refused."""

FOO = "[profile foo]\n"
X = {"region": "x"}
BEHIND = "there is text right after the ]"
COMMENT = "a # or ; follows the value of region"
CHARACTERS = "has characters that make some SDKs lose the profile"
BLANKS = "spaces in"
NO_PROFILE = "is not a profile to AWS tools in Python"
SECOND = "appears a second time"
NEITHER = "a line that is neither [profile] nor key = value"
BEFORE = "text before the first [profile]"


class Case(NamedTuple):
    """A text, the profiles that the specification finds in it, and what `doctor` says on which line."""

    what: str
    text: str
    specified: dict | None
    reported: str = ""
    line: int = 0


CONFIG = [
    Case("nothing", "", {}),
    Case("a profile without settings", "[profile foo]", {"foo": {}}),
    Case("a setting", f"{FOO}region = x", {"foo": X}),
    Case("two settings", f"{FOO}region = x\noutput = y", {"foo": {**X, "output": "y"}}),
    Case("two profiles without settings", "[profile foo]\n[profile bar]", {"foo": {}, "bar": {}}),
    Case(
        "two profiles with settings", f"{FOO}region = x\n[profile bar]\noutput = y", {"foo": X, "bar": {"output": "y"}}
    ),
    Case("line ends of Windows", "[profile foo]\r\nregion = x\r\n", {"foo": X}),
    Case("line ends of old Macs", "[profile foo]\rregion = x\r", {}, "lines that end with CR alone", 1),
    Case("blank lines", "\t \n[profile foo]\n\t\n \nregion = x\n\t \n[profile bar]\n \t", {"foo": X, "bar": {}}),
    Case("blanks around key and value", f"{FOO}region \t=  \tx \t", {"foo": X}),
    Case("no blanks around the equals sign", f"{FOO}region=x", {"foo": X}),
    Case("an equals sign in the value", f"{FOO}region = x=y", {"foo": {"region": "x=y"}}),
    Case("letters of other scripts in a value", f"{FOO}region = é✓", {"foo": {"region": "é✓"}}),
    Case("an empty value", f"{FOO}region =", {"foo": {"region": ""}}),
    Case("no key", f"{FOO}= x", ERROR, "a value without a key", 2),
    Case("no equals sign", f"{FOO}region", ERROR, NEITHER, 2),
    Case("a colon for the equals sign", f"{FOO}region : x", ERROR, "the key region ends with a colon", 2),
    Case("a key with a blank", f"{FOO}in valid = x", {"foo": {}}, "the key has spaces or other characters", 2),
    Case("a key with capital letters", f"{FOO}Region = x", {"foo": X}, "the key Region has capital letters", 2),
    Case(
        "all letters that keys may have",
        f"{FOO}abcdefghijklmnopqrstuvwxyz0123456789-_ = x",
        {"foo": {"abcdefghijklmnopqrstuvwxyz0123456789-_": "x"}},
    ),
    Case("a setting before any profile", "region = x", ERROR, BEFORE, 1),
    Case("all characters that names may have", "[profile aZ0-a/b.c%d@e_f:g+h]", {"aZ0-a/b.c%d@e_f:g+h": {}}),
    Case("a name with another character", "[profile foo!bar]", {}, CHARACTERS, 1),
    Case("a name with a letter of another script", "[profile föo]", {}, CHARACTERS, 1),
    Case("a name of two words", "[profile in valid]\nregion = x", {}, NO_PROFILE, 1),
    Case("a name of two words in quotes", '[profile "in valid"]\nregion = x', {}, CHARACTERS, 1),
    Case(
        "a name of two words between others",
        f"{FOO}region = x\n[profile in valid]\nregion = y\n[profile bar]",
        {"foo": X, "bar": {}},
        NO_PROFILE,
        3,
    ),
    Case(
        "a name that JavaScript has for itself",
        "[profile __proto__]",
        {"__proto__": {}},
        "SDK for JavaScript reads noth",
        1,
    ),
    Case("blanks around a name", "[profile \tfoo \t]", {"foo": {}}, BLANKS, 1),
    Case("blanks around all of it", "[   profile foo    ]\nregion = x", {"foo": X}, NO_PROFILE, 1),
    Case("a tab before the name", "[profile\tfoo]", {"foo": {}}, "only AWS tools in Python read", 1),
    Case("no blank before the name", "[profilefoo]\nregion = x", {}, NO_PROFILE, 1),
    Case("no name", "[profile]\nregion = x", {}, NO_PROFILE, 1),
    Case("no word before the name", "[foo]\nregion = x", {}, NO_PROFILE, 1),
    Case("no bracket behind the name", "[profile foo", ERROR, BEFORE, 1),
    Case("no bracket behind a later name", f"{FOO}[profile bar", ERROR, NEITHER, 2),
    Case("two brackets behind the name", "[profile foo]]\nregion = x", {}, CHARACTERS, 1),
    Case("words behind the bracket", "[profile foo] bar\nregion = x", ERROR, BEHIND, 1),
    Case("lines of comment", f"# one\n; two\n{FOO}#\nregion = x\n;", {"foo": X}),
    Case("a comment behind the bracket", "[profile foo] # one\n[profile bar] ; two", {"foo": {}, "bar": {}}),
    Case("a comment right behind the bracket", "[profile foo]# one", {"foo": {}}, BEHIND, 1),
    Case("the other comment right behind the bracket", "[profile foo]; one", {"foo": {}}, BEHIND, 1),
    Case("a comment behind a value", f"{FOO}region = x # one", {"foo": X}, COMMENT, 2),
    Case("the other comment behind a value", f"{FOO}region = x ; one", {"foo": X}, COMMENT, 2),
    Case("both behind a value", f"{FOO}region = x # one ; two", {"foo": X}, COMMENT, 2),
    Case("an empty comment behind a value", f"{FOO}region = x ;", {"foo": X}, COMMENT, 2),
    Case(
        "no blank before a comment",
        f"{FOO}region = x# one\noutput = y; two",
        {"foo": {"region": "x# one", "output": "y; two"}},
    ),
    Case(
        "quotes around a value",
        f'{FOO}region = "x"',
        {"foo": {"region": '"x"'}},
        "is in quotes, which only Go removes",
        2,
    ),
    Case("a value of two lines", f"{FOO}region = x\n -y", {"foo": {"region": "x\n-y"}}),
    Case("a value of three lines", f"{FOO}region = x\n -y\n -z", {"foo": {"region": "x\n-y\n-z"}}),
    Case("blanks around a later line", f"{FOO}region = x\n \t -y \t ", {"foo": {"region": "x\n-y"}}),
    Case("a comment behind a later line", f"{FOO}region = x\n -y # one", {"foo": {"region": "x\n-y # one"}}),
    Case("the other comment behind a later line", f"{FOO}region = x\n -y ; one", {"foo": {"region": "x\n-y ; one"}}),
    Case(
        "a later line that looks like a setting",
        f"{FOO}region = x\n  output = y",
        {"foo": {"region": "x\noutput = y"}},
        "reads this indented line as part of the value of region",
        3,
    ),
    Case("an indented line before any profile", " -y", ERROR, BEFORE, 1),
    Case("an indented line before any setting", f"{FOO} -y", ERROR, NEITHER, 2),
    Case("an indented line at a second start", f"{FOO}region = x\n{FOO} -y", ERROR, SECOND, 3),
    Case("an indented first setting", f"{FOO}  region = x", ERROR, "the key region is indented", 2),
    Case("a profile in two parts", f"{FOO}region = x\n{FOO}output = y", {"foo": {**X, "output": "y"}}, SECOND, 3),
    Case("a setting twice", f"{FOO}region = y\nregion = x", {"foo": X}, SECOND, 3),
    Case("a setting twice, in two parts", f"{FOO}region = y\n{FOO}region = x", {"foo": X}, SECOND, 3),
    Case("a setting twice, once with a capital", f"{FOO}Region = y\nregion = x", {"foo": X}, SECOND, 3),
    Case(
        "the default by both names",
        "[profile default]\nregion = x\n[default]\noutput = y",
        {"default": X},
        "are the same profile; one hides the other",
        1,
    ),
    Case(
        "the default by both names, the other way round",
        "[default]\noutput = y\n[profile default]\nregion = x",
        {"default": X},
        "are the same profile; one hides the other",
        3,
    ),
    Case("the default by one name", "[default]\nregion = x", {"default": X}),
    Case("the default by its other name", "[profile default]\nregion = x", {"default": X}),
    Case(
        "settings for all",
        f"[DEFAULT]\nregion = x\n{FOO}output = y",
        {"foo": {"output": "y"}},
        "the keys of [DEFAULT]",
        2,
    ),
    Case("a nested setting", f"{FOO}s3 =\n  addressing_style = path", {"foo": {"s3": {"addressing_style": "path"}}}),
    Case("an empty nested setting", f"{FOO}s3 =\n  addressing_style =", {"foo": {"s3": {"addressing_style": ""}}}),
    Case(
        "nested settings with a blank line",
        f"{FOO}s3 =\n  one = x\n\t \n  two = y",
        {"foo": {"s3": {"one": "x", "two": "y"}}},
    ),
    Case("a nested key with a blank", f"{FOO}s3 =\n  in valid = x", {"foo": {"s3": {"in valid": "x"}}}),
    Case("a nested line without an equals sign", f"{FOO}s3 =\n  invalid", ERROR, "has a line without '='", 2),
    Case("a nested line without a key", f"{FOO}s3 =\n  = x", ERROR, "a line of the block under s3 has no key", 3),
    Case("a byte order mark", f"\ufeff{FOO}region = x", ERROR, "a byte-order mark before the first [profile]", 1),
    Case("an sso-session", "[sso-session foo]\nregion = x\n[profile bar]", {"bar": {}}),
    Case("an sso-session without a blank", "[sso-sessionfoo]\nregion = x", {}, NO_PROFILE, 1),
    Case("services", "[services foo]\nsts =\n  endpoint_url = http://127.0.0.1\n[profile bar]", {"bar": {}}),
]

CREDENTIALS = [
    Case("a profile", "[foo]\nregion = x", {"foo": X}),
    Case("the word profile before the name", "[profile foo]\nregion = x", {}, "has the word profile in its name", 1),
    Case("a name of two words", "[in valid]\nregion = x", {}, CHARACTERS, 1),
    Case("blanks around the name", "[   foo    ]\nregion = x", {"foo": X}, "as part of the name, others do not", 1),
    Case("an sso-session", "[sso-session foo]\nregion = x", {}, CHARACTERS, 1),
    Case("what looks like an sso-session", "[sso-sessionfoo]\nregion = x", {"sso-sessionfoo": X}),
    Case("a comment behind a value", "[foo]\nregion = x # one", {"foo": X}, COMMENT, 2),
]

BOTH = [
    Case("settings in both files", f"{FOO}region = x\n---[foo]\noutput = y", {"foo": {**X, "output": "y"}}),
    Case(
        "a setting in both files", f"{FOO}region = y\n---[foo]\nregion = x", {"foo": X}, "hides another value of it", 2
    ),
    Case(
        "the default in both files",
        "[default]\nregion = x\n---[default]\noutput = y",
        {"default": {**X, "output": "y"}},
    ),
]


@pytest.fixture
def check(home):
    """Compares how botocore reads both files with the specification, and what `doctor` says."""
    folder = home / ".aws"
    folder.mkdir(mode=0o700)

    def files(row: Case, config: str, credentials: str) -> None:
        for name, content in (("config", config), ("credentials", credentials)):
            (folder / name).write_bytes(content.encode())
            (folder / name).chmod(0o600)
        found = examine(locate(os.environ))
        if row.reported:
            assert [finding for finding in found if finding.line == row.line and row.reported in finding.what], found
        else:
            assert found == ()
            assert read() == row.specified

    return files


def read() -> dict | None:
    """The profiles that botocore finds."""
    try:
        return botocore.session.Session().full_config["profiles"]
    except ConfigParseError:
        return ERROR


@pytest.mark.parametrize("row", CONFIG, ids=lambda row: row.what)
def test_config(check, row):
    check(row, row.text, "")


@pytest.mark.parametrize("row", CREDENTIALS, ids=lambda row: row.what)
def test_credentials(check, row):
    check(row, "", row.text)


@pytest.mark.parametrize("row", BOTH, ids=lambda row: row.what)
def test_both_files(check, row):
    check(row, *row.text.split("---"))
