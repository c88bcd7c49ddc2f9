"""The parser of one command, where argparse alone does too little, and the arguments that several commands have."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Sequence
from typing import Any


class Help(argparse.HelpFormatter):
    """Reads the width of the terminal when help is printed. argparse's does so for each argument that is added."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_ANY)

    def format_help(self) -> str:
        """The text, as argparse forms it."""
        fitting = argparse.HelpFormatter(self._prog)
        self._width, self._max_help_position = fitting._width, fitting._max_help_position  # noqa: SLF001 - has no name
        return super().format_help()


_ANY = 80
"""Columns, where nothing is printed."""


class Command(argparse.ArgumentParser):
    """The parser of a command. Names may stand on either side of an option: `once dev --json prod`.

    Attributes:
        former: makes a parser of the options of the version before, which are hidden; None if there are none.
        program_after: the argument behind which `--` and a program stand; None for a command without one.
        translated: turns arguments with such options into those of today; raises SystemExit, as argparse does.
    """

    former: Callable[[], argparse.ArgumentParser] | None = None
    translated: Callable[[Sequence[str]], list[str]] | None = None
    program_after: str | None = None

    def __init__(self, prog: str | None = None, **given: Any) -> None:
        super().__init__(prog, **{"formatter_class": Help, **given})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read the arguments that follow the command's name; returns the values and what is not known.

        Raises:
            SystemExit: usage, help or an error is printed.
        """
        if self.translated is not None:
            args = self.translated(args)
        values, unknown = super().parse_known_args(args, namespace)
        names = next((action.dest for action in self._actions if action.nargs == "*"), None)
        if names is not None:
            late = [word for word in unknown if not word.startswith("-")]
            setattr(values, names, [*getattr(values, names), *late])
            unknown = [word for word in unknown if word not in late]
        if unknown and self.program_after is not None and not unknown[0].startswith("-"):
            name = getattr(values, self.program_after)
            self.error(f"write -- before the command: {self.prog} {name} -- {shlex.join(unknown)}")
        return values, unknown


class Commands:
    """Adds commands to a parser."""

    def __init__(self, whole: argparse.ArgumentParser) -> None:
        self._commands = whole.add_subparsers(
            metavar="COMMAND", title="commands", parser_class=Command, prog=whole.prog
        )

    def add(self, name: str, function: str, text: str, more: str = "") -> Command:
        """Add one; `text` is its line in the list, `more` what its own help adds."""
        added = self._commands.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}. {more}".strip())
        added.set_defaults(command=function)
        return added


def add_role(command: argparse.ArgumentParser, *, asks: bool = False) -> None:
    """The argument that names a role; `asks`: without it, the command asks in the terminal."""
    if asks:
        command.add_argument("role", nargs="?", metavar="ROLE", help="which role (default: asks for it)")
    else:
        command.add_argument("role", metavar="ROLE", help="which role")


def add_session(command: argparse.ArgumentParser) -> None:
    """The argument that names a sign-in."""
    command.add_argument("session", metavar="SESSION", help="an sso-session, or a profile or role that uses one")


def add_json(command: argparse._ActionsContainer, text: str = "for programs") -> None:
    """The option for programs."""
    command.add_argument("--json", action="store_true", help=text)
