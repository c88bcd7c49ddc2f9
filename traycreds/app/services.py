"""What works behind the icon: the engine, its ports, and what carries out its actions. Prints and shows nothing.

`Application` builds it once the icon is up, so that its imports delay nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from traycreds.app import capabilities, heap
from traycreds.app.control_requests import ControlRequests
from traycreds.app.followers import file_changes
from traycreds.app.followers.choices import ChoicesSaver
from traycreds.app.followers.config_watch import ConfigWatch, FirstRead
from traycreds.app.followers.hooks import Hooks
from traycreds.app.followers.machine_needs import MachineNeeds
from traycreds.app.followers.mfa_prompts import Asker, MfaPrompts
from traycreds.app.followers.regions import RegionWriter
from traycreds.app.followers.role_picker import RolePicker
from traycreds.app.followers.sign_ins import SignIns
from traycreds.app.followers.surroundings import SurroundingsWatch
from traycreds.app.menu_actions import MenuActions
from traycreds.app.minute_checks import MinuteChecks
from traycreds.app.saved_files import SavedFiles
from traycreds.app.supervisor import Supervisor
from traycreds.aws.mfa.sessions import MfaSessions
from traycreds.config import loader
from traycreds.control.protocol import Request
from traycreds.control.server import CommandReply
from traycreds.core.events import (
    AskForCode,
    Button,
    Clicked,
    ConfigChanged,
    Event,
    FollowUp,
    Locked,
    NetworkChanged,
    Notify,
    OpenSignIn,
    Resumed,
    RoleUsed,
    RunHook,
    SaveChoices,
    SetNeeds,
    SetRegions,
)
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
from traycreds.usecases import load

if TYPE_CHECKING:
    from traycreds.app.access_keys.age_watch import AgeWatch
    from traycreds.app.followers.team_watch import TeamWatch

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
        self._store = load.open_store(paths, self._clock)
        self._desktop = DesktopNotifier(click=self.take, picture=pixmaps.of_notice, tray=display.at_icon)
        self._engine = Engine(
            clock=self._clock,
            skew=self._clock.skew,
            source=DatedSource(LateSource(self._aws), self._clock),
            store=self._store,
            notifier=self,
            state=replace(first.state, saved_choices=first.choices, desired_regions={}, needs=frozenset()),
            watched=True,
            longest_wait=policy.LONGEST_WAIT if display.keeps_time else policy.WAKE_CAP,
            follow_up=self._follow_up,
        )
        post = self._engine.post

        # What carries out the follow-ups of its plans.
        self._hooks = Hooks()
        self._choices = ChoicesSaver(paths.state_dir)
        self._regions = RegionWriter(paths, post)
        self._mfa_prompts = MfaPrompts(
            self._mfa, snapshot=lambda: self._engine.snapshot, post=post, notify=self.answer, dialog=display.asker
        )

        # What watches the files, the sign-ins, the network and the engine.
        self._watch = ConfigWatch(
            paths,
            self._configured,
            self.send,
            besides=self._poll,
            included=self._check_team_files,
            seen=first.stamps,
        )
        self._team: TeamWatch | None = None
        self._key_ages: AgeWatch | None = None
        self._sign_ins = SignIns(
            paths,
            config_seen=lambda: self._watch.seen,
            snapshot=lambda: self._engine.snapshot,
            post=post,
            notify=self.send,
            muted=lambda: self._engine.muted,
        )
        self._around = SurroundingsWatch(
            display.show_around,
            sign_ins=self._sign_ins.due,
            notices=self._desktop.advice,
            in_terminal=capabilities.without_window,
        )
        self._network = NetworkWatch(lambda: post(NetworkChanged(self._clock.now())))
        self._machine_needs = MachineNeeds(self._network.want, AppNap().hold_off, self._desktop.ask_permission)
        self._supervisor = Supervisor(
            self._engine.stuck_for,
            takes_messages=self._engine.takes_messages,
            notifier=self,
            show=display.show,
        )
        self._minute_checks = MinuteChecks(self._engine, self._clock, stuck=self._watch.nudge)

        # What obeys the user: in the menu, and in a terminal.
        self._menu_actions = MenuActions(
            paths,
            notify=self.answer,
            editing=self._watch.expect_edits,
            sign_in=self._sign_ins.sign_in,
            used=lambda name: post(RoleUsed(name)),
            changed=self._around.check,
            offer_import=self._around.offer_import,
        )
        saved = SavedFiles(self._watch, self._store, self._engine)
        self._role_picker = RolePicker(
            paths,
            snapshot=lambda: self._engine.snapshot,
            take=self.take,
            request=self.handle_request,
            notify=self.answer,
        )
        self._control_requests = ControlRequests(
            self._engine,
            self._clock,
            post=self.take,
            check_config=saved.check,
            end=end,
            settings=settings,
            places=paths.places,
            config_taken=saved.config_taken,
            wait_until_saved=self._wait_until_saved,
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
        self._regions.finish(_SAVE_SECONDS)
        self._choices.wait_until_saved(_SAVE_SECONDS)
        for asking in (self._mfa_prompts, self._role_picker, self._menu_actions):
            asking.close()
        self._desktop.close()
        if not self._engine.running:  # else the file hangs, or its worker is at it
            with contextlib.suppress(TimeoutError, RuntimeError):
                bounded_call(
                    lambda: load.finish(self._store, seconds=_FINISH_SECONDS), seconds=_FINISH_SECONDS + 1, name="file"
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

    def send(self, notice: Notify) -> None:
        """The notifier port: the desktop, and anything else that shows notices."""
        self._send(notice)

    def answer(self, notice: Notify) -> None:
        """Tell what became of a click; where the desktop shows no notices, the menu does, until the next click."""
        if not self._send(notice):
            self._around.answer(self._with_buttons_that_work(notice))

    def take_back(self, keys: Iterable[str]) -> None:
        """The notifier port: take away notices that hold no longer."""
        self._desktop.take_back(keys)

    def _aws(self) -> CredentialSource:
        """The source of sessions; imported once a role needs one."""
        from traycreds.aws.sts import StsSource

        return StsSource(mfa=self._mfa, on_date=self._clock.seen)

    def _send(self, notice: Notify) -> bool:
        """Whether the desktop shows it."""
        self._display.notice(notice)
        if self._display.asker is not None and (device := notice.device) is not None:
            self._engine.after(lambda _: self._mfa_prompts.ask(device))  # at once, but after what is shown
        return self._desktop.send(self._with_buttons_that_work(notice))

    def _with_buttons_that_work(self, notice: Notify) -> Notify:
        return replace(notice, buttons=tuple(filter(self._works, notice.buttons)))

    def _works(self, button: Button) -> bool:
        command = button.command.command if isinstance(button.command, RoleCommand) else button.command
        return not isinstance(command, UiCommand) or command in self._display.can

    def _configured(self, event: Event) -> None:
        if isinstance(event, ConfigChanged):
            self._mfa.configure(event.settings)
            self._settings = event.settings
            self._regions.check()
        self._engine.post(event)

    def _poll_key_ages(self) -> None:
        """Watch the age of access keys; loads nothing before the user consents."""
        from traycreds.app.access_keys.age_watch import AgeWatch

        self._key_ages = self._key_ages or AgeWatch(self._paths, self.send, self._clock.now)
        self._key_ages.poll()

    def _follow_up(self, action: FollowUp) -> None:
        match action:
            case SaveChoices(choices=choices):
                self._choices.save(choices)
            case SetRegions(regions=regions):
                self._regions.write(regions)
            case SetNeeds(needs=needs):
                self._machine_needs.bring_about(needs)
            case RunHook():
                self._hooks.run(action)
            case AskForCode(device=device):
                self._mfa_prompts.ask(device)
            case OpenSignIn(role=role):  # pragma: no branch - there is no other
                if UiCommand.SIGN_IN in self._display.can:
                    self.take(RoleCommand(UiCommand.SIGN_IN, role))

    def _wait_until_saved(self, seconds: float) -> bool:
        """Wait until the choices and regions of the last plan are on disk; whether the regions are, or cannot be."""
        self._choices.wait_until_saved(seconds)
        return self._regions.wait_until_written(seconds)

    def _check_team_files(self) -> None:
        """Check the included files after a change; loads nothing if there never was one."""
        if self._team is None and loader.includes(self._paths):
            from traycreds.app.followers.team_watch import TeamWatch

            self._team = TeamWatch(self._paths, self.send)
        if self._team is not None:
            self._team.check()

    def _poll(self) -> None:
        if not self._display.keeps_time:
            self._minute_checks.notice_sleep(2 * self._watch.pause)
        self._supervisor.check(self._engine.snapshot)
        if self._store.changed():
            self._engine.check_file()
        self._sign_ins.check()
        if self._settings.list_access_keys:
            self._poll_key_ages()
        self._around.poll()
