"""What a wrong word was probably to be."""

from __future__ import annotations

import pytest

from traycreds.cli.help import topics, unknown
from traycreds.cli.parser import commands, parse, parser

COMMANDS = tuple(words[0] for words in commands(parser()) if len(words) == 1)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("stauts", "Did you mean status?"),
        ("STATUS", "Did you mean status?"),
        ("refersh", "Did you mean refresh?"),
        ("ls", "Did you mean list?"),
        ("switch", "Did you mean use?"),
        ("stop", "Did you mean quit?"),
        ("xyzzy", "See all: traycreds --help"),
    ],
)
def test_an_unknown_command_names_the_nearest(capsys, word, hint):
    with pytest.raises(SystemExit) as caught:
        parse([word])
    assert caught.value.code == 2
    assert capsys.readouterr() == ("", f"There is no command {word}.\n{hint}\n")


def test_words_of_others_are_none_of_ours_and_mean_one_of_ours():
    assert not set(unknown._OTHERS) & set(COMMANDS)
    assert set(unknown._OTHERS.values()) <= set(COMMANDS)


def test_an_unknown_topic_names_the_nearest():
    error = unknown.topic("import so", ("import sso", *topics.TOPICS))
    assert (error.sentence, error.hint) == ("There is no command and no topic import so.", "Did you mean import sso?")
    assert unknown.topic("xyzzy", topics.TOPICS).hint == "See all: traycreds help"
