"""A configuration beyond a bound is refused with its line before it is parsed."""

from __future__ import annotations

import sys

import pytest

from tests.unit.config.configuration import role
from traycreds.config import loader, toml_text
from traycreds.core.errors import ConfigError

HOSTILE = {
    "brackets": ("x = " + "[" * 3000 + "]" * 3000, "more than 32 nested brackets"),
    "open brackets": ("x = " + "[" * 3000, "more than 32 nested brackets"),
    "tables": ("x = " + "{ a = " * 3000 + "1" + "}" * 3000, "more than 32 nested brackets"),
    "dotted key": (".".join("a" * 20_000) + " = 1", "a key of more than 32 parts"),
    "dotted key with quotes": (' . "b" . '.join("a" * 20_000) + " = 1", "a key of more than 32 parts"),
    "dotted header": (f"[{'.'.join('a' * 20_000)}]", "a key of more than 32 parts"),
    "digits": ("duration = " + "9" * 5000, "a number of more than 100 characters"),
    "hexadecimal digits": ("duration = 0x" + "f" * 5000, "a number of more than 100 characters"),
    "a list of many lines": ("x = [\n" + "1,\n" * 5000 + "]", "a list or table of more than 1000 lines"),
    "a text of many lines": ('x = """\n' + "y\n" * 5000 + '"""', "a string of more than 1000 lines"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_beyond_a_bound_is_refused_with_its_line(load, name):
    text, what = HOSTILE[name]
    with pytest.raises(ConfigError) as caught:
        load(f'# a comment with [[[[ and "\n{role()}\n{text}\n')
    (problem,) = caught.value.problems
    line = role().count("\n") + 3
    assert (problem.location, problem.what) == (f"line {line}", what)
    assert caught.value.exit_code == 2
    assert caught.value.sentence.endswith(f"config.toml, line {line}: {what}.")


def test_a_policy_of_many_brackets_is_refused_with_its_line(load):
    with pytest.raises(ConfigError, match=r"line 4: policy .*is invalid JSON") as caught:
        load(role(policy="'" + "[" * 2000 + "'"))
    assert caught.value.exit_code == 2


def test_a_file_that_is_too_large_is_not_read(load):
    with pytest.raises(ConfigError, match=r"config.toml is larger than 1 MiB\."):
        load("# " + "x" * toml_text.BYTES)


def test_what_only_resembles_nesting_does_not_count(load):
    text = "# " + "[" * 100 + "\n" + role(group="'" + "[" * 20 + "'", policy='"""{"a": [[[[]]]]}"""')
    assert load(text).roles[0].group == "[" * 20


def test_a_long_configuration_is_within_the_bounds():
    text = "".join(f'[roles."r{number}"]\nrole_arn = "a.b.c.d"  # 1.2.3\nn = [1.5, 2.5]\n' for number in range(5000))
    toml_text.check(text)


@pytest.mark.parametrize("text", ['"', "'''", '"""', "\\", "[", "]]]]", "=", "a.b", '"a\\', "#", "\r\n", "\x00"])
def test_what_is_no_toml_is_left_to_the_parser(text):
    toml_text.check(text)


def test_whatever_passes_the_bounds_can_be_parsed():
    """At the bounds themselves, on a stack as deep as that of the app's threads."""
    nested = "x = " + "[" * toml_text.NESTING + "]" * toml_text.NESTING
    dotted = ".".join("a" * toml_text.PARTS) + " = 1"
    for text in (nested, dotted, "x = " + "9" * toml_text.DIGITS):
        toml_text.check(text)
        assert loader.line_numbers(text)
    assert sys.getrecursionlimit() >= 1000
