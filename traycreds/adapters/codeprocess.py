"""Gets an MFA code from a program of the user's choice, such as `ykman oath accounts code -s aws`; without a shell.

What the program prints is a secret until it is used: it goes into no text.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import PurePath

from traycreds.adapters import commandline
from traycreds.adapters.child import NO_WINDOW
from traycreds.core.errors import TraycredsError

SECONDS = 15.0
"""As long as ykman waits for a touch; shorter than the deadline of a refresh."""

PERIOD = 30.0
"""Seconds for which a device shows one code (RFC 6238; the same in all devices of IAM)."""

_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])", re.ASCII)


def clean(text: str) -> str | None:
    """The six digits that a person typed, blanks left out ("123 456"); None for anything else (STS: TokenCode)."""
    digits = "".join(text.split())
    return digits if _CODE.fullmatch(digits) else None


def seconds_to_next(now: float) -> float:
    """Real seconds from a moment, in seconds since the epoch, until devices show another code."""
    return PERIOD - now % PERIOD


def run(command: str, seconds: float = SECONDS) -> str:
    """Run a program to its end and give the code that it prints, alone or with a name before it.

    Raises:
        TraycredsError: it is missing, failed, took too long, or printed no code.
    """
    words = commandline.words(command)
    name = PurePath(words[0]).name
    try:
        done = subprocess.run(  # noqa: S603 - what the user has configured
            command if sys.platform == "win32" else words,  # Windows takes a line whole
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            creationflags=NO_WINDOW,
        )
    except subprocess.TimeoutExpired:
        hint = "If it waits for a touch, choose Enter MFA code and touch the key."
        raise TraycredsError(f"{name} gave no MFA code within {seconds:.0f} seconds.", hint) from None
    except OSError as error:
        sentence = f"{name}, which mfa_process names, cannot be run: {error.strerror}."
        raise TraycredsError(sentence, "Correct mfa_process, or give its whole path.") from None
    codes = set(_CODE.findall(done.stdout.decode(errors="replace")))
    if done.returncode != 0 or len(codes) != 1:
        reason = f"it ended with code {done.returncode}" if done.returncode else "it printed no single six-digit code"
        raise TraycredsError(f"{name} gave no MFA code: {reason}.", "Try the command of mfa_process in a terminal.")
    return str(codes.pop())
