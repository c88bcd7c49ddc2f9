"""What the demo tells the newcomer next, from what the roles show and what was told already. Pure.

Steps come one after the other, each once the one before is done or its patience is over. Events are told as they come.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from traycreds.core.model import RoleName
from traycreds.core.snapshot import RoleView, Snapshot, Status
from traycreds.core.value_class import field, replace, value_class

_CODES = 4
"""Codes that are told for one wait, half a minute to a minute each; who has not typed one by then is away."""


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
class Happening:
    """Something that comes by itself; it is told once `begins` holds, and its end once `ends` holds."""

    begins: Callable[[Snapshot], bool]
    ends: Callable[[Snapshot], bool]
    say: str
    say_end: str


@value_class(kw_only=True)
class Told:
    """How far the guide is.

    Attributes:
        step, since: the number of the step that was told, and when; -1 before the first.
        begun, ended: numbers of the happenings that were told.
        code, codes: the last MFA code told, and how many since the role began to wait.
        closed: the end was told.
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
)

HAPPENINGS = (
    Happening(
        begins=_fails("staging"),
        ends=_works("staging"),
        say="AWS answers 503 for staging. Its session stays until it expires, and traycreds tries again.",
        say_end="AWS works again, and so does staging. You had to do nothing.",
    ),
    Happening(
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


def advance(told: Told, snapshot: Snapshot, now: datetime, surface: Surface, code: str) -> tuple[Told, list[str]]:
    """What to tell now, and what is told then; `code` is what the MFA device shows."""
    texts: list[str] = []
    for number, happening in enumerate(HAPPENINGS):
        if number not in told.begun and happening.begins(snapshot):
            told = replace(told, begun=told.begun | {number})
            texts.append(happening.say)
        elif number in told.begun - told.ended and happening.ends(snapshot):
            told = replace(told, ended=told.ended | {number})
            texts.append(happening.say_end)
    told, step_texts = _next_step(told, snapshot, now, surface, code)
    texts += step_texts
    told, again = _code_again(told, snapshot, code)
    texts += again
    over = told.step == len(STEPS) and len(told.ended) == len(HAPPENINGS)
    if over and not told.closed:
        texts.append(f"That was all. {HOW_TO_END[surface]}")
        told = replace(told, closed=True)
    return told, texts


def _next_step(told: Told, snapshot: Snapshot, now: datetime, surface: Surface, code: str) -> tuple[Told, list[str]]:
    if told.step == len(STEPS) or (told.step < 0 and not _all_fresh(snapshot)):
        return told, []
    if told.since is not None:
        # What the demo does itself is done at once, but takes time to read.
        done = surface.takes_choices and STEPS[told.step].done(snapshot)
        if not done and now - told.since < STEPS[told.step].patience:
            return told, []
    number = told.step + 1
    while number < len(STEPS) and (surface not in STEPS[number].say or STEPS[number].done(snapshot)):
        number += 1
    told = replace(told, step=number, since=now)
    if number == len(STEPS):
        return told, [] if len(told.ended) == len(HAPPENINGS) else [AFTER_STEPS]
    text = STEPS[number].say[surface]
    if "{code}" in text:
        told = replace(told, code=code, codes=1)
    return told, [f"{number + 1}. {text.format(code=code)}"]


def _code_again(told: Told, snapshot: Snapshot, code: str) -> tuple[Told, list[str]]:
    """The device's next code, if the role waits still: AWS takes one for a minute, and once."""
    if not any(view.mfa_device is not None for view in snapshot.roles):
        return (replace(told, codes=0) if told.code is not None else told), []
    if code == told.code or told.codes >= _CODES:
        return told, []
    return replace(told, code=code, codes=told.codes + 1), [f"The MFA code is now {code}."]
