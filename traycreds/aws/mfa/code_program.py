"""Gets an MFA code from the user's program, such as `ykman oath accounts code -s aws`, without a shell or a log."""

from __future__ import annotations

import re

from traycreds.core.errors import TraycredsError
from traycreds.process import bounded_program
from traycreds.process.programs import setting_program

SECONDS = 15.0
"""As long as ykman waits for a touch; shorter than the deadline of a refresh."""

PERIOD = 30.0
"""Seconds for which a device shows one code (RFC 6238; the same in all devices of IAM)."""

NOT_A_CODE = "An MFA code has six digits."
"""What to say where `clean` finds none."""

TOUCH_HINT = "If your security key waits for a touch, choose Enter MFA code and touch it."
_SETTING, _PRINTS = "mfa_process", "MFA code"
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
    try:
        output = setting_program.run(command, _SETTING, seconds=seconds, prints=_PRINTS)
    except bounded_program.OverdueError:
        name = setting_program.name_of(command)
        sentence = f"{name} printed no MFA code within {seconds:.0f} seconds."
        raise TraycredsError(sentence, TOUCH_HINT) from None
    codes = set(_CODE.findall(output.decode(errors="replace")))
    if len(codes) != 1:
        raise setting_program.nothing_useful(command, _SETTING, _PRINTS, "it did not print one six-digit code")
    return str(codes.pop())
