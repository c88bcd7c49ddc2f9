"""Gets an MFA code from the user's program, such as `ykman oath accounts code -s aws`, without a shell or a log."""

from __future__ import annotations

import re
import sys
from pathlib import PurePath

from traycreds.core.errors import TraycredsError
from traycreds.process import bounded_program, command_line
from traycreds.process.programs import lookup

SECONDS = 15.0
"""As long as ykman waits for a touch; shorter than the deadline of a refresh."""

PERIOD = 30.0
"""Seconds for which a device shows one code (RFC 6238; the same in all devices of IAM)."""

NOT_A_CODE = "An MFA code has six digits."
"""What to say where `clean` finds none."""

_SETTING = "mfa_process"
_CODE = re.compile(r"(?<![0-9])[0-9]{6}(?![0-9])", re.ASCII)


def clean(text: str) -> str | None:
    """The six digits that a person typed, without spaces ("123 456"); None for anything else (STS: TokenCode)."""
    digits = "".join(text.split())
    return digits if _CODE.fullmatch(digits) else None


def seconds_to_next(now: float) -> float:
    """Real seconds from a moment, in seconds since the epoch, until devices show another code."""
    return PERIOD - now % PERIOD


def run(command: str, seconds: float = SECONDS) -> str:
    """The code that a program prints, alone or after a name. Raises TraycredsError: it failed, hung or gave no code."""
    if (fault := lookup.form_fault(command, _SETTING)) is not None:
        raise fault
    argv = command_line.split(command)
    name = PurePath(argv[0]).name
    try:
        # Windows takes a line whole.
        words, more = lookup.found(argv)
        done = bounded_program.run(command if sys.platform == "win32" else words, seconds=seconds, name=name, more=more)
    except bounded_program.OverdueError:
        hint = "If your security key waits for a touch, choose Enter MFA code and touch it."
        raise TraycredsError(f"{name} printed no MFA code within {seconds:.0f} seconds.", hint) from None
    except OSError as error:
        raise lookup.error_of(name if sys.platform == "win32" else argv[0], _SETTING, error) from None
    if done.code != 0 and (fault := lookup.line_fault(command, _SETTING)) is not None:
        raise fault
    codes = set(_CODE.findall(done.output.decode(errors="replace")))
    if done.code != 0 or len(codes) != 1:
        reason = f"it exited with code {done.code}" if done.code else "it did not print one six-digit code"
        raise TraycredsError(f"{name} printed no MFA code: {reason}.", "Run the mfa_process command in a terminal.")
    return str(codes.pop())
