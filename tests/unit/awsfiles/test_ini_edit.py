"""The text editor by example: each case is a file as people have them, and what must become of it."""

from __future__ import annotations

import gc
from configparser import RawConfigParser

import pytest

from tests.support.profile_edits import remove_profile, set_profile
from traycreds.awsfiles import ini_edit
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.awsfiles.ini_edit import edit, parse

NEW = {"aws_access_key_id": "NEW"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "[dev]\naws_access_key_id = NEW\n", id="empty file"),
        pytest.param("# mine\n", "# mine\n\n[dev]\naws_access_key_id = NEW\n", id="only a comment"),
        pytest.param("[a]\nk = v", "[a]\nk = v\n\n[dev]\naws_access_key_id = NEW\n", id="no final newline"),
        pytest.param("[a]\r\nk = v\r\n", "[a]\r\nk = v\r\n\r\n[dev]\r\naws_access_key_id = NEW\r\n", id="CRLF"),
        pytest.param("[a]\rk = v\r", "[a]\rk = v\r\r[dev]\raws_access_key_id = NEW\r", id="CR"),
        pytest.param(
            "[a]\nk = v\r\n[dev]\r\nx = 1\r\n[b]\ny = 2\n",
            "[a]\nk = v\r\n[dev]\r\nx = 1\r\naws_access_key_id = NEW\r\n[b]\ny = 2\n",
            id="mixed ends: a new line takes after its neighbour",
        ),
        pytest.param("[dev]\naws_access_key_id = OLD\n", "[dev]\naws_access_key_id = NEW\n", id="known key"),
        pytest.param("[dev]\nAWS_ACCESS_KEY_ID=OLD\n", "[dev]\naws_access_key_id = NEW\n", id="upper-case key"),
        pytest.param("[dev]\naws_access_key_id: OLD\n", "[dev]\naws_access_key_id = NEW\n", id="colon"),
        pytest.param("[dev]\naws_access_key_id = OLD", "[dev]\naws_access_key_id = NEW\n", id="known key at the end"),
        pytest.param(
            "[dev]\naws_access_key_id = OLD\n  tail\n\n  more\n# c\n  last\nregion = x\n",
            "[dev]\naws_access_key_id = NEW\n\n# c\nregion = x\n",
            id="the tail of a multi-line value goes, what stands between stays",
        ),
        pytest.param(
            "[dev]\n  aws_access_key_id = OLD\n  region = x\n",
            "[dev]\n  aws_access_key_id = NEW\n  region = x\n",
            id="an indented key stays indented, or the next would continue it",
        ),
        pytest.param(
            "[dev]\nregion = x\n\n# about prod\n[prod]\nk = v\n",
            "[dev]\nregion = x\naws_access_key_id = NEW\n\n# about prod\n[prod]\nk = v\n",
            id="a new key goes before the next section's comment block",
        ),
        pytest.param(
            "[dev]\ns3 =\n  max_queue_size = 10\n  # c\n  addressing_style = path\n\n[prod]\nk = v\n",
            "[dev]\ns3 =\n  max_queue_size = 10\n  # c\n  addressing_style = path\naws_access_key_id = NEW\n\n"
            "[prod]\nk = v\n",
            id="nested block",
        ),
        pytest.param(
            "[dev]\n  s3 =\n    a = b\n  [prod]\n  k = v\n",
            "[dev]\n  s3 =\n    a = b\n  aws_access_key_id = NEW\n  [prod]\n  k = v\n",
            id="before an indented header a new key is indented too",
        ),
        pytest.param("[dev]\nk = v", "[dev]\nk = v\naws_access_key_id = NEW\n", id="new key, no final newline"),
        pytest.param("[dev] ; note\n", "[dev] ; note\naws_access_key_id = NEW\n", id="text behind the header"),
        pytest.param(
            "[dev]]\nk = v\n", "[dev]]\nk = v\n\n[dev]\naws_access_key_id = NEW\n", id="[dev]] is another profile"
        ),
        pytest.param(
            "[ dev ]\nk = v\n", "[ dev ]\nk = v\n\n[dev]\naws_access_key_id = NEW\n", id="[ dev ] is another profile"
        ),
        pytest.param(
            "[a]\nk = v\n  [dev]\n",
            "[a]\nk = v\n  [dev]\n\n[dev]\naws_access_key_id = NEW\n",
            id="a value like a header",
        ),
        pytest.param(
            "[DEFAULT]\nregion = x\n", "[DEFAULT]\nregion = x\n\n[dev]\naws_access_key_id = NEW\n", id="[DEFAULT]"
        ),
        pytest.param("[ü]\nk = ☃\x0c = x\n", "[ü]\nk = ☃\x0c = x\n\n[dev]\naws_access_key_id = NEW\n", id="unicode"),
    ],
)
def test_set_profile(before, after):
    assert set_profile(before, "dev", NEW) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("[dev]\nk = v\n", "", id="all there is"),
        pytest.param("[a]\nk = v\n\n[dev]\nx = 1\n  y\n", "[a]\nk = v\n", id="the last one, with its blank line"),
        pytest.param("[a]\nk = v\n[dev]\nx = 1\n[b]\nk = v\n", "[a]\nk = v\n[b]\nk = v\n", id="between others"),
        pytest.param(
            "[a]\nk = v\n\n[dev]\nx = 1\n\n# about b\n[b]\n", "[a]\nk = v\n\n# about b\n[b]\n", id="comment of the next"
        ),
        pytest.param("[dev]\nx = 1\n# mine\ny = 2\n[b]\n", "# mine\n[b]\n", id="comments are the user's"),
        pytest.param("[a]\nk = v\n", "[a]\nk = v\n", id="not there"),
        pytest.param("[dev]]\nk = v\n", "[dev]]\nk = v\n", id="another name"),
    ],
)
def test_remove_profile(before, after):
    assert remove_profile(before, "dev") == after


