"""What works behind the icon: the engine, its world, and all that follows its snapshots.

`Desk` builds and starts it once the icon is up, so that whatever this module imports costs the user no wait. Prints
nothing and shows no icon: what is to be seen goes through callables of the desk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from traycreds.adapters import config, power
from traycreds.adapters.choices import Choices
from traycreds.adapters.controlserver import Answer
from traycreds.adapters.controlwire import Request
from traycreds.adapters.mfa import MfaSessions
from traycreds.adapters.network import NetworkWatch
from traycreds.adapters.notify import DesktopNotifier, Tray
from traycreds.adapters.places import Places
from traycreds.adapters.serverclock import DatedSource, ServerClock
from traycreds.adapters.sts import StsSource
from traycreds.adapters.vault import Vault
from traycreds.app import setup
from traycreds.app.codes import Asker, Codes
from traycreds.app.errands import Errands
from traycreds.app.hooks import Hooks
from traycreds.app.memory import Memory
from traycreds.app.orders import Orders
from traycreds.app.regions import Regions
from traycreds.app.signins import SignIns
from traycreds.app.watch import CALM, ConfigWatch, Stamps
from traycreds.core import notices
from traycreds.core.commands import Command, RoleCommand, UiCommand
from traycreds.core.errors import FailureKind, TraycredsError
from traycreds.core.messages import Button, ConfigChanged, Event, Locked, NetworkChanged, Notify, Resumed, RoleUsed
from traycreds.core.model import State
from traycreds.core.shown import Snapshot
from traycreds.engine.engine import Engine
from traycreds.engine.ports import Clock
from traycreds.ui import pixmaps

if TYPE_CHECKING:
    from traycreds.app.teamwatch import TeamWatch

log = logging.getLogger(__name__)

_SLEPT = 2 * CALM
"""Seconds between two looks of the watch that say that the machine slept; where logind does not tell, or is not."""


class Backroom:
    """The parts of one run that work unseen."""

    def __init__(
        self,
        where: Places,
        clock: Clock,
        *,
        chosen: Choices,
        state: State,
        seen: Stamps,
        can: frozenset[UiCommand],
        show: Callable[[Snapshot], None],
        notice: Callable[[Notify], None],
        at_icon: Tray | None,
        asker: Asker | None,
        end: Callable[[], None],
    ) -> None:
        """Build the parts; nothing runs yet.

        Args:
            where: all places.
            clock: this machine's.
            chosen: what the user chose in the last run.
            state: what is known at first.
            seen: what the files were like before that was read.
            can: what the program is able to do here; notices offer nothing else.
            show: takes each new snapshot, on the engine's thread; must return at once.
            notice: takes each notice that goes to the desktop; must return at once.
            at_icon: shows a notice at the tray's icon, where it can.
            asker: asks for MFA codes in place of a window, and as soon as one is needed.
            end: ends the app.
        """
        self._clock = clock = ServerClock(clock)
        self._can = can
        self._notice = notice
        self._asker = asker
        self._end = end
        self._desktop = DesktopNotifier(click=self.take, picture=pixmaps.of_notice, tray=at_icon)
        self._hooks = Hooks(state.settings)
        self._memory = Memory(where.state_dir, chosen)
        self._mfa = MfaSessions(Vault(), settings=state.settings, now=clock.now)
        self._store = setup.open_store(where, clock)
        self._engine = Engine(
            clock=clock,
            skew=clock.skew,
            source=DatedSource(StsSource(mfa=self._mfa, on_date=clock.seen), clock),
            store=self._store,
            notifier=self,
            state=state,
            watched=True,
        )
        self._codes = Codes(
            self._mfa,
            snapshot=lambda: self._engine.snapshot,
            post=self._engine.post,
            tell=self.send,
            dialog=asker,
        )
        self._sign_ins = SignIns(where, snapshot=lambda: self._engine.snapshot, post=self._engine.post, tell=self.send)
        self._looked_at = clock.monotonic()
        self._where = where
        self._team: TeamWatch | None = None
        self._watch = ConfigWatch(
            where,
            self._configured,
            self.send,
            besides=self._look_around,
            included=self._look_at_team,
            seen=seen,
        )
        self._errands = Errands(
            where,
            tell=self.send,
            editing=self._watch.expect_edits,
            sign_in=self._sign_ins.sign_in,
            used=lambda name: self._engine.post(RoleUsed(name)),
        )
        self._regions = Regions(where, self._engine.post)
        self._orders = Orders(
            self._engine,
            clock,
            post=self.take,
            look=self._watch.look,
            end=end,
            settings=state.settings,
            settle=self._settle,
        )
        self._network = NetworkWatch(lambda: self._engine.post(NetworkChanged(clock.now())))
        self._hooks.see(self._engine.snapshot)
        for follow in (show, self._clear, self._codes.see, self._memory.see, self._regions.see, self._hooks.see):
            self._engine.subscribe(follow)
        self._engine.subscribe(
            lambda shown: self._network.want(any(v.kind is FailureKind.NETWORK for v in shown.roles))
        )

    def start(self) -> None:
        """Begin to work."""
        self._memory.start()
        self._regions.start()
        self._hooks.start()
        self._engine.start()
        self._watch.start()
        self._network.start()
        power.watch(
            woke=lambda: self._engine.post(Resumed(self._clock.now())),
            locked=lambda on: self._engine.post(Locked(on, self._clock.now())),
        )

    def stop(self) -> None:
        """End it, in a second or two; what is under way on the file comes to its end."""
        self._engine.stop()
        self._memory.stop()
        self._codes.close()
        self._desktop.close()

    def take(self, command: Event | Command) -> None:
        """Do what a click asks; returns at once, from any thread."""
        if command is UiCommand.QUIT:
            self._end()
        elif isinstance(command, RoleCommand) and command.command is UiCommand.ENTER_CODE:
            self._codes.enter(command.role)
        elif isinstance(command, (UiCommand, RoleCommand)):
            self._errands.run(command)
        else:
            self._codes.clicked(command)
            self._engine.post(command)

    def obey(self, request: Request, gone: Callable[[], bool]) -> Answer:
        """Carry out what a command of the terminal asks; see `Orders.obey`.

        Raises:
            TraycredsError: it cannot be, or it failed.
        """
        return self._orders.obey(request, gone)

    def send(self, notice: Notify) -> None:
        """The notifier port: tell the desktop, and whoever else is to see it."""
        self._notice(notice)
        self._hooks.told(notice)
        if self._asker is not None:
            self._engine.after(lambda _: self._ask_for(notice))  # once that is shown
        self._desktop.send(replace(notice, buttons=tuple(filter(self._works, notice.buttons))))

    def _ask_for(self, notice: Notify) -> None:
        """Ask at once for the code that a notice wants, without its being clicked."""
        for button in notice.buttons:
            if isinstance(button.command, RoleCommand) and button.command.command is UiCommand.ENTER_CODE:
                self.take(button.command)

    def _works(self, button: Button) -> bool:
        """Whether this program can do here what a button offers."""
        command = button.command.command if isinstance(button.command, RoleCommand) else button.command
        return not isinstance(command, UiCommand) or command in self._can

    def _configured(self, event: Event) -> None:
        if isinstance(event, ConfigChanged):
            self._mfa.configure(event.settings)
            self._hooks.configure(event.settings)
            self._regions.look()
        self._engine.post(event)

    def _settle(self, seconds: float) -> None:
        """Wait until what the last snapshot shows is on disk as well."""
        self._memory.settle(seconds)
        self._regions.settle(seconds)

    def _look_at_team(self) -> None:
        """When files changed: at those that are included; where none ever was, nothing for it is loaded."""
        if self._team is None and config.includes(self._where):
            from traycreds.app.teamwatch import TeamWatch  # noqa: PLC0415

            self._team = TeamWatch(self._where, self.send)
        if self._team is not None:
            self._team.look()

    def _look_around(self) -> None:
        """At each look of the watch, so that all that is looked at is so in one wake-up of one thread."""
        now = self._clock.monotonic()
        slept, self._looked_at = now - self._looked_at > _SLEPT, now
        if slept:
            self._engine.post(Resumed(self._clock.now()))
        if self._store.changed():
            self._engine.look()
        self._sign_ins.look()

    def _clear(self, snapshot: Snapshot) -> None:
        """Take back the notices that are true no more."""
        over = [key for key in self._desktop.standing if not notices.stands(key, snapshot)]
        if over:
            self._desktop.take_back(over)


def announce(error: TraycredsError) -> None:
    """Tell the desktop why the app did not start."""
    desktop = DesktopNotifier(picture=pixmaps.of_notice)
    desktop.send(Notify(key="start", title=f"traycreds: {error.sentence}", body=error.hint, urgent=True))
    desktop.linger()
