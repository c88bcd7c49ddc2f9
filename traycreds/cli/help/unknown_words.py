"""Suggestions for a word that is not a command or topic."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from traycreds.core.errors import UsageError
from traycreds.core.lookup import did_you_mean
from traycreds.shell.quoting import shell_line

_OTHERS = {
    "assume": "use",
    "browse": "console",
    "config": "add",
    "delete": "drop",
    "exit": "quit",
    "export": "env",
    "info": "status",
    "kill": "quit",
    "ls": "list",
    "open": "console",
    "remove": "drop",
    "renew": "refresh",
    "rm": "drop",
    "roles": "list",
    "select": "use",
    "set": "use",
    "show": "status",
    "signin": "login",
    "signout": "logout",
    "start": "run",
    "stop": "quit",
    "switch": "use",
    "unpause": "resume",
    "unuse": "use",
}
"""Other words, used by other programs or elsewhere here, for what a command does."""


def command(word: str, commands: Collection[str]) -> UsageError:
    """The error for a word that is not a command."""
    other = _OTHERS.get(word.lower())
    hint = f"Did you mean {other}?" if other in commands else did_you_mean(word.lower(), commands, otherwise=_LIST)
    return UsageError(f"There is no command {word}.", hint)


def arguments(given: Sequence[str], options: Collection[str]) -> str:
    """What is wrong with unknown arguments, in argparse's words, and what to do."""
    name = given[0].partition("=")[0]
    hint = ""
    if name in _BEFORE:
        hint = f" (write {name} before the command)"
    elif name.startswith("--"):
        hint = did_you_mean(name, options, otherwise="")
        hint = f" ({hint[0].lower()}{hint[1:]})" if hint else ""
    return f"unrecognized arguments: {' '.join(given)}{hint}"


def topic(words: str, topics: Collection[str]) -> UsageError:
    """The error for words that are neither a command nor a topic of `help`."""
    return UsageError(f"There is no command or topic {words}.", did_you_mean(words, topics, otherwise=_TOPICS))


_BEFORE = ("--config", "--verbose", "--version")
"""Options that come before the command."""


def without_dashes(command: str, words: Sequence[str]) -> str:
    """What to say if a command line mixes the words of a program with those of traycreds."""
    return f"write -- before the command: {command} -- {shell_line(words)}"


_LIST = "See all: traycreds --help"
_TOPICS = "See all: traycreds help"
