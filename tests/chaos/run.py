"""One chaos run: the app, the world around it, and the pace of the clock.

The clock goes sixty times as fast as the real one, but keeps step with it as long as the app has something to do: what
takes the app real seconds is then as long for it as it is for a user.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tests.chaos.cpu_wait import STARVED_SECONDS, Stopwatch
from tests.chaos.desktop import Desktop
from tests.chaos.excuses import Excuses
from tests.chaos.foreign import Foreign
from tests.chaos.happenings import Happenings
from tests.chaos.home import ROLES, ChaosHome
from tests.chaos.invariants import ANSWER_SECONDS, GROWTH, BreachError, Figures, Invariants, Seen, figures, programs_of
from tests.chaos.schedule import WEIGHTS, happenings
from tests.chaos.tray import TRAY_WEIGHTS, TrayHappenings, TrayInvariants
from tests.support.fakes.steered_clock import SteeredClock
from tests.support.sim import AwsSimulator
from traycreds.awsfiles.ini import ProfileTextError
from traycreds.control import client, snapshot_json
from traycreds.control.protocol import Request
from traycreds.core.errors import NotRunningError, TraycredsError
from traycreds.core.snapshot import Snapshot, Status
from traycreds.state import paths

SPEED = 60
STEP = 4.0
"""The most seconds of the app's clock in one turn: what is read during it is no jump of a clock (`policy.JUMP`)."""
TURN = 0.07
"""Real seconds of a turn, at least."""
LONG = 120.0
"""Real seconds from which on a run says something of the growth of memory."""
COMMAND_SECONDS = 60.0
"""For a command that may wait for AWS, whose calls are given up after 45 s, and for the files."""
QUICK = ("status", "creds", "env", "use")
"""Commands that are quick: they ask nobody but the app and the file, where the session on file is good."""
QUICK_SECONDS = ANSWER_SECONDS + 1.0
"""With the start of a process on a busy machine."""
USE_SECONDS = QUICK_SECONDS + 1.5
"""For `use` beside programs that write, where both the credentials file and ~/.aws/config may hold it up."""
FILES_SECONDS = 3 * ANSWER_SECONDS + 1.0
"""For `creds` and `env` beside programs that write: they wait for the app and for both files."""
LEFT_BEHIND = 8
"""Processes that programs may leave behind until the app ends (`traycreds.process.group`)."""
UMASKS = (0o000, 0o022, 0o077)


