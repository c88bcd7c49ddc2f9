"""The manual page, from the command line's own parser and the configuration's keys.

`python packaging/docs/manpage.py FILE` writes it. Needs traycreds and argparse-manpage.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from traycreds import __version__
from traycreds.cli.parser import parser
from traycreds.config.schema import ROLE_KEYS, SETTING_KEYS, ConfigKey

WIDE = "1000"
"""Columns for argparse: it breaks no line, since man breaks them itself."""
LAYOUT = ".nh\n.ad l"
"""No word is broken with a hyphen that somebody would copy; no gaps."""

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
_MARKED = re.compile(r"`([^`]+)`|\*([^*]+)\*")


def manpage() -> str:
    """The page as roff."""
    from argparse_manpage.manpage import Manpage  # type: ignore[import,unused-ignore]

    whole = parser()
    about, _, codes = (whole.epilog or "").partition(" Exit codes: ")
    whole.epilog = None
    whole.description = f"{whole.description} {about}"
    page = Manpage(whole)
    page.source = f"traycreds {__version__}"
    page.manual = "User Commands"
    page.description = "keeps AWS role sessions alive, from the tray"
    title, rest = str(page).split("\n", 1)
    return f"{title}\n{LAYOUT}\n{rest}\n{configuration()}.SH EXIT STATUS\n{roff(codes)}\n{_FILES}"


def configuration() -> str:
    """The section on all keys of the configuration."""
    roles, settings = _keys("[roles.NAME]", ROLE_KEYS), _keys("[settings]", SETTING_KEYS)
    return f".SH CONFIGURATION\nThe file is TOML.\n{_INCLUDE}{roles}{settings}"


def roff(markdown: str) -> str:
    """One line of Markdown: code gets bold, emphasis italic, and nothing in it is taken for an order."""
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
    return text.translate({ord("\\"): "\\e", ord("-"): "\\-", ord("'"): "\\(aq", ord("`"): "\\(ga"})


def _keys(heading: str, keys: Mapping[str, ConfigKey]) -> str:
    entries = "".join(f".TP\n\\fB{_plain(name)}\\fR\n{roff(key.meaning)}\n" for name, key in keys.items())
    return f".SS {_plain(heading)}\n{entries}"


if __name__ == "__main__":
    os.environ["COLUMNS"] = WIDE
    Path(sys.argv[1]).write_text(manpage(), encoding="utf-8")
