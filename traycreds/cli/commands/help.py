"""`traycreds help`: the help of a command, or a topic."""

from __future__ import annotations

import argparse
import os

from traycreds.cli import parser
from traycreds.cli.help import topics, unknown_words
from traycreds.cli.options import options
from traycreds.state.paths import locate


def show(parsed: argparse.Namespace) -> int:
    """`traycreds help`."""
    words = tuple(word.lower() for word in parsed.topic)
    whole = parser.parser()
    commands = parser.commands(whole)
    if not words:
        print(whole.format_help() + "\n" + topics.listed(), end="")
    elif words in commands:
        print(commands[words].format_help(), end="")
    elif len(words) == 1 and words[0] in topics.TOPICS:
        print(topics.text(words[0], locate(os.environ, options(parsed).config)), end="")
    else:
        known = [" ".join(command) for command in commands]
        raise unknown_words.topic(" ".join(parsed.topic), (*known, *topics.TOPICS))
    return 0
