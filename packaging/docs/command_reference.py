"""Writes what each command takes into docs/commands.md, from the command line's own parser.

Run it as `python packaging/docs/command_reference.py`. With `--check` nothing is written; the exit code is 1 if the
page differs from the code.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from tools.marked_page import main
from traycreds.cli.parser import parser

PROGRAM = "traycreds"
FILE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
_CODE = re.compile(r"(`[^`]*`)")
_SIGNS = re.compile(r"[*<\[\]]|\b_|_\b")
"""What Markdown takes for an order, unless it stands within a word."""


def reference() -> str:
    """A table of all commands, the options before a command, and a section for each command, as Markdown."""
    whole = parser()
    commands = list(_commands(whole, PROGRAM))
    rows = "".join(f"| [`{name}`](#{_anchor(name)}) | {_cell(text)} |\n" for name, text, _ in commands)
    sections = "".join(f"\n{_section(name, command)}" for name, _, command in commands)
    before = f"### Options before the command\n\n{_arguments(whole)}"
    return f"| command | does |\n|---|---|\n{rows}\n{before}{sections}"


def _commands(of: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """Each command with its words, its line in the list and its parser, and below it its own commands."""
    for action in of._actions:  # noqa: SLF001 - argparse has no public way to list what was added
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            texts = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001
            for word, command in action.choices.items():
                yield f"{name} {word}", texts.get(word, ""), command
                yield from _commands(command, f"{name} {word}")


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _section(name: str, command: argparse.ArgumentParser) -> str:
    text = _plain(command.description or "")
    arguments = _arguments(command)
    table = f"\n{arguments}" if arguments else ""
    return f"### `{name}`\n\n{text}\n\n```\n{_usage(name, command)}\n```\n{table}"


def _usage(name: str, command: argparse.ArgumentParser) -> str:
    """One line, put together here: argparse's own differs between versions of Python."""
    if command.usage is not None:
        return (command.usage % {"prog": name}).replace("[-h] ", "")
    groups = [group._group_actions for group in command._mutually_exclusive_groups]  # noqa: SLF001
    shown = _shown(command)
    parts = [_shape(action) for action in shown if not action.option_strings]
    for action in shown:
        group = next((group for group in groups if action in group), [action])
        if action.option_strings and action is group[0]:
            text = " | ".join(_shape(each) for each in group)
            parts.append(text if action.required else f"[{text}]")
    return " ".join([name, *parts])


def _shown(command: argparse.ArgumentParser) -> list[argparse.Action]:
    """The arguments and options that have something to say: help, and neither -h nor the list of commands."""
    hidden = (argparse._HelpAction, argparse._SubParsersAction)  # noqa: SLF001
    actions = command._actions  # noqa: SLF001
    return [each for each in actions if not isinstance(each, hidden) and each.help is not argparse.SUPPRESS]


def _shape(action: argparse.Action) -> str:
    """An argument or option as one types it."""
    value = action.metavar or ("|".join(map(str, action.choices)) if action.choices else action.dest.upper())
    if not action.option_strings:
        return {"*": f"[{value} ...]", "?": f"[{value}]"}.get(str(action.nargs), str(value))
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"


def _arguments(command: argparse.ArgumentParser) -> str:
    """The table of arguments and options, or nothing."""
    rows = ""
    for action in _shown(command):
        text = (action.help or "") % {**vars(action), "prog": command.prog}
        rows += f"| `{_shape(action).replace('|', chr(92) + '|')}` | {_cell(text)} |\n"
    return f"| argument | meaning |\n|---|---|\n{rows}" if rows else ""


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """Text that Markdown shows as it is; what stands between backticks stays code."""
    parts = _CODE.split(text)
    return "".join(
        part if part.startswith("`") and part.endswith("`") else _SIGNS.sub(r"\\\g<0>", part) for part in parts if part
    )


if __name__ == "__main__":
    raise SystemExit(main(__doc__, FILE, {"commands": reference}))
