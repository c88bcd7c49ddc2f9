"""What PowerShell would make of our lines, by its grammar: no PowerShell is here to run them."""

from __future__ import annotations

import pytest
import tree_sitter
import tree_sitter_powershell
from hypothesis import example, given
from hypothesis import strategies as st

from traycreds.cli.completion_scripts import SCRIPTS
from traycreds.shell.quoting import shell_line
from traycreds.usecases import shell_variables

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))


def parsed(text: str):
    root = PARSER.parse(text.encode()).root_node
    assert not root.has_error, text
    return root


def found(node, kind: str):
    own = [node] if node.type == kind else []
    return own + [one for child in node.children for one in found(child, kind)]


def texts(node, kind: str) -> list[str]:
    return [one.text.decode() for one in found(node, kind)]


@pytest.mark.parametrize("broken", ["$Env:A = 'x'y'\n", "& { a | }\n", "Register-X -B {\n"])
def test_the_grammar_finds_what_is_broken(broken):
    with pytest.raises(AssertionError):
        parsed(broken)


def test_the_completion_is_one_command_with_its_script():
    root = parsed(SCRIPTS["powershell"])
    assert texts(root, "command_name")[0] == "Register-ArgumentCompleter"
    (statements,) = (one for one in root.children if one.type != "comment")
    assert len(statements.children) == 1


# The grammar knows no typographic quotes as quotes: those have their own test, of the text, in tests/unit/app.
@given(
    st.text(st.characters(exclude_characters="\0\r\u2018\u2019\u201a\u201b", exclude_categories=["Cs"]), max_size=30)
)
def test_a_value_is_one_string_that_nothing_is_run_from(value):
    root = parsed(shell_variables.script("powershell", {"AWS_TEST": value, "AWS_AFTER": "x"}))
    first, after = texts(root, "verbatim_string_characters")
    assert first[1:-1].replace("''", "'") == value
    assert after == "'x'"
    assert [name.casefold() for name in texts(root, "variable")] == ["$env:aws_test", "$env:aws_after"]
    assert not found(root, "sub_expression")


def test_what_would_win_over_the_values_is_taken_out_by_commands_of_their_own():
    root = parsed(shell_variables.script("powershell", {"AWS_TEST": "x"}))
    assert texts(root, "command_name") == ["Remove-Item"] * (len(shell_variables.REMOVED) + 1)
    assert {f"Env:{name}" for name in shell_variables.REMOVED} <= set(texts(root, "generic_token"))


@given(
    st.text(
        st.characters(exclude_characters="\0\r\n\u2018\u2019\u201a\u201b\u201c\u201d\u201e", exclude_categories=["Cs"])
    )
)
@example("-")
def test_a_command_that_is_given_is_one_command_from_which_nothing_else_is_run(name):
    root = parsed(shell_line(("traycreds", "login", name), windows=True))
    assert texts(root, "command_name") == ["traycreds"]
    assert len(found(root, "command")) == 1
    assert not found(root, "variable")
    assert not found(root, "sub_expression")