def test_many_edits_at_once():
    before = "[a]\nk = 1\n\n[b]\nk = 2\n\n[c]\nk = 3\n"
    after = edit(before, sets={"c": {"k": "9"}, "d": {"k": "4"}, "e": {"k": "5"}}, removes=["a", "c"])
    assert after == "\n[b]\nk = 2\n\n[c]\nk = 9\n\n[d]\nk = 4\n\n[e]\nk = 5\n"


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("[dev]\naws_security_token = STALE\naws_session_token = OLD\n", id="in the section"),
        pytest.param("[DEFAULT]\naws_security_token = STALE\n", id="inherited"),
    ],
)
def test_a_stale_security_token_follows_the_session_token(before):
    dev = parse(set_profile(before, "dev", {"aws_session_token": "NEW"}))["dev"]
    assert dev == {"aws_security_token": "NEW", "aws_session_token": "NEW"}


def test_no_security_token_is_added_where_there_was_none():
    assert set_profile("", "dev", {"aws_session_token": "NEW"}) == "[dev]\naws_session_token = NEW\n"


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        pytest.param("[a]\nk = v\n\n[b]\n[a]\n", 5, "[a] appears a second time", id="section twice"),
        pytest.param("[a]\r\nk = v\r\nK: w\r\n", 3, "k appears a second time", id="key twice"),
        pytest.param("[DEFAULT]\nk = v\n[DEFAULT]\nk = w\n", 4, "k appears a second time", id="default key twice"),
        pytest.param("\ufeff[a]\n", 1, "byte-order mark", id="BOM"),
        pytest.param("# c\nk = v\n[a]\n", 2, "before the first", id="text before the first header"),
        pytest.param("[a]\rk\r", 2, "neither", id="key without value"),
        pytest.param("[a]\n = v\n", 2, "without a key", id="value without key"),
        pytest.param("[]\nk = v\n", 1, "before the first", id="no name"),
        pytest.param("[a]\ns3 =\n  no equals sign\n", 2, "block under s3", id="nested block"),
        pytest.param("[DEFAULT]\ns3 =\n  no equals sign\n[a]\n", 2, "block under s3", id="inherited nested block"),
    ],
)
def test_what_botocore_cannot_read_is_refused_with_line_and_cause(text, line, cause):
    for call in (parse, lambda text: set_profile(text, "dev", NEW)):
        with pytest.raises(ProfileTextError) as caught:
            call(text)
        assert caught.value.line == line
        assert cause in caught.value.cause
        assert str(caught.value) == f"line {line}: {caught.value.cause}"


