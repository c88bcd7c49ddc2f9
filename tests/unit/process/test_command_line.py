"""How a command line is split: on Windows as its programs see it, elsewhere as a shell does it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.windows.mark import not_on_windows, windows_only
from traycreds.process.command_line import parted, split


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(alphabet="ab \t\"\\'-", max_size=6), min_size=1, max_size=4))
def test_a_windows_command_line_comes_apart_as_it_was_put_together(command):
    assert parted(subprocess.list2cmdline(command)) == tuple(command)


@windows_only
@pytest.mark.parametrize(
    "rest",
    [
        r"C:\tools\ykman.exe",
        r'"C:\my tools\x" -a',
        r"C:\O'Brien\x.exe 'a b'",
        r'a\"b "c\\" d',
        r'-x="a b"c',
        "a\tb",
        '""',
    ],
)
def test_windows_says_the_same(rest):
    code = "import json, sys; print(json.dumps(sys.argv[1:]))"
    line = subprocess.list2cmdline([sys.executable, "-c", code]) + " " + rest
    seen = json.loads(subprocess.run(line, check=True, capture_output=True).stdout)
    assert list(split(line)) == [sys.executable, "-c", code, *seen]


@not_on_windows
def test_elsewhere_a_shells_quotes_count():
    assert split("'/opt/my tools/x' -a \"b c\" d\\ e") == ("/opt/my tools/x", "-a", "b c", "d e")
    with pytest.raises(ValueError, match="quot"):
        split("it's")
