"""`completion`, and the answers for its scripts, made from the parser alone. Never complains."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from traycreds.cli.command_parser import Command, actions_of, commands_of
from traycreds.cli.completion_scripts import SCRIPTS
from traycreds.cli.help import topics
from traycreds.cli.parser import commands, parser
from traycreds.lifecycle import regions
from traycreds.usecases import shell_variables
from traycreds.usecases.options import Options

FILES, PROGRAM = ":files", ":program"
"""Answers that leave it to the shell: to complete a path, or the command line of another program."""


def completion(parsed: argparse.Namespace) -> int:
    """`traycreds completion`."""
    print(SCRIPTS[parsed.shell], end="")
    return 0


def answer(arguments: Sequence[str]) -> int:
    """Print what fits at the cursor, one a line with a tab and description, or `FILES` or `PROGRAM`.

    The cursor's word comes last, after an equals sign, because PowerShell drops empty arguments.
    """
    for value, about in offers(arguments[:-1], arguments[-1][1:] if arguments else ""):
        print(f"{value}\t{about}" if about else value)
    return 0


def offers(arguments: Sequence[str], current: str) -> Iterator[tuple[str, str]]:
    """The completions at the cursor, each with a short description."""
    place = _Place(parser())
    for word in arguments:
        place.pass_by(word)
    if place.in_program:
        yield PROGRAM, ""
        return
    option, equals, typed = current.partition("=")
    if place.option is None and equals and option in place.options:
        found = _values(place.options[option], place)
        yield from ((f"{option}={value}", about) for value, about in found if value.startswith(typed))
    elif place.option is None and current.startswith("-") and not place.only_positionals:
        yield from ((name, about) for name, about in place.free_options() if name.startswith(current))
    elif (action := place.option or place.positional) is not None:
        found = _values(action, place)
        yield from ((value, about) for value, about in found if value.startswith(current) or value == FILES)


class _Place:
    def __init__(self, parser: argparse.ArgumentParser) -> None:
        """At its beginning."""
        self.parser = parser
        self.option: argparse.Action | None = None
        """The option that waits for its value."""
        self.config: Path | None = None
        self.only_positionals = False
        self.in_program = False
        self.used: set[str] = set()
        self.behind = 0
        """How many positional arguments are behind us."""

    @property
    def options(self) -> Mapping[str, argparse.Action]:
        """All valid options here; old ones are never offered."""
        former = self.parser.former if isinstance(self.parser, Command) else None
        actions = [*(actions_of(former()) if former else ()), *actions_of(self.parser)]
        return {name: action for action in actions for name in action.option_strings}

    @property
    def positional(self) -> argparse.Action | None:
        """The argument that a word without a dash would be."""
        left = [action for action in actions_of(self.parser) if not action.option_strings]
        if left and left[-1].nargs == "*":
            return left[min(self.behind, len(left) - 1)]
        return left[self.behind] if self.behind < len(left) else None

    def free_options(self) -> Iterator[tuple[str, str]]:
        """The long names of options that are not given yet."""
        for action in actions_of(self.parser):
            name = next((name for name in action.option_strings if name.startswith("--")), None)
            if name is not None and action.dest not in self.used and action.help is not argparse.SUPPRESS:
                yield name, action.help or ""

    def pass_by(self, word: str) -> None:
        """Continue after a word."""
        if self.in_program:
            return
        if self.option is not None:
            self._take(self.option, word)
            self.option = None
        elif word == "--":
            self.in_program = self.parser.prog.endswith(" exec")
            self.only_positionals = True
        elif word.startswith("-") and not self.only_positionals:
            name, equals, value = word.partition("=")
            action = self.options.get(name)
            if action is None:
                return
            self.used.add(action.dest)
            if equals:
                self._take(action, value)
            elif action.nargs is None:
                self.option = action
        else:
            commands = commands_of(self.positional)
            self.behind += 1
            if word in commands:
                self.parser, self.behind, self.used = commands[word], 0, set()

    def _take(self, action: argparse.Action, value: str) -> None:
        if action.dest == "config":
            self.config = Path(value).expanduser()


def _values(action: argparse.Action, place: _Place) -> Iterator[tuple[str, str]]:
    commands = commands_of(action)
    if commands:
        yield from ((name, _sentence(command)) for name, command in commands.items())
    elif action.choices is not None:
        yield from ((str(choice), "") for choice in action.choices)
    elif action.metavar == "FILE":
        yield FILES, ""
    elif action.metavar == "PROFILE" and "undo" in place.used:
        yield from _NAMES["STORED"](place.config)
    elif isinstance(action.metavar, str) and action.metavar in _NAMES:
        yield from _NAMES[action.metavar](place.config)


def _names(kind: str) -> Callable[[Path | None], Iterator[tuple[str, str]]]:
    """Names from the files, which most Tabs need not read."""

    def names(config: Path | None) -> Iterator[tuple[str, str]]:
        from traycreds.cli import completion_names

        yield from completion_names.KINDS[kind](Options(config=config)).items()

    return names


def _shells(_config: Path | None) -> Iterator[tuple[str, str]]:
    yield from ((shell, "") for shell in shell_variables.SHELLS)


def _regions(_config: Path | None) -> Iterator[tuple[str, str]]:
    yield from ((region, "") for offered in regions.COMMON.values() for region in offered)


def _topics(_config: Path | None) -> Iterator[tuple[str, str]]:
    yield from ((words[0], _sentence(command)) for words, command in commands(parser()).items() if len(words) == 1)
    yield from ((name, topic.about) for name, topic in topics.TOPICS.items())


_NAMES: Mapping[str, Callable[[Path | None], Iterator[tuple[str, str]]]] = {
    "ROLE": _names("roles"),
    "SESSION": _names("sign-ins"),
    "PROFILE": _names("profiles"),
    "STORED": _names("stored keys"),
    "SHELL": _shells,
    "TOPIC": _topics,
    "REGION": _regions,
}
"""The sources of an argument's values, by its name in the parser."""


def _sentence(command: argparse.ArgumentParser) -> str:
    return (command.description or "").partition(". ")[0].rstrip(".")