@pytest.mark.parametrize(
    "name", ["", "DEFAULT", "__proto__", "two words", " a", "a]", "[a", "ü", "a\nb", "a\r", "a;b", "a#b", "a!", "a\t"]
)
def test_a_name_that_sdks_read_differently_is_refused(name):
    with pytest.raises(ProfileTextError, match="not read the same way"):
        set_profile("", name, NEW)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " a",
        "a ",
        "a\nb",
        "a\rb",
        "a\tb",
        "ü",
        '"a"',
        "'a",
        "a #b",
        "a ;b",
        "#a",
        ";a",
        "a\x00",
        "a\x0cb",
        "a\u2028b",
    ],
)
def test_a_value_that_sdks_read_differently_is_refused_and_not_quoted(value):
    with pytest.raises(ProfileTextError, match="the value of aws_session_token is not read the same way") as caught:
        set_profile("", "dev", {"aws_session_token": value})
    assert "line" not in str(caught.value)


@pytest.mark.parametrize("key", ["", "K", "k k", "k=", "k:", "1k", "#k", "[k", "k\n"])
def test_a_key_that_sdks_read_differently_is_refused(key):
    with pytest.raises(ProfileTextError, match="not read the same way"):
        set_profile("", "dev", {key: "v"})


@pytest.mark.parametrize("value", ["a", "a=b==", "a%b", "a#b", "a;b", "[a]", "a: b", "/+a", "a, b (c)"])
def test_a_safe_value_comes_back(value):
    assert parse(set_profile("", "dev", {"k": value})) == {"dev": {"k": value}}


def test_an_edit_that_would_alter_something_else_is_refused():
    text = (
        # Without `[dev]`, the indented `[b]` would continue the value of `k`.
        "[a]\nk = v\n[dev]\n  x = 1\n  [b]\n  y = 2\n"
    )
    with pytest.raises(ProfileTextError, match="alter something else"):
        remove_profile(text, "dev")


def test_a_fault_in_the_editor_itself_is_caught_before_anything_is_written(monkeypatch):
    monkeypatch.setattr(ini_edit, "_key_lines", lambda indentation, items, end: "aws_access_key_id = WRONG\n")
    with pytest.raises(ProfileTextError, match="alter something else"):
        set_profile("", "dev", NEW)


def test_a_fault_in_our_reader_is_caught_by_configparser(monkeypatch):
    monkeypatch.setattr(ini_edit, "_as_botocore", lambda text: {})
    with pytest.raises(ProfileTextError, match="alter something else"):
        set_profile("", "dev", NEW)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[default]\nk = v\n# c\n", "[base]\nk = v\n# c\n"),
        ("[a]\n[default] ; default\r\nk = v", "[a]\n[base] ; default\r\nk = v"),
        ("  [default]\n  k: v\n", "  [base]\n  k: v\n"),
    ],
)
def test_rename_changes_nothing_but_the_name(before, after):
    assert ini_edit.rename(IniText(before), "default", "base").text == after


def test_rename_can_leave_keys_behind():
    text = IniText("[default]\na = 1\nb = 2\n  more\nc = 3\n[x]\nb = 4\n")
    assert ini_edit.rename(text, "default", "base", without=["b", "none"]).text == "[base]\na = 1\nc = 3\n[x]\nb = 4\n"


@pytest.mark.parametrize(
    ("name", "new_name", "cause"),
    [("no", "base", "no profile"), ("a", "b", "already"), ("a", "b c", "not read the same way")],
)
def test_rename_refuses(name, new_name, cause):
    with pytest.raises(ProfileTextError, match=cause):
        ini_edit.rename(IniText("[a]\n[b]\n"), name, new_name)


def test_no_value_shows_in_an_error():
    secret = "wJalrXUtnFEMI"
    for text in (
        f"[a]\nk = {secret}\nk = {secret}\n",
        f"{secret}\n[a]\n",
        f"[a]\n{secret}\n",
        f"[a]\ns3 =\n {secret}\n",
    ):
        with pytest.raises(ProfileTextError) as caught:
            parse(text)
        assert secret not in str(caught.value)


KEYED = "# mine\r\n[base]\r\n; note\r\nregion = x\r\naws_access_key_id = ID\r\naws_secret_access_key = S\r\n  more\r\n[b]\r\nk = v\r\n"


