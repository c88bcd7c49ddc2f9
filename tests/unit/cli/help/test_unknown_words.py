"""What a wrong word was probably to be."""

from __future__ import annotations

import pytest

from traycreds.cli.help import topics, unknown_words
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
    assert not set(unknown_words._OTHERS) & set(COMMANDS)
    assert set(unknown_words._OTHERS.values()) <= set(COMMANDS)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("use dev --regoin eu-west-1", "--regoin eu-west-1 (did you mean --region?)"),
        ("use dev --regoin=eu-west-1", "--regoin=eu-west-1 (did you mean --region?)"),
        ("status --verbose", "--verbose (write --verbose before the command)"),
        ("import sso corp --config x", "--config (write --config before the command)"),
        ("use dev prod", "prod"),
        ("pause --xyzzy", "--xyzzy"),
        ("import profiles --anwe", "--anwe"),
        ("import sso corp --anwe", "--anwe (did you mean --anew?)"),
    ],
)
def test_an_argument_that_is_not_taken_shows_the_usage_of_its_command(capsys, line, hint):
    with pytest.raises(SystemExit) as caught:
        parse(line.split())
    assert caught.value.code == 2
    message = capsys.readouterr().err
    words = " ".join(
        word for word in line.split()[:2] if word in ("import", "sso", "profiles") or word == line.split()[0]
    )
    assert message.startswith(f"usage: traycreds {words} ")
    assert message.endswith(f"error: unrecognized arguments: {hint}\n")


def test_an_unknown_topic_names_the_nearest():
    error = unknown_words.topic("import so", ("import sso", *topics.TOPICS))
    assert (error.sentence, error.hint) == ("There is no command or topic import so.", "Did you mean import sso?")
    assert unknown_words.topic("xyzzy", topics.TOPICS).hint == "See all: traycreds help"
