"""The manual page, from the parser of the command line itself: `python packaging/manpage.py FILE`.

Needs traycreds and argparse-manpage.
"""

from __future__ import annotations

import sys
from pathlib import Path

from argparse_manpage.manpage import Manpage  # type: ignore[import-not-found,import-untyped,unused-ignore]

from traycreds import __version__
from traycreds.cli.parser import parser

FILES = """\
.SH FILES
.TP
.I ~/.config/traycreds/config.toml
The roles and settings; \\fBtraycreds doctor\\fR checks it.
.TP
.I ~/.aws/credentials
The profiles are written here; AWS_SHARED_CREDENTIALS_FILE names another place.
.TP
.I ~/.aws/config
Is read for profiles of the AWS CLI; AWS_CONFIG_FILE names another place.
.SH EXIT STATUS
0 ok, 2 configuration or usage, 3 AWS refused or unreachable, 4 credentials file, 5 no running app.
.SH SEE ALSO
.BR aws (1)
"""


def manpage() -> str:
    """The page as roff."""
    page = Manpage(parser())
    page.source = f"traycreds {__version__}"
    page.manual = "User Commands"
    page.description = "keeps AWS role sessions alive, from the tray"
    return f"{page}\n{FILES}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(manpage(), encoding="utf-8")
