"""Pictures of the dialog for an MFA code: `python -m tools.screenshots.mfa_code assets`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PIL import Image

from tests.desktop.desktop import Desktop
from tools.screenshots import own_windows
from traycreds.aws.mfa.dialog import TITLE
from traycreds.aws.mfa.question import Question
from traycreds.process import own_program

_QUESTION = Question(device="arn:aws:iam::123456789012:mfa/jane", roles=("prod-admin", "audit", "billing"))


def take(folder: Path) -> None:
    """Make dialog.png, dialog-2x.png, dialog-dark.png and dialog-dark-2x.png."""
    own_windows.take(folder, "dialog", _take)


def _take(desktop: Desktop, _files: Path) -> Image.Image:
    """Type all digits but one, so that the window says what is missing."""
    given = json.dumps({"title": TITLE, "text": _QUESTION.text()}).encode()
    with own_windows.opened(desktop, own_program.part(own_program.ASK_CODE), given, TITLE) as picture:
        desktop.ask("xdotool", "type", "--delay", "60", "492 08")
        return picture()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