def test_keys_are_swapped_for_others_in_their_place():
    new = ini_edit.swap(
        IniText(KEYED), "base", ("aws_access_key_id", "aws_secret_access_key"), {"credential_process": "/bin/keys base"}
    )
    assert new.text == (
        "# mine\r\n[base]\r\n; note\r\nregion = x\r\ncredential_process = /bin/keys base\r\n[b]\r\nk = v\r\n"
    )


def test_keys_that_are_not_there_cannot_be_swapped():
    with pytest.raises(ProfileTextError, match="no such key") as caught:
        ini_edit.swap(IniText(KEYED), "b", ("aws_access_key_id",), {"credential_process": "/bin/keys b"})
    assert caught.value.line == 8


def test_a_block_is_taken_and_put_back_byte_for_byte():
    old = IniText(KEYED)
    lines = ini_edit.block(old, "base")
    assert lines == KEYED[KEYED.index("[base]") : KEYED.index("[b]")]
    without = ini_edit.swap(old, "base", ("aws_secret_access_key",), {})
    assert ini_edit.put_blocks(without, {"base": lines}).text == KEYED


@pytest.mark.parametrize(
    "text", [KEYED + "[c]\r\nx = y", "[c]\nx = y", "[c]\nx = y\n"], ids=["crlf", "no end", "an end"]
)
def test_the_last_block_gets_no_line_end_that_it_did_not_have(text):
    """A key that is swapped ends its line, so the text has an end by then that the block had not."""
    lines = ini_edit.block(IniText(text), "c")
    swapped = ini_edit.swap(IniText(text), "c", ("x",), {"z": "1"})
    assert swapped.text.endswith("\n")
    assert ini_edit.put_blocks(swapped, {"c": lines}).text == text


def test_a_block_that_brings_more_than_its_profile_is_refused():
    with pytest.raises(ProfileTextError, match="something else"):
        ini_edit.put_blocks(IniText(KEYED), {"b": "[b]\r\nk = v\r\n[c]\r\nk = w\r\n"})


def test_an_edit_leaves_nothing_for_the_garbage_collector():
    """A file of many profiles, written role by role, would fill megabytes until the next full collection."""
    text = "".join(f"[p{number}]\nregion = eu-west-1\n" for number in range(200))
    edit(text, sets={"dev": NEW})
    # What the end of one object sets free is left for the next collection.
    while gc.collect():
        pass
    gc.disable()
    try:
        edit(text, sets={"dev": NEW})
        assert gc.collect() < 100
    finally:
        gc.enable()


MANY = "".join(f"[p{number}]\nregion = eu-west-{number}\n  more = {'x' * 50}\n\n" for number in range(1, 1001))


@pytest.fixture
def read_by_botocore(monkeypatch):
    """The lines that RawConfigParser reads to check results."""
    lines = []

    class Parser(RawConfigParser):
        def read_file(self, given):
            lines.extend(given)
            super().read_file(lines)

    monkeypatch.setattr(ini_edit, "RawConfigParser", Parser)
    return lines


@pytest.mark.parametrize(
    ("name", "near"), [("p500", ["p499", "p500"]), ("p1", ["p1"]), ("new", ["p999", "p1000", "new"])]
)
def test_of_a_long_file_only_the_neighbourhood_of_a_change_is_checked_twice(read_by_botocore, name, near):
    assert len(MANY) > ini_edit.WHOLE
    result = edit(MANY, sets={name: NEW})
    assert parse(result)[name]["aws_access_key_id"] == "NEW"
    assert [line[1:-2] for line in read_by_botocore if line.startswith("[")] == near


def test_of_a_short_file_all_is_checked_twice(read_by_botocore):
    edit("[a]\nk = v\n[b]\nk = v\n[c]\nk = v\n", sets={"c": NEW})
    assert sum(line.startswith("[") for line in read_by_botocore) == 3


@pytest.mark.parametrize("whole", [0, ini_edit.WHOLE])
def test_a_result_that_botocore_reads_differently_is_refused(monkeypatch, whole):
    """As if our own parser mistook a line for a comment."""
    monkeypatch.setattr(ini_edit, "WHOLE", whole)

    class Parser(RawConfigParser):
        def items(self, *args, **options):
            return [("aws_access_key_id", "OTHER")]

    monkeypatch.setattr(ini_edit, "RawConfigParser", Parser)
    with pytest.raises(ProfileTextError, match="something else"):
        edit("[dev]\nk = v\n", sets={"dev": NEW})
