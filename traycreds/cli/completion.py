"""`completion`, and the question that its scripts ask at each Tab: what can stand where the cursor is.

The parser of the command line is the only source, so that no command and no option can be missing. Never complains:
what cannot be completed is left to the shell.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from traycreds.cli.parser import parser
from traycreds.cli.shellscripts import SCRIPTS

FILES, PROGRAM = ":files", ":program"
"""Answers that leave it to the shell: to complete a path, or the command line of another program."""


def completion(parsed: argparse.Namespace) -> int:
    """`traycreds completion`."""
    print(SCRIPTS[parsed.shell], end="")
    return 0


def answer(arguments: Sequence[str]) -> int:
    """Print what can stand at the cursor, one a line with a description behind a tab, or `FILES` or `PROGRAM`.

    Args:
        arguments: the words between the program's name and the cursor's; last the cursor's own, as far as it is
            typed, behind an equals sign, since PowerShell drops arguments that are empty.
    """
    for value, about in offers(arguments[:-1], arguments[-1][1:] if arguments else ""):
        print(f"{value}\t{about}" if about else value)
    return 0


def offers(words: Sequence[str], current: str) -> Iterator[tuple[str, str]]:
    """What can stand at the cursor, each with a few words about it."""
    place = _Place(parser())
    for word in words:
        place.pass_by(word)
    if place.in_program:
        yield PROGRAM, ""
        return
    option, equals, typed = current.partition("=")
    if place.option is None and equals and option in place.options:
        found = _values(place.options[option], place.config)
        yield from ((f"{option}={value}", about) for value, about in found if value.startswith(typed))
    elif place.option is None and current.startswith("-") and not place.only_positionals:
        yield from ((name, about) for name, about in place.free_options() if name.startswith(current))
    elif (action := place.option or place.positional) is not None:
        found = _values(action, place.config)
        yield from ((value, about) for value, about in found if value.startswith(current) or value == FILES)


@dataclass(slots=True)
class _Place:
    """Where in the command line we are, after some of its words."""

    parser: argparse.ArgumentParser
    option: argparse.Action | None = None
    """The option that waits for its value."""
    config: Path | None = None
    only_positionals: bool = False
    in_program: bool = False
    used: set[str] = field(default_factory=set)
    behind: int = 0
    """How many positional arguments are behind us."""

    @property
    def options(self) -> Mapping[str, argparse.Action]:
        return {name: action for action in _actions(self.parser) for name in action.option_strings}

    @property
    def positional(self) -> argparse.Action | None:
        """The argument that a word without a dash would be."""
        left = [action for action in _actions(self.parser) if not action.option_strings]
        if left and left[-1].nargs == "*":
            return left[min(self.behind, len(left) - 1)]
        return left[self.behind] if self.behind < len(left) else None

    def free_options(self) -> Iterator[tuple[str, str]]:
        """The long names of options that are not given yet."""
        for action in _actions(self.parser):
            name = next((name for name in action.option_strings if name.startswith("--")), None)
            if name is not None and action.dest not in self.used:
                yield name, action.help or ""

    def pass_by(self, word: str) -> None:
        """Go on behind a word."""
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
            commands = _commands(self.positional)
            self.behind += 1
            if word in commands:
                self.parser, self.behind, self.used = commands[word], 0, set()

    def _take(self, action: argparse.Action, value: str) -> None:
        if action.dest == "config":
            self.config = Path(value).expanduser()


def _values(action: argparse.Action, config: Path | None) -> Iterator[tuple[str, str]]:
    """All values that an argument can have, as far as they can be told."""
    commands = _commands(action)
    if commands:
        yield from ((name, _sentence(command)) for name, command in commands.items())
    elif action.choices is not None:
        yield from ((str(choice), "") for choice in action.choices)
    elif action.metavar == "FILE":
        yield FILES, ""
    elif action.dest == "from_keyring":
        yield from _kept(config)
    elif isinstance(action.metavar, str) and action.metavar in _NAMES:
        yield from _NAMES[action.metavar](config)


def _roles(config: Path | None) -> Iterator[tuple[str, str]]:
    from traycreds.app import naming, options  # noqa: PLC0415 - most Tabs need no role

    yield from naming.roles(options.Options(config=config)).items()


def _sign_ins(config: Path | None) -> Iterator[tuple[str, str]]:
    from traycreds.app import naming, options  # noqa: PLC0415 - as above

    yield from naming.sign_ins(options.Options(config=config)).items()


def _profiles(config: Path | None) -> Iterator[tuple[str, str]]:
    from traycreds.app import naming, options  # noqa: PLC0415 - as above

    yield from naming.profiles(options.Options(config=config)).items()


def _kept(config: Path | None) -> Iterator[tuple[str, str]]:
    from traycreds.app import naming, options  # noqa: PLC0415 - as above

    yield from naming.kept(options.Options(config=config)).items()


def _shells(_config: Path | None) -> Iterator[tuple[str, str]]:
    from traycreds.app import shells  # noqa: PLC0415 - as above

    yield from ((shell, "") for shell in shells.SHELLS)


def _regions(_config: Path | None) -> Iterator[tuple[str, str]]:
    from traycreds.core import regions  # noqa: PLC0415 - as above

    yield from ((region, "") for offered in regions.COMMON.values() for region in offered)


_NAMES: Mapping[str, Callable[[Path | None], Iterator[tuple[str, str]]]] = {
    "ROLE": _roles,
    "SESSION": _sign_ins,
    "PROFILE": _profiles,
    "SHELL": _shells,
    "REGION": _regions,
}
"""Where the values of an argument come from, by what the parser calls it."""


def _commands(action: argparse.Action | None) -> Mapping[str, argparse.ArgumentParser]:
    """The commands, where the argument is one."""
    choices = None if action is None else action.choices
    return choices if isinstance(choices, Mapping) else {}


def _sentence(command: argparse.ArgumentParser) -> str:
    return (command.description or "").partition(". ")[0].rstrip(".")


def _actions(of: argparse.ArgumentParser) -> Sequence[argparse.Action]:
    """The arguments of a parser; argparse gives them in no other way, and so do shtab and argcomplete take them."""
    return of._actions  # noqa: SLF001
