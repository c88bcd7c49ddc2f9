"""Writes what each command takes into docs/commands.md, from the command line's own parser.

Run it as `python packaging/docs/command_reference.py`. With `--check` nothing is written; the exit code is 1 if the
page differs from the code.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from tools.command_line import PROGRAM, commands_of, shape_of, shown_of, usage_of
from tools.marked_page import main
from traycreds.cli.help.examples import EXAMPLES
from traycreds.cli.parser import parser

FILE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
_CODE = re.compile(r"(`[^`]*`)")
_SIGNS = re.compile(r"[*<\[\]]|\b_|_\b")
"""What Markdown takes for an order, unless it stands within a word."""


def reference() -> str:
    """A table of all commands, the options before a command, and a section for each command, as Markdown."""
    whole = parser()
    commands = list(commands_of(whole, PROGRAM))
    rows = "".join(f"| [`{name}`](#{_anchor(name)}) | {_cell(text)} |\n" for name, text, _ in commands)
    sections = "".join(f"\n{_section(name, command)}" for name, _, command in commands)
    before = f"### Options before the command\n\n{_arguments(whole)}"
    return f"| command | does |\n|---|---|\n{rows}\n{before}{sections}"


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


def _section(name: str, command: argparse.ArgumentParser) -> str:
    text = _plain(command.description or "")
    arguments = _arguments(command)
    table = f"\n{arguments}" if arguments else ""
    return f"### `{name}`\n\n{text}\n\n```\n{usage_of(name, command)}\n```\n{table}\n{_examples(name)}"


def _examples(name: str) -> str:
    """The examples of a command, each with what it does as a shell comment."""
    found = EXAMPLES[name.partition(" ")[2]]
    width = max(len(line) for line, _ in found)
    lines = "".join(f"{line:<{width}}  # {meaning}\n" for line, meaning in found)
    return f"```\n{lines}```\n"


def _arguments(command: argparse.ArgumentParser) -> str:
    """The table of arguments and options, or nothing."""
    rows = ""
    for action in shown_of(command):
        text = (action.help or "") % {**vars(action), "prog": command.prog}
        rows += f"| `{shape_of(action).replace('|', chr(92) + '|')}` | {_cell(text)} |\n"
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
