"""What the demo prints next for the newcomer, from a snapshot and what it printed before. Pure.

Steps come one after the other, each once the one before is done or its patience is over. Failures come beside them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from traycreds.core.model import RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.value_class import field, replace, value_class

_CODES = 4
"""Codes that are printed for one wait, half a minute each; who has not typed one by then is away."""


class Surface(enum.Enum):
    """Where the user sees the roles, and what can be done there."""

    TRAY = "tray"
    KEYS = "keys"
    TABLE = "table"
    """Nothing can be pressed but Ctrl-C, so the demo acts itself; codes are asked for."""
    OUTPUT = "output"
    """The same, and nobody can be asked."""

    @property
    def takes_choices(self) -> bool:
        """Whether the user can choose a role."""
        return self in {Surface.TRAY, Surface.KEYS}


@value_class(kw_only=True)
class Step:
    """Something to do.

    Attributes:
        role: the role to choose.
        say: the sentences; `{code}` stands for the MFA code. Without one, the step is left out.
        done: whether it is done.
        patience: how long the user has for it.
    """

    role: RoleName
    say: Mapping[Surface, str]
    done: Callable[[Snapshot], bool]
    patience: timedelta


@value_class(kw_only=True)
class DemoFailure:
    """A failure of a role, announced once `begins` holds, and its end once `ends` holds."""

    begins: Callable[[Snapshot], bool]
    ends: Callable[[Snapshot], bool]
    say: str
    say_end: str


@value_class(kw_only=True)
class GuideState:
    """How far the guide is.

    Attributes:
        step, since: the number of the last step printed, and when; -1 before the first.
        begun, ended: numbers of the failures whose begin or end was printed.
        code, codes: the last MFA code printed, and how many since the role began to wait.
        closed: the last sentence was printed.
    """

    step: int = -1
    since: datetime | None = None
    begun: frozenset[int] = frozenset()
    ended: frozenset[int] = frozenset()
    code: str | None = field(default=None, repr=False)
    codes: int = 0
    closed: bool = False


def _view(snapshot: Snapshot, name: str) -> RoleView | None:
    return next((view for view in snapshot.roles if view.name == name), None)


def _chosen(name: str) -> Callable[[Snapshot], bool]:
    return lambda snapshot: (view := snapshot.default) is not None and view.name == name


def _all_fresh(snapshot: Snapshot) -> bool:
    kept = [view for view in snapshot.roles if view.kept]
    return bool(kept) and all(view.status is Status.FRESH for view in kept)


def _fails(name: str) -> Callable[[Snapshot], bool]:
    return lambda snapshot: (view := _view(snapshot, name)) is not None and view.error is not None


def _works(name: str) -> Callable[[Snapshot], bool]:
    return lambda snapshot: (
        (view := _view(snapshot, name)) is not None and view.error is None and view.status is Status.FRESH
    )


_STAGING_CHOSEN = "All sessions are fresh. The demo makes staging the default profile, as a click in the tray would."
_PROD_CHOSEN = "The demo chooses prod. It is production: in the tray, the shield gets a red badge."

STEPS = (
    Step(
        role=RoleName("staging"),
        say={
            Surface.TRAY: "Click the shield in the tray: green means that all sessions are fresh. "
            "Then click staging, to make it the default profile.",
            Surface.KEYS: "Select staging with the arrow keys and press u, to make it the default profile. "
            "Green means that a session is fresh.",
            Surface.TABLE: _STAGING_CHOSEN,
            Surface.OUTPUT: _STAGING_CHOSEN,
        },
        done=lambda snapshot: snapshot.default is not None and snapshot.default.name != "dev",
        patience=timedelta(minutes=20),
    ),
    Step(
        role=RoleName("prod"),
        say={
            Surface.TRAY: "Now click prod. It is production, so the shield gets a red badge.",
            Surface.KEYS: "Now select prod and press u. It is production: in the tray, the shield gets a red badge.",
            Surface.TABLE: _PROD_CHOSEN,
            Surface.OUTPUT: _PROD_CHOSEN,
        },
        done=_chosen("prod"),
        patience=timedelta(minutes=20),
    ),
    Step(
        role=RoleName("admin"),
        say={
            Surface.TRAY: "Now click admin. It needs an MFA code: enter {code}, from a simulated device.",
            Surface.KEYS: "Now select admin and press u. It needs an MFA code (m asks for it): enter {code}, from a "
            "simulated device.",
            Surface.TABLE: "The demo chooses admin. It needs an MFA code: enter {code}, from a simulated device.",
        },
        done=_works("admin"),
        patience=timedelta(minutes=20),
    ),
    Step(
        role=RoleName("audit"),
        say={
            Surface.TRAY: "Now click audit. It needs a sign-in: choose Allow on the page that opens, from a simulated "
            "IAM Identity Center.",
            Surface.KEYS: "Now select audit and press u. It needs a sign-in (s asks for it): choose Allow on the page "
            "that opens, from a simulated IAM Identity Center.",
            Surface.TABLE: "The demo chooses audit. It needs a sign-in: choose Allow on the page that opens, from a "
            "simulated IAM Identity Center.",
        },
        done=_works("audit"),
        patience=timedelta(minutes=20),
    ),
)

FAILURES = (
    DemoFailure(
        begins=_fails("staging"),
        ends=_works("staging"),
        say="AWS answers 503 for staging. Its session stays until it expires, and traycreds tries again.",
        say_end="AWS works again, and so does staging. You had to do nothing.",
    ),
    DemoFailure(
        begins=_fails("prod"),
        ends=_works("prod"),
        say="The access key of prod was deactivated. A notice asks for a new one before the session expires. "
        "The demo adds one soon.",
        say_end="The new key of prod is in the credentials file. traycreds saw it and renewed the session.",
    ),
)

AFTER_STEPS = "Now wait. The demo also shows failures, and how they end."

HOW_TO_END = {
    Surface.TRAY: "To end the demo, choose Quit in the menu or press Ctrl-C.",
    Surface.KEYS: "To end the demo, press q.",
    Surface.TABLE: "To end the demo, press Ctrl-C.",
    Surface.OUTPUT: "To end the demo, press Ctrl-C.",
}


def advance(
    state: GuideState, snapshot: Snapshot, now: datetime, surface: Surface, code: str
) -> tuple[GuideState, list[str]]:
    """Return the new state and the sentences to print now; `code` is what the MFA device shows."""
    texts: list[str] = []
    for number, failure in enumerate(FAILURES):
        if number not in state.begun and failure.begins(snapshot):
            state = replace(state, begun=state.begun | {number})
            texts.append(failure.say)
        elif number in state.begun - state.ended and failure.ends(snapshot):
            state = replace(state, ended=state.ended | {number})
            texts.append(failure.say_end)
    state, step_texts = _next_step(state, snapshot, now, surface, code)
    texts += step_texts
    state, again = _code_again(state, snapshot, code)
    texts += again
    over = state.step == len(STEPS) and len(state.ended) == len(FAILURES)
    if over and not state.closed:
        texts.append(f"That was all. {HOW_TO_END[surface]}")
        state = replace(state, closed=True)
    return state, texts


def _next_step(
    state: GuideState, snapshot: Snapshot, now: datetime, surface: Surface, code: str
) -> tuple[GuideState, list[str]]:
    if state.step == len(STEPS) or (state.step < 0 and not _all_fresh(snapshot)):
        return state, []
    if state.since is not None:
        # What the demo does itself is done at once, but takes time to read.
        done = surface.takes_choices and STEPS[state.step].done(snapshot)
        if not done and now - state.since < STEPS[state.step].patience:
            return state, []
    number = state.step + 1
    while number < len(STEPS) and (surface not in STEPS[number].say or STEPS[number].done(snapshot)):
        number += 1
    state = replace(state, step=number, since=now)
    if number == len(STEPS):
        return state, [] if len(state.ended) == len(FAILURES) else [AFTER_STEPS]
    text = STEPS[number].say[surface]
    if "{code}" in text:
        state = replace(state, code=code, codes=1)
    return state, [f"{number + 1}. {text.format(code=code)}"]


def _code_again(state: GuideState, snapshot: Snapshot, code: str) -> tuple[GuideState, list[str]]:
    """The device's next code, if the role waits still: AWS takes one for a minute, and once."""
    if not any(view.mfa_device is not None for view in snapshot.roles):
        return (replace(state, codes=0) if state.code is not None else state), []
    if code == state.code or state.codes >= _CODES:
        return state, []
    return replace(state, code=code, codes=state.codes + 1), [f"The MFA code is now {code}."]
