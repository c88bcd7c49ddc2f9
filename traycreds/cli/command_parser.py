"""The parsers of the command line and its commands, beyond argparse, and common arguments."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

    from traycreds.core.errors import UsageError


# We speak English alone. Otherwise argparse imports `locale`, and looks in four folders for a translation of each word.
vars(argparse)["_"] = str


class Help(argparse.HelpFormatter):
    """Reads the terminal's width when help is printed, not for each added argument as argparse does."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_ANY)

    def format_help(self) -> str:
        """The text, as argparse forms it."""
        fitting = argparse.HelpFormatter(self._prog)
        self._width, self._max_help_position = fitting._width, fitting._max_help_position  # noqa: SLF001 - has no name
        return super().format_help()


_ANY = 80
"""Columns, if nothing is printed."""


class _Parser(argparse.ArgumentParser):
    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        # A desktop starts programs without streams, at which argparse of Python 3.10 fails.
        if file is not None or sys.stderr is not None:
            super()._print_message(message, file)


class Command(_Parser):
    """A command's parser. Names may come before or after an option: `once dev --json prod`.

    `former` makes a parser of hidden old options. `program_after` is the argument before `--` and a program.
    `translated` turns old arguments into today's; raises SystemExit like argparse.
    """

    former: Callable[[], argparse.ArgumentParser] | None = None
    translated: Callable[[Sequence[str]], list[str]] | None = None
    program_after: str | None = None

    def __init__(self, prog: str | None = None, **given: Any) -> None:
        super().__init__(prog, **{"formatter_class": Help, **given})

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read the arguments after the command's name; return values and unknown ones. Raises SystemExit."""
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
            from traycreds.cli.help.unknown_words import without_dashes

            self.error(without_dashes(f"{self.prog} {name}", unknown))
        if unknown and self.get_default("command") is not None:
            from traycreds.cli.help.unknown_words import arguments

            self.error(arguments(unknown, tuple(self._option_string_actions)))
        return values, unknown

    def format_help(self) -> str:
        """The help, with examples below it."""
        from traycreds.cli.help import examples

        return f"{super().format_help()}{examples.text(self.prog.partition(' ')[2])}"


class WholeParser(_Parser):
    """The parser of the whole command line: lists commands by group, and suggests one for a wrong word."""

    def __init__(self, *, groups: Mapping[str, Collection[str]], **more: Any) -> None:
        """Make it; `groups` has the names of the commands under each heading, `more` is argparse's."""
        super().__init__(**more)
        self._groups = groups

    def format_help(self) -> str:
        """The help, with the commands by groups, and examples."""
        from traycreds.cli.help import examples

        formatter = self._get_formatter()
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        formatter.add_text(self.description)
        lines = {line.dest: line for line in self._commands()._choices_actions}  # noqa: SLF001 - each with its help
        for heading, names in self._groups.items():
            formatter.start_section(heading)
            formatter.add_arguments([lines[name] for name in names if name in lines])
            formatter.end_section()
        formatter.start_section("options")
        formatter.add_arguments([action for action in self._actions if action.option_strings])
        formatter.end_section()
        formatter.add_text(self.epilog)
        return f"{formatter.format_help()}{examples.text('')}"

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Suggest a command for an unknown one; argparse would list them all."""
        if action is self._commands() and value not in (action.choices or ()):
            from traycreds.cli.help import unknown_words

            self.refuse(unknown_words.command(value, tuple(action.choices or ())))
        super()._check_value(action, value)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Read the command line. Raises SystemExit."""
        values, unknown = self.parse_known_args(args, namespace)
        if unknown:
            from traycreds.cli.help.unknown_words import arguments

            self.error(arguments(unknown, tuple(self._option_string_actions)))
        return values

    def refuse(self, error: UsageError) -> NoReturn:
        """Print what is wrong with the command line, and exit."""
        self.exit(error.exit_code, f"{error.sentence}\n{error.hint}\n")

    def _commands(self) -> argparse._SubParsersAction[Any]:
        found: Any = next(action for action in self._actions if isinstance(action.choices, Mapping))
        return found  # type: ignore[no-any-return]


def actions_of(parser: argparse.ArgumentParser) -> Sequence[argparse.Action]:
    """The arguments of a parser; argparse has no public way, so shtab and argcomplete do the same."""
    return parser._actions  # noqa: SLF001


def commands_of(action: argparse.Action | None) -> Mapping[str, argparse.ArgumentParser]:
    """The commands, if the argument is one."""
    choices = None if action is None else action.choices
    return choices if isinstance(choices, Mapping) else {}


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


def add_json(command: argparse._ActionsContainer, text: str = "print JSON") -> None:
    """The option that prints JSON."""
    command.add_argument("--json", action="store_true", help=text)


def number_to(most: int) -> Callable[[str], float]:
    """What reads a number from 1 to `most`."""

    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"it must be a number from 1 to {most}")
        return value

    return number
