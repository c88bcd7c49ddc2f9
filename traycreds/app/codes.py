"""Gets MFA codes from the user, one prompt at a time, and only because the user asked for one or clicked such a role.

Owns who is waiting for an answer; the codes themselves go straight on to `mfa`, and into no notice and no log.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Protocol

from traycreds.adapters import codeprocess
from traycreds.adapters.mfa import MfaSessions
from traycreds.adapters.mfacodes import Verdict
from traycreds.adapters.prompt import Dialog, Question
from traycreds.core.errors import TraycredsError
from traycreds.core.messages import Event, Notify, RefreshAsked, RoleChosen, RoleSwitched
from traycreds.core.model import RoleName
from traycreds.core.shown import Snapshot, Status

log = logging.getLogger(__name__)

CLICK_LASTS = 60.0
"""Seconds in which a dialog still counts as the answer to a click."""
ANSWER_SECONDS = 60.0
"""How long to wait for what AWS says to a code."""
_TRIES = 2
"""Codes that AWS may refuse, or that were used already, before it is the user's turn to ask again."""


def dialog_command() -> list[str]:
    """How this program shows its own dialog; see `traycreds.__main__`."""
    return [sys.executable, *([] if getattr(sys, "frozen", False) else ["-m", "traycreds"]), DIALOG]


DIALOG = "ask-code"


class Asker(Protocol):
    """Asks the user for a code."""

    def ask(self, question: Question) -> str | None:
        """The code, or None when the user cancelled; blocks until then. May raise TraycredsError."""
        ...

    def close(self) -> None:
        """Ask no more."""
        ...


class Codes:
    """Asks for codes; `see` must get every snapshot, and `clicked` every event that a click posts."""

    def __init__(
        self,
        mfa: MfaSessions,
        *,
        snapshot: Callable[[], Snapshot],
        post: Callable[[Event], None],
        tell: Callable[[Notify], None],
        dialog: Asker | None = None,
    ) -> None:
        """Ask nothing yet.

        Args:
            mfa: takes the codes.
            snapshot: how the roles stand now.
            post: tells the engine.
            tell: shows a notice.
            dialog: asks the user; None opens a window.
        """
        self._mfa = mfa
        self._snapshot = snapshot
        self._post = post
        self._tell = tell
        self._dialog: Asker = dialog or Dialog(dialog_command())
        self._lock = threading.Lock()
        self._clicked: dict[RoleName, float] = {}
        self._wanted: list[str] = []
        self._over = threading.Event()

    def enter(self, role: RoleName) -> None:
        """The user wants to enter the code that a role waits for; returns at once."""
        device = next((view.mfa_device for view in self._snapshot().roles if view.name == role), None)
        if device is not None:
            self._ask(device)

    def clicked(self, event: Event) -> None:
        """The user clicked this; if the one role that it is about turns out to need a code, the dialog may open."""
        name: RoleName | None = None
        match event:
            case RoleChosen() | RoleSwitched(on=True):
                name = event.name
            case RefreshAsked(names=(only,)):
                name = only
            case _:
                pass
        if name is not None:
            with self._lock:
                self._clicked[name] = time.monotonic()

    def see(self, snapshot: Snapshot) -> None:
        """Follow the snapshots; on the engine's thread, so it never blocks."""
        if not self._clicked:
            return
        views = {view.name: view for view in snapshot.roles}
        with self._lock:
            clicked = dict(self._clicked)
        for name, at in clicked.items():
            view = views.get(name)
            late = time.monotonic() - at > CLICK_LASTS
            needs_code = view is not None and view.mfa_device is not None and not view.busy
            fine = view is not None and view.mfa_device is None and view.status is Status.FRESH
            if view is None or late or needs_code or fine:
                with self._lock:
                    self._clicked.pop(name, None)
            if view is not None and view.mfa_device is not None and needs_code and not late:
                self._ask(view.mfa_device)

    def close(self) -> None:
        """End an open dialog; ask no more."""
        self._over.set()
        self._dialog.close()

    def _ask(self, device: str) -> None:
        with self._lock:
            if device in self._wanted or self._over.is_set():
                return
            self._wanted.append(device)
            if len(self._wanted) > 1:  # the thread that asks for the first goes on with this one
                return
        threading.Thread(target=self._run, name="mfa", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._lock:
                device = self._wanted[0]
            try:
                self._serve(device)
            except TraycredsError as error:
                self._tell(Notify(key="mfa", title=error.sentence, body=error.hint))
            except Exception:
                log.exception("no MFA code could be asked for")
            with self._lock:
                self._wanted.pop(0)
                if not self._wanted:
                    return

    def _serve(self, device: str) -> None:
        """Get a code and have it used; another one if AWS refuses it; then it is the user's turn to ask again."""
        faults, verdict = 0, None
        while faults < _TRIES:
            again = verdict.why_again if verdict else ""
            names = tuple(view.name for view in self._snapshot().roles if view.mfa_device == device)
            code = self._code(Question(device=device, roles=names, again=again)) if names else None
            if code is None:
                return
            answer = self._mfa.offer(device, code)
            self._post(RefreshAsked(names))
            try:
                verdict = answer.result(ANSWER_SECONDS)
            except FutureTimeout:  # nobody needed it: a session was found, or the network is down
                return
            if verdict in {Verdict.ACCEPTED, Verdict.LOST}:
                break
            faults += verdict is not Verdict.SPENT
        if verdict is Verdict.REFUSED:
            body = "Check which device it is for, then choose Enter MFA code in the tray menu."
            self._tell(Notify(key="mfa", title="AWS accepted neither MFA code", body=body, urgent=True))
        elif verdict is Verdict.USED:
            body = "Wait for the next one, then choose Enter MFA code in the tray menu."
            self._tell(Notify(key="mfa", title="That MFA code has been used already", body=body, urgent=True))
        elif verdict is Verdict.LOST:
            body = "It counts as used. Wait for the next one, then choose Enter MFA code in the tray menu."
            self._tell(Notify(key="mfa", title="AWS did not answer to the MFA code", body=body, urgent=True))

    def _code(self, question: Question) -> str | None:
        command = self._mfa.process_of(question.device)
        if command is None:
            return self._dialog.ask(question)
        if question.again and self._over.wait(codeprocess.seconds_to_next(time.time())):  # it would be the same
            return None
        return codeprocess.run(command)
