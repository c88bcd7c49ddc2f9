"""The catalogue of messages: all are in it, so that they can be read in one go, and each new one is seen in a review."""

from __future__ import annotations

import re

import pytest

from tests.architecture import messages
from tests.architecture.sources import tree_of

WRITE = "read what is new, then: python -m tests.architecture.messages --write"
FAULTS = {
    "a blank before punctuation": re.compile(r"[A-Za-z] [,:.!?](?:\s|$)"),
    "a full stop twice": re.compile(r"(?<!\.)\.\.(?!\.)"),
    "a capital after a comma": re.compile(r", (?:The|A|An|It|This|That|You)\b"),
    "needs you, without what for": re.compile(r"\bneeds you\.$"),
    "please, sorry, oops": re.compile(r"\b(?:please|sorry|oops|unfortunately|successfully)\b", re.IGNORECASE),
    "an exclamation": re.compile(r"[a-z]!(?:\s|$)"),
    "something that is renewed without who does it": re.compile(r"^Renewing\b"),
}


def faults_of(message: str) -> list[str]:
    return [name for name, pattern in FAULTS.items() if pattern.search(message)]


def test_the_catalogue_has_every_message():
    assert messages.CATALOGUE.read_text(encoding="utf-8") == messages.catalogue(), WRITE


def test_what_is_a_message():
    source = '"""A docstring of words."""\nx = "one two"\ny = f"{a.b} cannot be read: {c}."\nz = "word", "a[b, c]"\n'
    source += 'print("It is there.")\n'
    assert list(messages.messages(tree_of(source))) == ["one two", "{a.b} cannot be read: {c}.", "It is there."]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("It looks like arn:aws:iam::123456789012:role/Name.", True),
        ("Another program is writing {unfinished[0]}.", True),
        ("# The roles that traycreds keeps alive.", True),
        ("Quit {product}", True),
        ("mfa {key} {serial}", False),
        ("Callable[[Signal], None]", False),
        ("Separator | Entry", False),
        ("tk::PlaceWindow . center", False),
    ],
)
def test_values_and_arns_are_no_code(text, is_one):
    assert messages.is_message(text) is is_one


@pytest.mark.parametrize(
    ("message", "faults"),
    [
        ("Role {name} needs you.", ["needs you, without what for"]),
        ("Please try again !", ["a blank before punctuation", "please, sorry, oops"]),
        ("It works..", ["a full stop twice"]),
        ("Wait..., then continue.", []),
    ],
)
def test_what_is_a_fault(message, faults):
    assert faults_of(message) == faults


def test_no_message_has_a_fault():
    lines = messages.CATALOGUE.read_text(encoding="utf-8").splitlines()
    assert {line: faults for line in lines if (faults := faults_of(line))} == {}
