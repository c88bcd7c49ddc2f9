"""What works behind the icon: the engine, its ports, and what carries out its actions. Prints and shows nothing.

`Application` builds it once the icon is up, so that its imports delay nothing.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from traycreds.app import capabilities, heap
from traycreds.app.actions.menu_actions import MenuActions
from traycreds.app.control_requests import ControlRequests
from traycreds.app.followers import file_changes
from traycreds.app.followers.choices import ChoicesSaver
from traycreds.app.followers.config_watch import ConfigWatch, FirstRead
from traycreds.app.followers.follow_ups import FollowUps
from traycreds.app.followers.machine_needs import MachineNeeds
from traycreds.app.followers.mfa_prompts import Asker, MfaPrompts
from traycreds.app.followers.optional_watches import OptionalWatches
from traycreds.app.followers.regions import RegionWriter
from traycreds.app.followers.sign_ins import SignIns
from traycreds.app.followers.surroundings import SurroundingsWatch
from traycreds.app.minute_checks import MinuteChecks
from traycreds.app.notice_delivery import NoticeDelivery
from traycreds.app.saved_files import SavedFiles
from traycreds.app.supervisor import Supervisor
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.awsfiles import credentials_file
from traycreds.control.protocol import Request
from traycreds.control.server import CommandReply
from traycreds.core.events import (
    Clicked,
    ConfigChanged,
    Event,
    FileMissing,
    FollowUp,
    Locked,
    NetworkChanged,
    Notify,
    Resumed,
    RoleUsed,
)
from traycreds.core.model import FileNote, RoleName
from traycreds.core.ports import Clock, CredentialSource
from traycreds.core.snapshot import Snapshot, Surroundings
from traycreds.core.ui_commands import Command, RoleCommand, UiCommand
from traycreds.core.value_class import replace, value_class
from traycreds.desktop.network import NetworkWatch
from traycreds.desktop.notifications.backends import Tray
from traycreds.desktop.notifications.notifier import TEST_NOTICE, DesktopNotifier
from traycreds.desktop.power import watch
from traycreds.desktop.power.app_nap import AppNap
from traycreds.engine.jobs import DatedSource, LateSource
from traycreds.engine.loop import Engine
from traycreds.engine.server_clock import ServerClock
from traycreds.lifecycle import policy
from traycreds.process.bounded_call import bounded_call
from traycreds.state.keyring_store import KeyringStore
from traycreds.state.paths import Paths
from traycreds.ui.icon import pixmaps

if TYPE_CHECKING:
    from traycreds.app.dialogs.role_picker import RolePicker

_SAVE_SECONDS = 0.5
"""Time to save the choices at the end of a run."""
_FINISH_SECONDS = 5.0
"""For a program that we overtook while it wrote the credentials file; `traycreds quit` waits longer."""


@value_class(kw_only=True)
class Display:
    """Where the user sees what happens, and is asked.

    Attributes:
        can: what notices may offer here.
        show, show_around: take each snapshot, on the engine's thread, and the menu's surroundings; return at once.
        notice, at_icon: take each notice for the desktop, and for the tray's icon; return at once.
        asker: asks for MFA codes in place of a window, as soon as needed.
        keeps_time: it updates minutes in its labels itself, and calls `each_minute`.
    """

    can: frozenset[UiCommand]
    show: Callable[[Snapshot], None]
    show_around: Callable[[Surroundings], None]
    notice: Callable[[Notify], None]
    at_icon: Tray | None
    asker: Asker | None
    keeps_time: bool = False


class Services:
    """The parts of one run that work unseen."""

    def __init__(
        self, paths: Paths, clock: Clock, *, first: FirstRead, display: Display, end: Callable[[], None]
    ) -> None:
        """Build the parts; nothing runs yet."""
        self._paths = paths
        self._clock = ServerClock(clock)
        self._display = display
        self._end = end

        # The engine and its ports: AWS, the credentials file, the desktop.
        self._settings = settings = first.state.settings
        self._mfa = MfaSessions(KeyringStore(), settings=settings, now=self._clock.now)
        self._store = credentials_file.open_at(paths, self._clock, missing=self._file_is_missing)
        self._desktop = DesktopNotifier(click=self.take, picture=pixmaps.of_notice, tray=display.at_icon)
        self._notices = NoticeDelivery(
            self._desktop,
            can=display.can,
            in_terminal=display.notice,
            in_menu=self._show_in_menu,
            ask_for_code=None if display.asker is None else self._ask_after_what_is_shown,
        )
        self._engine = Engine(
            clock=self._clock,
            skew=self._clock.skew,
            source=DatedSource(LateSource(self._aws), self._clock),
            store=self._store,
            notifier=self._notices,
            state=replace(first.state, saved_choices=first.choices, desired_regions={}, needs=frozenset()),
            watched=True,
            longest_wait=policy.LONGEST_WAIT if display.keeps_time else policy.WAKE_CAP,
            follow_up=self._follow_up,
        )
        post = self._engine.post

        # What carries out the follow-ups of its plans.
        self._regions = RegionWriter(paths, post)
        self._mfa_prompts = MfaPrompts(
            self._mfa,
            snapshot=lambda: self._engine.snapshot,
            post=post,
            notify=self._notices.answer,
            dialog=display.asker,
        )

        # What watches the files, the sign-ins, the network and the engine.
        self._optional = OptionalWatches(paths, self._notices.send, self._clock.now)
        self._watch = ConfigWatch(
            paths,
            self._configured,
            self._notices.send,
            besides=self._poll,
            included=self._optional.check_team_files,
            seen=first.stamps,
        )
        self._sign_ins = SignIns(
            paths,
            config_seen=lambda: self._watch.seen,
            snapshot=lambda: self._engine.snapshot,
            post=post,
            notify=self._notices.send,
            muted=lambda: self._engine.muted,
        )
        self._around = SurroundingsWatch(
            display.show_around,
            sign_ins=self._sign_ins.due,
            notices=self._desktop.advice,
            in_terminal=capabilities.without_window,
        )
        self._network = NetworkWatch(lambda: post(NetworkChanged(self._clock.now())))
        self._follow_ups = FollowUps(
            ChoicesSaver(paths.state_dir),
            self._regions,
            MachineNeeds(self._network.want, AppNap().hold_off, self._desktop.ask_permission),
            ask_for_code=self._mfa_prompts.ask,
            open_sign_in=self._open_sign_in,
        )
        self._supervisor = Supervisor(
            self._engine.stuck_for,
            takes_messages=self._engine.takes_messages,
            notifier=self._notices,
            show=display.show,
        )
        self._minute_checks = MinuteChecks(self._engine, self._clock, stuck=self._watch.nudge)

        # What obeys the user: in the menu, and in a terminal.
        self._menu_actions = MenuActions(
            paths,
            notify=self._notices.answer,
            editing=self._watch.expect_edits,
            sign_in=self._sign_ins.sign_in,
            used=lambda name: post(RoleUsed(name)),
            changed=self._around.check,
            offer_import=self._around.offer_import,
        )
        saved = SavedFiles(self._watch, self._store, self._engine)
        self._control_requests = ControlRequests(
            self._engine,
            self._clock,
            post=self.take,
            check_config=saved.check,
            end=end,
            settings=settings,
            places=paths.places,
            config_taken=saved.config_taken,
            wait_until_saved=self._follow_ups.wait_until_saved,
            held_up=lambda: self._store.held_up,
            test_notice=lambda: self._desktop.sent(TEST_NOTICE),
            supervisor=self._supervisor,
            give_code=self._mfa_prompts.give,
        )

        self._engine.subscribe(display.show)

    def start(self) -> None:
        """Begin to work."""
        self._engine.start()
        watched = lambda: (*self._watch.files, self._paths.credentials_file, *self._sign_ins.files)  # noqa: E731
        # Where nothing else keeps time, its checks find an engine that is stuck, and a sleep.
        self._watch.start(file_changes.of_this_system(watched), rarely=self._display.keeps_time)
        self._network.start()
        self._around.check()
        watch.watch(
            woke=lambda: self._engine.post(Resumed(self._clock.now())),
            locked=lambda on: self._engine.post(Locked(on, self._clock.now())),
        )
        heap.stay_whole()

    def stop(self) -> None:
        """End it, in a second or two, after a write in progress. Waits for nothing that hangs."""
        self._supervisor.end()
        for each in (self._watch, self._network, self._around):
            each.stop()
        self._engine.stop()
        self._follow_ups.finish(_SAVE_SECONDS)
        self._mfa_prompts.close()
        self._menu_actions.close()
        if "_role_picker" in vars(self):
            self._role_picker.close()
        self._desktop.close()
        # If the engine still runs, the file hangs or the engine's worker is using it.
        if not self._engine.running:
            with contextlib.suppress(TimeoutError, RuntimeError):
                bounded_call(
                    lambda: credentials_file.end_work(self._store, seconds=_FINISH_SECONDS),
                    seconds=_FINISH_SECONDS + 1,
                    name="file",
                )

    def take(self, command: Event | Command) -> None:
        """Do what a click asks; returns at once, from any thread."""
        self._around.answer(None)
        if command is UiCommand.QUIT:
            self._end()
        elif command is UiCommand.FIND_ROLE:
            self._role_picker.open()
        elif isinstance(command, RoleCommand) and command.command is UiCommand.ENTER_CODE:
            self._mfa_prompts.enter(command.role)
        elif isinstance(command, (UiCommand, RoleCommand)):
            self._menu_actions.run(command)
        else:
            self._engine.post(Clicked(command, self._clock.now()))

    def each_minute(self) -> tuple[datetime, float]:
        """For the timekeeper; see `MinuteChecks.begin`."""
        return self._minute_checks.begin()

    def handle_request(self, request: Request, gone: Callable[[], bool]) -> CommandReply:
        """Carry out a command's request; see `ControlRequests.handle_request`. Raises TraycredsError."""
        return self._control_requests.handle_request(request, gone)

    @functools.cached_property
    def _role_picker(self) -> RolePicker:
        """Made when the user first looks for a role."""
        from traycreds.app.dialogs.role_picker import RolePicker

        return RolePicker(
            self._paths,
            snapshot=lambda: self._engine.snapshot,
            take=self.take,
            request=self.handle_request,
            notify=self._notices.answer,
        )

    def _show_in_menu(self, notice: Notify) -> None:
        self._around.answer(notice)

    def _follow_up(self, action: FollowUp) -> None:
        self._follow_ups.carry_out(action)

    def _ask_after_what_is_shown(self, device: str) -> None:
        # At once, but after what is shown.
        self._engine.after(lambda _: self._mfa_prompts.ask(device))

    def _aws(self) -> CredentialSource:
        """The source of sessions; imported once a role needs one."""
        from traycreds.aws.sts import StsSource

        return StsSource(mfa=self._mfa, on_date=self._clock.seen)

    def _file_is_missing(self, note: FileNote) -> None:
        self._engine.post(FileMissing(note))

    def _configured(self, event: Event) -> None:
        if isinstance(event, ConfigChanged):
            self._mfa.configure(event.settings)
            self._settings = event.settings
            self._regions.check()
        self._engine.post(event)

    def _open_sign_in(self, role: RoleName) -> None:
        if UiCommand.SIGN_IN in self._display.can:
            self.take(RoleCommand(UiCommand.SIGN_IN, role))

    def _poll(self) -> None:
        if not self._display.keeps_time:
            self._minute_checks.notice_sleep(2 * self._watch.pause)
        self._supervisor.check(self._engine.snapshot)
        if self._store.changed():
            self._engine.check_file()
        self._sign_ins.check()
        self._optional.poll_key_ages(self._settings)
        self._around.poll()
