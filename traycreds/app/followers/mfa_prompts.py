"""Asks the user for MFA codes, one prompt at a time, on request or a click. Codes go into no notice or log."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Protocol

from traycreds.aws.mfa import code_program
from traycreds.aws.mfa.codes import Verdict
from traycreds.aws.mfa.dialog import Dialog
from traycreds.aws.mfa.question import HOW, Question
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.core.errors import TraycredsError
from traycreds.core.events import Event, Notify, RefreshAsked
from traycreds.core.model import RoleName
from traycreds.core.snapshot import Snapshot
from traycreds.core.text import notice_body
from traycreds.lifecycle import notices
from traycreds.process import own_program
from traycreds.process.bounded_call import daemon

log = logging.getLogger(__name__)

ANSWER_SECONDS = 60.0
"""How long to wait for AWS's response to a code."""
_TRIES = 2
"""Codes that AWS may refuse, or that were used already, before it is the user's turn to ask again."""


class Asker(Protocol):
    """Asks the user for a code."""

    def ask(self, question: Question) -> str | None:
        """The code, or None when the user cancelled; blocks until then. May raise TraycredsError."""
        ...

    def close(self) -> None:
        """Stop asking."""
        ...


class MfaPrompts:
    """Asks for codes."""

    def __init__(
        self,
        mfa: MfaSessions,
        *,
        snapshot: Callable[[], Snapshot],
        post: Callable[[Event], None],
        notify: Callable[[Notify], None],
        dialog: Asker | None = None,
    ) -> None:
        """Ask nothing yet; `mfa` takes the codes, `dialog` asks the user (None: a window)."""
        self._mfa = mfa
        self._snapshot = snapshot
        self._post = post
        self._notify = notify
        self._dialog: Asker = dialog or Dialog(own_program.part(own_program.ASK_CODE))
        self._lock = threading.Lock()
        self._wanted: list[str] = []
        self._over = threading.Event()

    def enter(self, role: RoleName) -> None:
        """The user wants to enter the code that a role waits for; returns at once."""
        device = self._device_of(role)
        if device is not None:
            self.ask(device)

    def give(self, role: RoleName, code: str) -> Verdict | None:
        """Use the code that a role waits for; blocks until AWS has answered. None if nothing needed it."""
        device = self._device_of(role)
        return None if device is None else self._use(device, self._waiting_for(device), code)

    def close(self) -> None:
        """End an open dialog and stop asking."""
        self._over.set()
        self._dialog.close()

    def ask(self, device: str) -> None:
        """Ask for the code of a device; returns at once."""
        with self._lock:
            if device in self._wanted or self._over.is_set():
                return
            self._wanted.append(device)
            # The thread that asks for the first code continues with this one.
            if len(self._wanted) > 1:
                return
        daemon("mfa", self._run)

    def _run(self) -> None:
        while True:
            with self._lock:
                device = self._wanted[0]
            try:
                self._serve(device)
            except TraycredsError as error:
                log.info("%s %s", error.sentence, error.hint)
                body = notice_body(error.sentence, error.hint, notices.IN_LOG)
                self._notify(Notify(key="mfa", title="No MFA code", body=body))
            except Exception:
                log.exception("could not ask for an MFA code")
            with self._lock:
                self._wanted.pop(0)
                if not self._wanted:
                    return

    def _serve(self, device: str) -> None:
        """Get a code and use it, and another if AWS refuses it; after that the user must ask again."""
        faults, verdict = 0, None
        while faults < _TRIES:
            again = verdict.why_again if verdict else ""
            names = self._waiting_for(device)
            code = self._code(Question(device=device, roles=names, again=again)) if names else None
            if code is None:
                return
            verdict = self._use(device, names, code)
            if verdict is None:
                return
            if verdict in {Verdict.ACCEPTED, Verdict.LOST}:
                break
            faults += verdict is not Verdict.SPENT
        how = HOW.format(role=names[0])
        if verdict is Verdict.REFUSED:
            body = notice_body("Check that it comes from the right device.", how)
            self._notify(Notify(key="mfa", title="AWS accepted neither MFA code", body=body, urgent=True))
        elif verdict is Verdict.USED:
            body = notice_body("Wait for the next one.", how)
            self._notify(Notify(key="mfa", title="That MFA code was already used", body=body, urgent=True))
        elif verdict is Verdict.LOST:
            body = notice_body("It counts as used. Wait for the next one.", how)
            self._notify(Notify(key="mfa", title="AWS did not respond to the MFA code", body=body, urgent=True))

    def _device_of(self, role: RoleName) -> str | None:
        return next((view.mfa_device for view in self._snapshot().roles if view.name == role), None)

    def _waiting_for(self, device: str) -> tuple[RoleName, ...]:
        return tuple(view.name for view in self._snapshot().roles if view.mfa_device == device)

    def _use(self, device: str, names: tuple[RoleName, ...], code: str) -> Verdict | None:
        """What AWS says to a code; None if nobody needed it: a session was found, or the network is down."""
        pending = self._mfa.offer(device, code)
        self._post(RefreshAsked(names))
        try:
            return pending.result(ANSWER_SECONDS)
        except FutureTimeout:
            return None

    def _code(self, question: Question) -> str | None:
        command = self._mfa.process_of(question.device)
        if command is None:
            return self._dialog.ask(question)
        # The program would print the same code again until the next period.
        if question.again and self._over.wait(code_program.seconds_to_next(time.time())):
            return None
        return code_program.run(command)
