from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traycreds.shell.quoting import shell_line, shell_word


@given(st.lists(st.text(), min_size=1))
def test_a_command_for_sh_comes_apart_into_its_words(words):
    assert shlex.split(shell_line(words, windows=False)) == words


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("corp", "corp"),
        (r"C:\Users\me\.aws", r"C:\Users\me\.aws"),
        (r"C:\Users\Jane Doe\.aws", r'"C:\Users\Jane Doe\.aws"'),
        (r"C:\tools (x86)\a.exe", r'"C:\tools (x86)\a.exe"'),
        ("it's", '"it\'s"'),
        ("@corp", '"@corp"'),
        ("a,b", '"a,b"'),
        ("", '""'),
        ("a$b it's", "'a$b it''s'"),
        ("\u201cAnn\u2019s\u201d corp", "'\u201cAnn\u2019\u2019s\u201d corp'"),
    ],
)
def test_a_word_for_windows_is_in_quotes_that_powershell_and_cmd_take(word, typed):
    assert shell_word(word, windows=True) == typed
