"""MFA codes, from the user or a program; each is sent to AWS once.

Of codes that were sent it keeps only digests. Never waits for a person, and puts no code into a text.
"""

from __future__ import annotations

import enum
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from traycreds.aws import errors
from traycreds.aws.error_table import LOST_MFA, NEEDS_MFA, NEXT_MFA, USED_MFA, WAITS_FOR_MFA, WRONG_MFA, ErrorText
from traycreds.aws.errors import Attempt
from traycreds.aws.mfa import code_program
from traycreds.core.errors import FailureKind, IssueError, TraycredsError
from traycreds.core.model import Role

CODE_LIFE = 60.0
"""Seconds for which a code is worth sending: its own 30, and the 30 by which AWS lets it be late."""

PROGRAM_SHARED = 10.0
"""Seconds for which roles share a program's failure, so that it runs once for all."""

REMEMBERED = 90.0
"""Seconds for which a code that was sent is known again: AWS takes it in its own period, one before and one after."""

UNSENT = frozenset({"EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError"})
"""botocore exceptions after which AWS cannot have seen the code, so it is still good."""

DETAIL = 160
"""The most characters of AWS's own words that are shown."""


class Verdict(enum.Enum):
    """What became of a code."""

    ACCEPTED = "accepted"
    """AWS took it; if the call failed all the same, the code is not to blame."""
    REFUSED = "refused"
    LOST = "lost"
    """AWS may have seen it, but its answer never came."""
    SPENT = "spent"
    """AWS accepted it but refused the request; another request needs a new code."""
    USED = "used"
    """It was sent before, so it is not sent again."""

    @property
    def why_again(self) -> str:
        """Why the user is asked for another code after this."""
        return _WHY_AGAIN.get(self, "AWS needs one more code.") + " Wait for the next one; each works once."


_WHY_AGAIN = {
    Verdict.REFUSED: "AWS did not accept the last code.",
    Verdict.LOST: "AWS did not respond to the last code.",
    Verdict.USED: "That code was already used.",
}


class _OfferedCode:
    def __init__(self, code: str, at: float) -> None:
        self.code = code
        self.at = at
        self.verdict: Future[Verdict] = Future()

    def set_verdict(self, verdict: Verdict) -> None:
        if not self.verdict.done():
            self.verdict.set_result(verdict)


