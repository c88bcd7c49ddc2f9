"""The manual page, from the command line's own parser and the configuration's keys.

`python packaging/docs/manpage.py` writes it beside this script, from where all packages take it. With `--check` nothing
is written; the exit code is 1 if the page differs from the code.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from tools.command_line import PROGRAM, commands_of, shape_of, shown_of, usage_of
from traycreds import __version__
from traycreds.cli.help.examples import EXAMPLES
from traycreds.cli.parser import parser
from traycreds.config.schema import TABLES, ConfigKey

FILE = Path(__file__).resolve().with_name("traycreds.1")
LAYOUT = ".nh\n.ad l"
"""No word is broken with a hyphen that someone would copy; no gaps."""

_INCLUDE = """\
.TP
.B include
roles of a team, above the first table: a list of files, and of \\fB{ url = "https://...", sha256 = "..." }\\fR. They
count once \\fBtraycreds import team\\fR has shown them to you.
"""
_FILES = """\
.SH FILES
.TP
.I ~/.config/traycreds/config.toml
The roles and settings; \\fBtraycreds doctor\\fR checks it, TRAYCREDS_CONFIG names another place.
.TP
.I ~/.aws/credentials
The profiles are written here; AWS_SHARED_CREDENTIALS_FILE names another place.
.TP
.I ~/.aws/config
Is read for profiles of the AWS CLI, and a region is written to it; AWS_CONFIG_FILE names another place.
.SH SEE ALSO
.BR aws (1)
"""
_SIGNS = str.maketrans({"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "~": "\\(ti", "^": "\\(ha"})
_MARKED = re.compile(r"`([^`]+)`|\*([^*]+)\*")


def manpage() -> str:
    """The page as roff; the same from every version of Python."""
    whole = parser()
    about, _, codes = (whole.epilog or "").partition(" Exit codes: ")
    commands = list(commands_of(whole, PROGRAM))
    parts = [
        f'.TH TRAYCREDS 1 "" "traycreds {__version__}" "User Commands"',
        LAYOUT,
        f".SH NAME\n{PROGRAM} \\- keeps AWS role sessions alive, from the tray",
        f".SH SYNOPSIS\n{_typed('traycreds [--config FILE] [--verbose] [COMMAND ...]')}",
        f".SH DESCRIPTION\n{roff(f'{whole.description} {about}')}",
        f".SH OPTIONS\n{_arguments(whole)}",
        ".SH COMMANDS",
        *(_command(name, command) for name, _, command in commands),
        f".SH EXAMPLES\n{_examples('')}",
        configuration().rstrip("\n"),
        f".SH EXIT STATUS\n{roff(codes)}",
        _FILES,
    ]
    return "\n".join(parts)


def _command(name: str, command: argparse.ArgumentParser) -> str:
    """The part on one command: how it is typed, what it does, its arguments, examples."""
    heading = f".SS {PROGRAM} {name.partition(' ')[2]}"
    arguments = _arguments(command)
    usage = _typed(usage_of(name, command))
    text = roff(command.description or "")
    return f"{heading}\n{usage}\n.PP\n{text}\n{arguments}.PP\nExamples:\n{_examples(name.partition(' ')[2])}"


def _arguments(of: argparse.ArgumentParser) -> str:
    """An entry for each argument and option."""
    entries = ""
    for action in shown_of(of):
        text = (action.help or "") % {**vars(action), "prog": of.prog}
        entries += f".TP\n{_typed(shape_of(action))}\n{roff(text)}\n"
    return entries


def _examples(words: str) -> str:
    """Lines as one types them, each with what it does below it."""
    entries = (f".TP\n{_typed(line)}\n{roff(meaning)}" for line, meaning in EXAMPLES[words])
    return "\n".join(entries)


def _typed(text: str) -> str:
    """What one types, in bold."""
    return f"\\fB{_plain(text)}\\fR"


def configuration() -> str:
    """The section on all keys of the configuration."""
    return f".SH CONFIGURATION\nThe file is TOML.\n{_INCLUDE}" + "".join(_keys(*table) for table in TABLES.items())


def roff(markdown: str) -> str:
    """One line of Markdown: code gets bold, emphasis italic, and nothing in it is read as a command."""
    parts: list[str] = []
    end = 0
    for found in _MARKED.finditer(markdown):
        code, emphasis = found.groups()
        marked = f"\\fB{_plain(code)}\\fR" if code else f"\\fI{_plain(emphasis)}\\fR"
        parts += [_plain(markdown[end : found.start()]), marked]
        end = found.end()
    text = "".join([*parts, _plain(markdown[end:])])
    return f"\\&{text}" if text.startswith((".", "'")) else text


def _plain(text: str) -> str:
    """Text as it is, with signs that can be copied into a shell or a file."""
    return text.translate(_SIGNS)


def _keys(heading: str, keys: Mapping[str, ConfigKey]) -> str:
    entries = "".join(f".TP\n\\fB{_plain(name)}\\fR\n{roff(key.meaning)}\n" for name, key in keys.items())
    return f".SS {_plain(heading)}\n{entries}"


def main() -> int:
    """The command of this script; returns the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("file", type=Path, nargs="?", default=FILE, help=f"default: packaging/docs/{FILE.name}")
    options.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the page differs")
    chosen = options.parse_args()
    text = manpage()
    if not chosen.check:
        chosen.file.write_text(text, encoding="utf-8", newline="\n")
    return int(chosen.file.read_text(encoding="utf-8") != text)


if __name__ == "__main__":
    raise SystemExit(main())
