"""Our part of YAML reads as PyYAML (which awscli brings) does, or refuses with the line."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from traycreds.adapters.yamlsubset import YamlError, parse

words = st.text(alphabet="abcXYZ019-_ .:#'\"/,[]{}&*!|>%@`?~=é", min_size=1, max_size=8).filter(
    lambda w: w == w.strip()
)
plain_words = st.text(alphabet="abcXYZ019-_/.", min_size=1, max_size=12).filter(lambda w: w[0] not in "-.")


def trees(scalars):
    """Mappings and sequences as a program writes them."""
    return st.recursive(
        scalars,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(scalars, inner, max_size=3),
        ),
        max_leaves=12,
    ).filter(lambda tree: not isinstance(tree, str))


def read_by_pyyaml(text):
    return yaml.load(text, Loader=yaml.BaseLoader)


def dumped(tree, indent):
    return yaml.dump(tree, indent=indent, default_flow_style=False, sort_keys=False, allow_unicode=True, width=10**6)


@settings(max_examples=200, deadline=None)
@given(trees(plain_words), st.sampled_from([2, 3, 4]))
def test_what_pyyaml_writes_is_read_the_same(tree, indent):
    assert parse(dumped(tree, indent)) == tree == read_by_pyyaml(dumped(tree, indent))


@settings(max_examples=300, deadline=None)
@given(trees(words), st.sampled_from([2, 4]))
def test_odd_texts_are_read_the_same_or_refused(tree, indent):
    try:
        read = parse(dumped(tree, indent))
    except YamlError:
        return
    assert read == tree


@settings(max_examples=500, deadline=None)
@given(st.lists(st.text(alphabet="ab: -#'\"[]{}\\&|>,?", max_size=10), max_size=6).map("\n".join))
def test_scribble_is_never_read_otherwise_than_by_pyyaml(text):
    try:
        read = parse(text)
    except YamlError:
        return
    theirs = read_by_pyyaml(text)
    assert read == theirs or (not read and not theirs), "a document of nothing is an empty mapping here"


def test_as_people_write_it():
    text = """---
# mine
productive:   # the big one
  team: team1
  color: '#388E3C'

  profiles:
    - profile: nonlive
      account: 012345678901   # keeps its zero
      default: true
    -
      profile: "li ve"
      role: it's
  script:
next: [
"""
    with pytest.raises(YamlError) as refused:
        parse(text)
    assert refused.value.line == 15
    assert parse(text.replace("next: [\n", "")) == {
        "productive": {
            "team": "team1",
            "color": "#388E3C",
            "profiles": [
                {"profile": "nonlive", "account": "012345678901", "default": "true"},
                {"profile": "li ve", "role": "it's"},
            ],
            "script": "",
        }
    }
    assert parse("# nothing\n") == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: &x b\n", 1),
        ("a:\n  - *x\n", 2),
        ("a: |\n  text\n", 1),
        ("a: {b: c}\n", 1),
        ("a: !!str b\n", 1),
        ('a: "b\\n"\n', 1),
        ("a: b\n\tc: d\n", 2),
        ("a: b\n  c: d\n", 2),
        ("a: b\na: c\n", 2),
        ("a: b: c\n", 1),
        ("a: 'b\n", 1),
        ("a: b\n---\nc: d\n", 2),
    ],
)
def test_what_is_beyond_is_refused_with_its_line(text, line):
    with pytest.raises(YamlError) as refused:
        parse(text)
    assert refused.value.line == line


@pytest.mark.parametrize("text", ["---\n---", "a: 1\n---\nb: 2", "---\na: 1\n---"])
def test_a_second_document_is_refused(text):
    with pytest.raises(YamlError, match="second document"):
        parse(text)