class MfaCodes:
    """The codes of all devices; from any thread."""

    def __init__(
        self, *, hint: str, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        """Ask nothing yet; `hint` says how the user gives a code for {role}; both clocks count seconds."""
        self._hint = hint
        self._monotonic = monotonic
        self._wall = wall
        self._lock = threading.Lock()
        self._programs: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._offers: dict[str, _OfferedCode] = {}
        self._processes: dict[str, str | None] = {}
        self._refusals: dict[str, tuple[float, IssueError]] = {}
        self._sent: dict[str, dict[int, float]] = {}

    def process_of(self, serial: str) -> str | None:
        """The command that prints the codes of a device, as the last role that needed one has it."""
        return self._processes.get(serial)

    def offer(self, serial: str, code: str) -> Future[Verdict]:
        """Give a device's code, which the next role uses once; return its result."""
        offer = _OfferedCode(code, self._monotonic())
        with self._lock:
            self._offers[serial] = offer
            self._refusals.pop(serial, None)
        return offer.verdict

    def use_code(
        self,
        role: Role,
        serial: str,
        command: str | None,
        call: Callable[[str], Any],
        is_wasted: Callable[[Exception], bool],
    ) -> Any:
        """Make a call that takes a code, once; `is_wasted` says whether AWS refused what a new code can avoid.

        Raises IssueError: MFA when a code is needed, with `again_in` if a program will have it; PROGRAM if that gives
        none.
        """
        offer = self._take(role, serial, command)
        try:
            response = call(offer.code)
        except Exception as error:
            if type(error).__name__ in UNSENT:
                with self._lock:
                    self._sent[serial].pop(hash(offer.code), None)
                    self._offers.setdefault(serial, offer)
                raise
            if errors.is_mfa_refusal(error):
                offer.set_verdict(Verdict.REFUSED)
                raise self._remember(self.refusal(WRONG_MFA, role, serial, error)) from None
            if _passes_by_itself(error):
                offer.set_verdict(Verdict.LOST)
                # The timer retries, and the program's next code needs no user.
                if command is not None:
                    raise
                raise self._remember(self.refusal(LOST_MFA, role, serial, error)) from None
            offer.set_verdict(Verdict.SPENT if is_wasted(error) else Verdict.ACCEPTED)
            raise
        offer.set_verdict(Verdict.ACCEPTED)
        with self._lock:
            self._refusals.pop(serial, None)
        return response

    def refusal(self, row: ErrorText, role: Role, serial: str, error: Exception) -> IssueError:
        """What AWS said about a code."""
        detail = " ".join(errors.message_of(error).split())[:DETAIL] or type(error).__name__
        return self._in_words(row, role, serial, detail)

    def postponed(self, role: Role, serial: str) -> IssueError:
        """A role waits for the next code of a program, which comes on its own."""
        again_in = code_program.seconds_to_next(self._wall())
        return self._in_words(WAITS_FOR_MFA, role, serial, again_in=again_in)

    def _take(self, role: Role, serial: str, command: str | None) -> _OfferedCode:
        with self._lock:
            offer = self._offers.pop(serial, None)
            self._processes[serial] = command
        if offer is not None and self._monotonic() - offer.at <= CODE_LIFE:
            if self._claim(serial, offer.code):
                return offer
            offer.set_verdict(Verdict.USED)
            raise self._in_words(USED_MFA, role, serial)
        self._raise_shared_refusal(serial)
        if command is None:
            raise self._in_words(NEEDS_MFA if self._sent_ago(serial) > REMEMBERED else NEXT_MFA, role, serial)
        # A security key serves one program at a time.
        with self._programs[serial]:
            self._raise_shared_refusal(serial)
            # The program would print the code that was already sent.
            if self._sent_ago(serial) < self._wall() % code_program.PERIOD:
                raise self.postponed(role, serial)
            try:
                offer = _OfferedCode(code_program.run(command), self._monotonic())
            except TraycredsError as error:
                refusal = IssueError(FailureKind.PROGRAM, error.sentence, error.hint, device=serial)
                raise self._remember(refusal) from None
            if not self._claim(serial, offer.code):
                raise self.postponed(role, serial)
        return offer

    def _claim(self, serial: str, code: str) -> bool:
        """Whether a code may be sent; from now on it counts as sent."""
        now, mark = self._monotonic(), hash(code)
        with self._lock:
            sent = {each: at for each, at in self._sent.get(serial, {}).items() if now - at <= REMEMBERED}
            fresh = mark not in sent
            self._sent[serial] = {**sent, mark: now} if fresh else sent
        return fresh

    def _sent_ago(self, serial: str) -> float:
        with self._lock:
            last = max(self._sent.get(serial, {}).values(), default=None)
        return float("inf") if last is None else self._monotonic() - last

    def _raise_shared_refusal(self, serial: str) -> None:
        with self._lock:
            failed_at, refusal = self._refusals.get(serial, (0.0, None))
        if refusal is None:
            return
        shared = PROGRAM_SHARED if refusal.kind is FailureKind.PROGRAM else CODE_LIFE
        if self._monotonic() - failed_at <= shared:
            raise IssueError(refusal.kind, refusal.sentence, refusal.hint, device=serial)

    def _remember(self, refusal: IssueError) -> IssueError:
        assert refusal.device is not None
        with self._lock:
            self._refusals[refusal.device] = (self._monotonic(), refusal)
        return refusal

    def _in_words(
        self, row: ErrorText, role: Role, serial: str, detail: str = "", *, again_in: float | None = None
    ) -> IssueError:
        words = {
            "role": role.name,
            "device": serial.rpartition("/")[2],
            "give": self._hint.format(role=role.name),
            "detail": detail,
        }
        sentence = row.sentence.format_map(words).rstrip(". ") + "."
        return IssueError(row.kind, sentence, row.hint.format_map(words), device=serial, again_in=again_in)


def _passes_by_itself(error: Exception) -> bool:
    known = errors.explain(error, Attempt(role="", who="", what="", region="", login=""))
    return known is not None and known.kind in (FailureKind.NETWORK, FailureKind.THROTTLED, FailureKind.ANSWER)
