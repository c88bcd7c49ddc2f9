"""Odd credentials files by grammar: we read them as botocore does, and an edit changes only what it says.

The oracle is botocore's own `raw_config_parse` on a real file, so universal newlines and decoding count too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from traycreds.awsfiles import aws_file, ini_edit
from traycreds.awsfiles.ini import IniText, ProfileTextError

SCALE = int(os.environ.get("TRAYCREDS_TEST_SCALE", "1"))
"""How many times more examples than usual to try."""
MORE = 4
"""So many times more in a thorough run."""
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\r\r\n"])
NAMES = ["a", "b", "c", "default", "DEFAULT", "a]", " a ", "my p", "ü", "[a", "x/y@z.1", "p] [q", "A"]
KEYS = [
    "aws_access_key_id",
    "AWS_ACCESS_KEY_ID",
    "aws_session_token",
    "aws_security_token",
    "region",
    "s3",
    "Kéy",
    "k k",
]
BLANKS = st.sampled_from(["", "", "", "", " ", "  ", "\t", "    ", "\x0b", "\xa0"])
VALUES = st.one_of(
    st.sampled_from(
        ["", "v", "a=b", "a:b", "x # y", "x ;y", "#", ";", "%(region)s", "[a]", "]", '"q"', "ü€", "\x0cf\x1c"]
    ),
    st.text(alphabet="abAB=:#;[]%\"' \t\x85\u2028ü/+", max_size=8),
)
HEADERS = st.builds(
    lambda blank, name, tail: f"{blank}[{name}]{tail}",
    BLANKS,
    st.sampled_from(NAMES),
    st.sampled_from(["", "", "", "", " ", " ; note", "#c", " junk", "]"]),
)
KEY_LINES = st.builds(
    lambda blank, key, delimiter, value: f"{blank}{key}{delimiter}{value}",
    BLANKS,
    st.sampled_from(KEYS),
    st.sampled_from([" = ", "=", ": ", ":", " =", "\t=\t"]),
    VALUES,
)
MORE_LINES = st.builds(
    lambda blank, text: blank + text,
    st.sampled_from(["  ", "\t", "        "]),
    st.one_of(VALUES, st.sampled_from(["max_queue_size = 10", "addressing_style=path", "[a]", "# no", "; no"])),
)
COMMENTS = st.builds(lambda blank, text: blank + text, BLANKS, st.sampled_from(["# note", ";note", "#[a]", "# k = v"]))
JUNK = st.sampled_from(["no delimiter", "= value only", "\ufeff[a]", "[]", "[", ":", "\x00"])
LINES = st.one_of(KEY_LINES, KEY_LINES, KEY_LINES, HEADERS, MORE_LINES, COMMENTS, BLANKS)


def texts(lines):
    """Whole files: lines with mixed or uniform ends, with or without a final one."""
    mixed = st.lists(st.tuples(lines, ENDS), max_size=14).map(lambda pairs: "".join(a + b for a, b in pairs))
    uniform = st.builds(
        lambda parts, end: end.join(parts), st.lists(lines, max_size=14), st.sampled_from(["\n", "\r\n", "\r"])
    )
    return st.one_of(mixed, uniform).map(as_it_can_be_here)


def as_it_can_be_here(text):
    """Windows' code pages have not all letters."""
    return text.encode(aws_file.encoding(), "replace").decode(aws_file.encoding())


def sections():
    """Files of distinct sections with distinct keys: botocore can read nearly all of them, so edits get to run."""
    body = st.lists(
        st.one_of(KEY_LINES, KEY_LINES, MORE_LINES, COMMENTS, BLANKS),
        max_size=7,
        unique_by=lambda line: line.replace(":", "=").split("=")[0].strip().lower() or object(),
    )
    one = st.tuples(HEADERS, body)
    many = st.lists(one, max_size=4, unique_by=lambda each: each[0].strip().split("]")[0])
    end = st.sampled_from(["\n", "\n", "\r\n", "\r"])
    return st.builds(
        lambda top, parts, end, final: (
            end.join([*top, *(line for head, body in parts for line in [head, *body])]) + final
        ),
        st.lists(COMMENTS, max_size=2),
        many,
        end,
        st.sampled_from(["", "\n", "\r\n", "\n\n"]),
    ).map(as_it_can_be_here)


SAFE_NAMES = st.sampled_from(["a", "b", "c", "default", "x/y@z.1", "new", "new-2"])
SAFE_VALUES = st.builds("{}{}".format, st.sampled_from("ab=:/+%[]"), st.text(alphabet="ab=:/+%[]#;", max_size=5))
CHANGES = st.dictionaries(
    SAFE_NAMES,
    st.dictionaries(
        st.sampled_from(["aws_access_key_id", "aws_session_token", "region", "s3", "fresh"]),
        SAFE_VALUES,
        min_size=1,
        max_size=4,
    ),
    max_size=3,
)