class Run:
    """Lives a seed for so many real seconds.

    Attributes:
        seen: figures, for a summary.
    """

    def __init__(self, seed: str, folder: Path, *, tray: bool = False) -> None:
        self.seed = seed
        self._desktop = Desktop() if tray else None
        folder.mkdir()
        self._clock = SteeredClock(folder / "clock", share=1.0)
        self._simulator = AwsSimulator(clock=self._clock.now)
        self._simulator.start()
        self.home = ChaosHome(folder, self._simulator, self._clock)
        self.foreign = Foreign(self.home.credentials_file)
        self.excuses = Excuses(self._clock.now)
        self.umask = UMASKS[sum(seed.encode()) % len(UMASKS)]
        self.app = self.home.start_app(self.umask, bus=None if self._desktop is None else self._desktop.bus.address)
        world = self.home, self.app, self.foreign, self.excuses
        self.happenings = Happenings(*world) if self._desktop is None else TrayHappenings(*world, desktop=self._desktop)
        self.invariants = Invariants(*world, self.happenings)
        self.tray: TrayInvariants | None = None
        if isinstance(self.happenings, TrayHappenings):
            self.tray = TrayInvariants(self.happenings)
        self._folder = paths.locate(self.home.environment()).runtime_dir
        self._last = time.monotonic()
        self._slow = True
        self._shown: Snapshot | None = None
        self._breach: BreachError | None = None
        self._commands: list[threading.Thread] = []

    @property
    def seen(self) -> Seen:
        return self.invariants.seen

    def close(self) -> None:
        self.home.answers.close()
        self.app.close()
        for program in programs_of(self.home, self.app):
            with contextlib.suppress(ProcessLookupError):
                os.kill(program, signal.SIGKILL)
        with contextlib.suppress(AssertionError):
            self.foreign.end()
        with contextlib.suppress(RuntimeError):
            self.home.relay.cut()
        self._simulator.close()
        self._clock.close()
        if self._desktop is not None:
            self._desktop.close()

    def live(self, seconds: float) -> None:
        """Raises BreachError when something does not hold."""
        self.excuses.begin(ROLES)
        self._until(self._listens, "the app takes commands", 30)
        self._last = time.monotonic()
        self._until_all_good("the first sessions are on file", 60)
        self.excuses.end(ROLES)
        # The first command starts the server that forks commands, so run one before measuring.
        self.home.command("status")
        base, third = figures(self.app.process.pid), None
        weights = WEIGHTS if self.tray is None else TRAY_WEIGHTS
        schedule, begun = happenings(self.seed, weights), time.monotonic()
        coming = next(schedule)
        log_checked_at = begun
        while (passed := time.monotonic() - begun) < seconds:
            while coming.at <= passed:
                self.happenings.play(coming)
                coming = next(schedule)
            self.happenings.end_what_is_over()
            self.turn()
            if third is None and passed > seconds / 3:
                third = figures(self.app.process.pid)
            if time.monotonic() > log_checked_at + 15:
                self.invariants.check_log()
                log_checked_at = time.monotonic()
        self._finish(base, third or base, long=seconds >= LONG)

    def turn(self) -> Snapshot:
        """A moment passes; then everything is looked at."""
        began = time.monotonic()
        passed, self._last = began - self._last, began
        self._clock.advance(timedelta(seconds=passed if self._slow else min(STEP, passed * SPEED)))
        self.home.show_code()
        self.home.show_assertion()
        if self.happenings.stopped_for is not None:
            self.happenings.play_stop(lambda: self._command("creds dev"))
        for line in self.happenings.commands:
            self._command(line)
        self.happenings.commands.clear()
        for request in self.happenings.requests:
            with contextlib.suppress(client.AppError):
                self._ask(request)
        self.happenings.requests.clear()
        watch = Stopwatch(self.app.process.pid)
        snapshot = snapshot_json.decode(self._ask(Request(id="chaos", do="status"))["snapshot"])
        self._shown = snapshot
        self.invariants.answered(snapshot, watch.own_seconds)
        self.invariants.check()
        if self.tray is not None:
            self.tray.check()
        if self._breach is not None:
            raise self._breach
        self._slow = self._must_be_slow(snapshot)
        time.sleep(max(0.0, began + TURN - time.monotonic()))
        return snapshot

    def _must_be_slow(self, snapshot: Snapshot) -> bool:
        """Whether something is in progress that takes real time, or ought to be."""
        if self.foreign.at_work:
            return True
        bad = set(self.invariants.bad_roles())
        return any(
            view.retrying or view.status is Status.REFRESHING or (view.name in bad and view.retry_at is None)
            for view in snapshot.roles
            if view.name in ROLES and not self.excuses.active(view.name)
        )

    def _ask(self, request: Request):
        watch = Stopwatch(self.app.process.pid)
        while True:
            try:
                return client.ask(self._folder, request)
            except NotRunningError as error:  # noqa: PERF203 - it takes seconds
                starved = isinstance(error, client.SilentError) and watch.own_seconds < ANSWER_SECONDS
                if not starved or watch.seconds > STARVED_SECONDS:
                    spent = f"{watch.seconds:.1f} s, {watch.own_seconds:.1f} without the wait for a CPU"
                    raise BreachError(f"no answer to {request.do} after {spent}: {error.sentence}") from None

    def _command(self, line: str) -> None:
        """Run a command beside the app; what comes of it is looked at when it has ended."""

        def run() -> None:
            most, watch = self._most_seconds(line), Stopwatch(self.app.process.pid)
            try:
                done = self.home.command(
                    *line.split(), timeout=COMMAND_SECONDS + STARVED_SECONDS, AWS_ENDPOINT_URL_STS=self.home.relay.url
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                self._breach = BreachError(f"{line}: {error}")
                return
            spent = watch.own_seconds
            self.seen.commands += 1
            self.happenings.log.append(f"{line} ended with {done.returncode} after {watch.seconds:.1f} s ({spent:.1f})")
            self.seen.slowest_command = max(self.seen.slowest_command, spent)
            most = max(most, self._most_seconds(line))
            if most == QUICK_SECONDS:
                self.seen.quick_commands += 1
                self.seen.slowest_quick_command = max(self.seen.slowest_quick_command, spent)
            if spent > most:
                self._breach = BreachError(f"{line} took {spent:.1f} s, not {most:.1f}: {done.stdout}{done.stderr}")
            if done.returncode not in (0, 2, 3, 4, 5) and "doctor" not in line:
                self._breach = BreachError(f"{line} ended with {done.returncode}: {done.stderr[-500:]}")
            if "Traceback" in done.stderr or "unexpected" in done.stderr.lower():
                self._breach = BreachError(f"{line} ended with {done.returncode}: {done.stderr[-2000:]}")

        self._commands = [thread for thread in self._commands if thread.is_alive()]
        thread = threading.Thread(target=run, name=line, daemon=True)
        thread.start()
        self._commands.append(thread)

    def _most_seconds(self, line: str) -> float:
        """For a command, if it runs now: it may have to wait for AWS, or for a program that is in the middle of a write."""
        do, *names = line.split()
        if do == "status":
            return QUICK_SECONDS
        if do not in QUICK or not all(map(self._good, names)):
            return COMMAND_SECONDS
        if self.foreign.at_work:
            return USE_SECONDS if do == "use" else FILES_SECONDS
        return QUICK_SECONDS

    def _good(self, role: str) -> bool:
        """Whether a role's session is good, and nothing that continues may end it; the app knows while others write."""
        if self.excuses.holds(role):
            return False
        if self.foreign.at_work:
            views = [view for view in self._shown.roles if view.name == role] if self._shown else []
            return any(view.status is Status.FRESH for view in views)
        try:
            return self.home.valid(role)
        except ProfileTextError:
            return False

    def _listens(self) -> bool:
        if self.app.process.poll() is not None:
            raise BreachError(f"the app did not start: {self.app.lines}")
        with contextlib.suppress(NotRunningError):
            return bool(client.ask(self._folder, Request(id="chaos", do="status")))
        return False

    def _until(self, condition, what: str, seconds: float) -> None:
        watch = Stopwatch(self.app.process.pid)
        while not condition():
            if watch.is_over(seconds):
                raise BreachError(f"not within {seconds:.0f} s: {what}; {self._why()}")
            time.sleep(0.05)

    def _why(self) -> str:
        with contextlib.suppress(TraycredsError):
            return " | ".join(self.invariants.state_of(role) for role in self.invariants.bad_roles())
        return ""

    def _until_all_good(self, what: str, seconds: float) -> None:
        def good() -> bool:
            self._slow = True
            self.turn()
            return not self.invariants.bad_roles()

        self._until(good, what, seconds)

    def _finish(self, base: Figures, third: Figures, *, long: bool) -> None:
        """All is well again: so is the app, and it has kept nothing."""
        self.happenings.end_what_is_over(all_of_it=True)
        self.foreign.end()
        self.happenings.note("all is well again")
        self.excuses.allow(ROLES, grace=timedelta(seconds=120))
        self.happenings.requests.append(Request(id="chaos", do="refresh", roles=ROLES, wait=False))
        self._until_all_good("all sessions are good at the end", 100)

        def whole() -> bool:
            self._slow = True
            # A turn moves the clock on, and with it the retries that are still due.
            self.turn()
            return self.tray is None or self.tray.is_whole()

        self._until(whole, "the menu shows all sessions", 100)

        def settled() -> bool:
            self._slow = True
            busy = any(view.retrying or view.status is Status.REFRESHING for view in self.turn().roles)
            now = figures(self.app.process.pid)
            kept = self.home.aws_config.read_text().splitlines()
            whole = not self.foreign.lost(patience=-1) and all(line in kept for line in self.home.aws_config_lines)
            busy = busy or any("sleep 123456" in line for line in self.invariants.programs())
            return whole and not busy and now.threads <= base.threads + 3 and now.files <= base.files + 6

        try:
            self._until(settled, "threads, files and foreign bytes are as they were", 90)
        except BreachError as breach:
            lost, now = self.foreign.lost(patience=-1), figures(self.app.process.pid)
            config = self.home.aws_config.read_text()
            raise BreachError(f"{breach}; {base}, {now}, lost: {lost}, ~/.aws/config: {config!r}") from None
        for thread in self._commands:
            thread.join(COMMAND_SECONDS + STARVED_SECONDS)
        now = figures(self.app.process.pid)
        if long and now.resident > third.resident + GROWTH:
            raise BreachError(f"memory grows: {base}, {third}, {now}")
        self.invariants.check_log()
        self.invariants.check_modes()
        self.invariants.check_children(left_behind=LEFT_BEHIND)
        self.home.command("quit")
        try:
            code = self.app.process.wait(15)
        except subprocess.TimeoutExpired:
            raise BreachError("the app does not end") from None
        if code != 0:
            raise BreachError(f"the app ended with {code}")
        self.invariants.check_children()


@contextlib.contextmanager
def running(seed: str, folder: Path, *, tray: bool = False) -> Iterator[Run]:
    run = Run(seed, folder, tray=tray)
    try:
        yield run
    finally:
        run.close()