@pytest.fixture(scope="module")
def on_disk():
    """Botocore's verdict on a text: what it reads, or None if it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "credentials"

        def parsed(text):
            path.write_bytes(text if isinstance(text, bytes) else aws_file.encoded(text))
            try:
                raw_config_parse(str(path))
                return raw_config_parse(str(path), parse_subsections=False)
            except ConfigParseError:
                return None

        yield parsed


def ours(text):
    try:
        return ini_edit.parse(text)
    except ProfileTextError:
        return None


def saved(text, codec):
    """As an editor on Windows saves it, or PowerShell; what has no letter there becomes one that does."""
    return text.encode(codec, "replace")


FILES = st.builds(saved, texts(LINES), st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "cp932", "utf-16"]))


def with_old_token(seen, values):
    if "aws_session_token" in values and "aws_security_token" in seen:
        return {**values, "aws_security_token": values["aws_session_token"]}
    return values


@given(text=texts(st.one_of(LINES, JUNK)))
@settings(max_examples=75 * SCALE, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_any_text_is_read_or_refused_as_botocore_does(on_disk, text):
    assert ours(text) == on_disk(text)


@given(data=st.one_of(FILES, st.binary(max_size=8).map(lambda bad: b"[a]\nx = " + bad)))
@settings(max_examples=75 * SCALE, deadline=None)
def test_any_file_is_decoded_as_botocore_does_and_comes_back_byte_for_byte(on_disk, data):
    try:
        text = aws_file.decoded(data)
        read = ini_edit.parse(text)
    except ProfileTextError:
        assert on_disk(data) is None
        return
    assert read == on_disk(data)
    assert aws_file.encoded(text, data) == data


@given(text=sections())
@settings(max_examples=50 * SCALE, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_odd_files_are_read_as_botocore_does(on_disk, text):
    expected = on_disk(text)
    event("readable" if expected is not None else "refused")
    assert ours(text) == expected


@given(text=st.one_of(sections(), texts(LINES)), sets=CHANGES, removes=st.sets(SAFE_NAMES, max_size=2))
@settings(max_examples=75 * SCALE, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_an_edit_is_the_old_content_plus_the_change(on_disk, text, sets, removes):
    old = on_disk(text)
    assume(old is not None)
    try:
        new = ini_edit.edit(text, sets=sets, removes=removes)
    except ProfileTextError as error:
        # Only where lines cannot be moved: a removed section before an indented header, or a broken [DEFAULT].
        indented_header = any(line[:1].isspace() and line.strip().startswith("[") for line in IniText(text).lines)
        if not indented_header and "block" not in error.cause:
            raise
        event("edit refused")
        return
    defaults = IniText(text).defaults.values
    expected = {name: values for name, values in old.items() if name not in removes or name in sets}
    for name, values in sets.items():
        seen = expected.get(name, defaults)
        expected[name] = {**seen, **with_old_token(seen, values)}
    assert on_disk(new) == expected
    event("edited")


@given(text=st.one_of(sections(), texts(LINES)), sets=CHANGES, removes=st.sets(SAFE_NAMES, max_size=2))
@settings(max_examples=75 * SCALE, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_a_long_file_is_edited_like_a_short_one(text, sets, removes):
    def edited():
        try:
            return ini_edit.edit(text, sets=sets, removes=removes)
        except ProfileTextError as error:
            return error.cause

    short = edited()
    with mock.patch.object(ini_edit, "WHOLE", -1):
        assert edited() == short


@given(text=st.one_of(sections(), texts(LINES)), sets=CHANGES)
@settings(max_examples=50 * SCALE, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_every_line_but_those_of_the_set_keys_stays_in_its_place(text, sets):
    try:
        old = IniText(text)
        new = ini_edit.change(old, sets=sets)
    except ProfileTextError:
        assume(False)
    touched = set()
    for name, values in sets.items():
        if section := old.sections.get(name):
            for key in with_old_token({**old.defaults.values, **section.values}, values):
                if key in section.rows:
                    touched |= {section.rows[key], *section.more.get(key, ())}
    remaining = iter(new.lines)
    for row, line in enumerate(old.lines):
        if row not in touched:
            last = row == len(old.lines) - 1
            assert any(line == other or (last and line == other.rstrip("\r\n")) for other in remaining), (
                line,
                new.text,
            )


@given(text=st.one_of(sections(), texts(LINES)), sets=CHANGES)
@settings(max_examples=75 * SCALE, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_an_edit_made_twice_changes_nothing_more(text, sets):
    try:
        once = ini_edit.edit(text, sets=sets)
    except ProfileTextError:
        assume(False)
    assert ini_edit.edit(once, sets=sets) == once


@given(text=st.one_of(sections(), texts(LINES)), values=CHANGES.filter(bool))
@settings(max_examples=75 * SCALE, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_removing_what_was_added_gives_back_every_byte(text, values):
    try:
        old = IniText(text)
        added = {f"added-{name.replace('/', '-')}": given for name, given in values.items()}
        new = ini_edit.change(old, sets=added)
    except ProfileTextError:
        assume(False)
    back = ini_edit.change(new, sets={}, removes=list(added)).text
    assert back == text or (back.rstrip("\r\n") == text and len(back) - len(text) <= 2)


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_more_examples_of_each():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "--timeout", "280", __file__],
        env={**os.environ, "TRAYCREDS_TEST_SCALE": str(MORE)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
