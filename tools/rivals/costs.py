"""Compares what traycreds and others cost, in one run: start, memory, CPU at rest, calls to AWS.

`python -m tools.rivals.costs --logsmith CHECKOUT --logsmith-python PYTHON --autoawsume PROGRAM --aws PROGRAM [--write]`

logsmith is a checkout of its sources (https://github.com/otto-de/logsmith) and a Python with what they import: PyQt6, boto3
and ruamel.yaml. autoawsume (of awsume) and the AWS CLI are programs as pip installs them. Each program has a home and a
simulated AWS of its own with the same three roles, and all have one display (Xvfb) and one session bus with a tray host.
They run at the same time for over an hour, since that is how long a session lasts. Prints a table in Markdown. Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from tests.desktop.desktop import start_x
from tests.desktop.session_bus import MenuClient, PrivateBus, Watcher
from tests.support.sandbox import ACCOUNT, Sandbox
from tests.support.wait_until import until
from tools.bench import process
from tools.bench.app import WITHOUT_CRT
from tools.bench.row import seconds
from tools.marked_page import put
from traycreds.sim.simulator import Simulator

PAGE = Path(__file__).resolve().parents[2] / "docs" / "measurements.md"
ROLES = ("dev", "test", "prod")
STARTS = 9
"""How often each program is started."""
SETTLED_SECONDS = 20.0
"""Seconds after which a program that has its sessions rests."""
REST_SECONDS = 300.0
"""Seconds of rest in which CPU time is measured."""
MINUTES = 62.0
"""From the first sessions on: longer than they last."""
SECRET = "trial/secret+trial/secret+trial/secret12"


class Program(ABC):
    """One program in a home of its own.

    Attributes:
        name: with its version.
        sandbox: its home.
        environment: what it sees.
    """

    name: str
    sandbox: Sandbox
    environment: dict[str, str]

    @abstractmethod
    def start(self) -> tuple[subprocess.Popen[bytes] | None, str, float]:
        """Start it; returns its process, if one stays, and the seconds until it was there, with what that means."""

    @abstractmethod
    def sessions(self) -> float:
        """Seconds more until all roles have a session."""

    def spawn(self, *command: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a process of it."""
        log = (self.sandbox.home / "output.log").open("wb")
        with log:
            return subprocess.Popen(command, env={**self.environment, **more}, stdout=log, stderr=log)


class _OnTray(Program):
    """A program whose icon appears in the tray."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self.item = ""

    def start(self) -> tuple[subprocess.Popen[bytes] | None, str, float]:
        """Start it, and wait for its icon."""
        before = len(self._watcher.items)
        begun = time.perf_counter()
        running = self.spawn(*self.command())
        _wait(lambda: len(self._watcher.items) > before, running)
        took = time.perf_counter() - begun
        self.item = self._watcher.items[before]
        return running, "to its icon", took

    @abstractmethod
    def command(self) -> Sequence[str]:
        """What starts it."""


class Traycreds(_OnTray):
    """Ours, which keeps three roles."""

    def __init__(self, sandbox: Sandbox, environment: dict[str, str], watcher: Watcher) -> None:
        super().__init__(watcher)
        self.name, self.sandbox = "traycreds", sandbox
        hidden = sandbox.home / "hidden"
        hidden.mkdir()
        (hidden / "awscrt.py").write_text(WITHOUT_CRT, encoding="utf-8")
        self.environment = {**environment, "PYTHONPATH": str(hidden)}
        for role in ROLES:
            sandbox.add_role(role, extra="keep = true")

    def command(self) -> Sequence[str]:
        """`traycreds run`."""
        return process.script(), "run"

    def sessions(self) -> float:
        """It keeps them by itself."""
        return _until_all(lambda: {f"{role}-session" for role in ROLES} <= self.sandbox.profiles().keys())


class Logsmith(_OnTray):
    """logsmith with one group of three roles, and an MFA session of this morning."""

    _ACCOUNTS = """\
team:
  team: team
  region: us-east-1
  color: '#ffffff'
  auth_mode: key
  profiles:
"""

    def __init__(
        self, sandbox: Sandbox, environment: dict[str, str], watcher: Watcher, bus: PrivateBus, *, files: Sequence[Path]
    ) -> None:
        super().__init__(watcher)
        self._checkout, self._python = files
        self._bus = bus
        version = (self._checkout / "app" / "version.py").read_text(encoding="utf-8").split('"')[1]
        self.name, self.sandbox = f"logsmith {version}", sandbox
        self.environment = {**environment, "PYTHONPATH": str(self._checkout), "QT_QPA_PLATFORM": "xcb"}
        text = sandbox.credentials_file.read_text(encoding="utf-8").replace("[base]", "[access-key]")
        day = sandbox.simulator.world.open_session(
            sandbox.owner.principal, expires_at=datetime.now(timezone.utc) + timedelta(hours=12)
        )
        text += (
            f"\n[session-token-access-key]\naws_access_key_id = {day.access_key_id}\n"
            f"aws_secret_access_key = {day.secret_access_key}\naws_session_token = {day.session_token}\n"
        )
        sandbox.credentials_file.write_text(text, encoding="utf-8")
        profiles = "".join(f"  - profile: {role}\n    account: '{ACCOUNT}'\n    role: {role}\n" for role in ROLES)
        (sandbox.home / ".logsmith").mkdir()
        (sandbox.home / ".logsmith" / "accounts.yaml").write_text(f"{self._ACCOUNTS}{profiles}", encoding="utf-8")

    def command(self) -> Sequence[str]:
        """Its tray."""
        return str(self._python), str(self._checkout / "app" / "run.py")

    def sessions(self) -> float:
        """A click on the group gets them, and has them renewed."""
        with contextlib.closing(MenuClient(self._bus, self.item)) as menu:
            menu.wait_for("team")
            begun = time.perf_counter()
            menu.click("team")
            _until_all(lambda: {*ROLES} <= self.sandbox.profiles().keys())
            return time.perf_counter() - begun


class Autoawsume(Program):
    """autoawsume, the daemon of awsume, with three roles whose sessions have ended."""

    def __init__(self, sandbox: Sandbox, environment: dict[str, str], *, program: Path) -> None:
        self._program = program
        self.name = f"autoawsume {_version(program, 'awsume')}"
        self.sandbox, self.environment = sandbox, environment
        _add_profiles(sandbox)
        ended = f"{datetime.now().astimezone() - timedelta(minutes=1):%Y-%m-%d %H:%M:%S}"
        managed = "".join(
            f"[autoawsume-{role}]\nmanager = awsume\naws_access_key_id = ASIATRIALTRIALTRIAL1\n"
            f"aws_secret_access_key = {SECRET}\naws_session_token = {SECRET}\nregion = us-east-1\nautoawsume = true\n"
            f"expiration = {ended}\nawsumepy_command = {role} -a\n"
            for role in ROLES
        )
        with sandbox.credentials_file.open("a", encoding="utf-8") as file:
            file.write(f"\n{managed}")

    def start(self) -> tuple[subprocess.Popen[bytes] | None, str, float]:
        """Start the daemon, and wait for its first call to AWS."""
        before = len(self.sandbox.simulator.calls)
        begun = time.perf_counter()
        running = self.spawn(str(self._program))
        _wait(lambda: len(self.sandbox.simulator.calls) > before, running)
        return running, "to its first call", time.perf_counter() - begun

    def sessions(self) -> float:
        """It renews those that have ended."""
        return _until_all(
            lambda: all(
                self.sandbox.profiles().get(f"autoawsume-{role}", {}).get("aws_secret_access_key", SECRET) != SECRET
                for role in ROLES
            )
        )


class AwsCli(Program):
    """The AWS CLI, which gets a session whenever a command needs one, and keeps it in a cache on the disk."""

    asked = "get-caller-identity"

    def __init__(self, sandbox: Sandbox, environment: dict[str, str], *, program: Path) -> None:
        self._program = program
        self.name = f"AWS CLI {_version(program, 'awscli')}"
        self.sandbox, self.environment = sandbox, environment
        _add_profiles(sandbox)

    def start(self) -> tuple[subprocess.Popen[bytes] | None, str, float]:
        """Only its own start: no process stays."""
        return None, "to the end of `aws --version`", process.took([str(self._program), "--version"], self.environment)

    def sessions(self) -> float:
        """A command for each role."""
        return sum(process.took(self._command(role), self.environment) for role in ROLES)

    def _command(self, role: str) -> list[str]:
        return [str(self._program), "sts", self.asked, "--profile", role]


def _add_profiles(sandbox: Sandbox) -> None:
    """The roles as AWS's own files name them."""
    with sandbox.aws_config.open("a", encoding="utf-8") as file:
        for role in ROLES:
            arn = sandbox.add_role(role)
            file.write(f"[profile {role}]\nrole_arn = {arn}\nsource_profile = base\nregion = us-east-1\n")


def _version(program: Path, package: str) -> str:
    show = f"import importlib.metadata as m; print(m.version({package!r}))"
    command = [str(program.with_name("python")), "-c", show]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _wait(there: Callable[[], object], running: subprocess.Popen[bytes]) -> None:
    """Wait for what is measured in milliseconds."""
    give_up = time.monotonic() + 60
    while not there():
        if running.poll() is not None or time.monotonic() > give_up:
            raise TimeoutError(f"{running.args!r} did not start")
        time.sleep(0.001)


def _until_all(there: Callable[[], bool]) -> float:
    begun = time.perf_counter()
    until(there, "three sessions", timeout=60)
    return time.perf_counter() - begun


class Measured:
    """What one program costs, as it comes in."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.running: subprocess.Popen[bytes] | None = None
        self._at_first = program.sandbox.credentials_file.read_text(encoding="utf-8")
        self.cells: dict[str, str] = {}
        self._starts: list[float] = []
        self._meaning = ""
        self._calls_before = 0
        self._cpu_before = 0.0

    def time_start(self) -> None:
        """Start it, note how long that takes, and end it."""
        self.running, self._meaning, took = self.program.start()
        self._starts.append(took)
        self.end()
        self.program.sandbox.credentials_file.write_text(self._at_first, encoding="utf-8")
        self.program.sandbox.at_rest()

    def start(self) -> None:
        """Start it to stay, and have it get its sessions."""
        self.cells["start"] = f"{seconds(self._starts)}, {self._meaning}"
        self.running, _, _ = self.program.start()
        self.cells["from there to three sessions"] = f"{self.program.sessions():.1f} s"

    def note_memory(self) -> None:
        """With three sessions, at rest."""
        if self.running is None:
            self.cells["memory (PSS) with three sessions"] = "nothing stays in memory"
        else:
            self.cells["memory (PSS) with three sessions"] = f"{process.pss(self.running.pid):.1f} MiB"

    def begin_rest(self) -> None:
        """From here on nothing is asked of it, and calls are counted."""
        self._calls_before = len(self.program.sandbox.simulator.calls)
        if self.running is not None:
            self._cpu_before = process.cpu(self.running.pid)

    def end_rest(self, lasted: float) -> None:
        """To here."""
        if self.running is None:
            self.cells["CPU at rest for five minutes"] = "nothing runs"
        else:
            used = process.cpu(self.running.pid) - self._cpu_before
            self.cells["CPU at rest for five minutes"] = f"{used / lasted * 100:.4f} %"

    def note_calls(self, minutes: float) -> None:
        """Since it rests."""
        calls = self.program.sandbox.simulator.calls[self._calls_before :]
        if isinstance(self.program, AwsCli):
            # These calls are the command that the script runs, not what keeps sessions.
            calls = [call for call in calls if call.action != "GetCallerIdentity"]
        kinds = Counter(call.action for call in calls)
        hours = minutes / 60 * len(ROLES)
        detail = ", ".join(f"{kind} {count / hours:.1f}" for kind, count in sorted(kinds.items()))
        self.cells["calls to AWS for each role and hour"] = f"{len(calls) / hours:.1f} ({detail or 'none'})"
        assert all(call.outcome == "OK" for call in calls), f"{self.program.name} was refused"

    def end(self) -> None:
        """Stop it."""
        if self.running is not None:
            self.running.terminate()
            self.running.wait(20)
            self.running = None


def measured(programs: Sequence[Program], minutes: float) -> list[Measured]:
    """Start each in turn, then let all rest and renew at the same time."""
    all_of_them = [Measured(program) for program in programs]
    with contextlib.ExitStack() as ends:
        for each in all_of_them:
            ends.callback(each.end)
        for _ in range(STARTS):
            for each in all_of_them:
                each.time_start()
        for each in all_of_them:
            each.start()
            print(f"{each.program.name}: {each.cells}", file=sys.stderr)
        time.sleep(SETTLED_SECONDS)
        for each in all_of_them:
            each.note_memory()
            each.begin_rest()
        begun = time.monotonic()
        time.sleep(REST_SECONDS)
        for each in all_of_them:
            each.end_rest(time.monotonic() - begun)
        _keep_asking([each.program for each in all_of_them], until_=begun + minutes * 60)
        passed = (time.monotonic() - begun) / 60
        for each in all_of_them:
            each.note_calls(passed)
    return all_of_them


def _keep_asking(all_of_them: Sequence[Program], until_: float) -> None:
    """The AWS CLI renews nothing unless it is asked; so it is, as by a script that runs every ten minutes."""
    while (left := until_ - time.monotonic()) > 0:
        for each in all_of_them:
            if isinstance(each, AwsCli):
                each.sessions()
        time.sleep(min(600.0, left))


def table(found: Mapping[str, Mapping[str, str]]) -> str:
    """Programs beside each other, a row for each figure."""
    rows = next(iter(found.values()))
    lines = [f"| | {' | '.join(found)} |", "|---|" + "---|" * len(found)]
    return "\n".join([*lines, *(f"| {row} | {' | '.join(cells[row] for cells in found.values())} |" for row in rows)])


@contextlib.contextmanager
def programs(chosen: argparse.Namespace) -> Iterator[list[Program]]:
    """All programs, each with a new home."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bus = stack.enter_context(PrivateBus())
        watcher = stack.enter_context(Watcher(bus))
        display = start_x(stack)

        def home(name: str) -> tuple[Sandbox, dict[str, str]]:
            simulator = stack.enter_context(Simulator())
            (folder / name).mkdir()
            sandbox = Sandbox(folder / name, simulator)
            environment = sandbox.environment(DBUS_SESSION_BUS_ADDRESS=bus.address, DISPLAY=display)
            return sandbox, {**environment, "AWS_ENDPOINT_URL": simulator.url, "AWS_DEFAULT_REGION": "us-east-1"}

        logsmith, environment = home("logsmith")
        for role in ROLES:
            logsmith.add_role(role)
        yield [
            Traycreds(*home("traycreds"), watcher),
            Logsmith(logsmith, environment, watcher, bus, files=(chosen.logsmith, chosen.logsmith_python)),
            Autoawsume(*home("autoawsume"), program=chosen.autoawsume),
            AwsCli(*home("awscli"), program=chosen.aws),
        ]


def note(minutes: float, load: float) -> str:
    """What the figures are from."""
    return (
        f"Measured by `python -m tools.rivals.costs` on {datetime.now(timezone.utc):%Y-%m-%d} in one run of {minutes:.0f} minutes, on "
        f"{os.cpu_count()} processors with Python {platform.python_version()}, {platform.system()}, at a load of {load:.1f} from other "
        f"work when it began. Each program keeps three roles with sessions of an hour; the AWS CLI is asked for them every ten "
        f"minutes. Times are the best of {STARTS}."
    )


def main(arguments: list[str]) -> None:
    """Measure, print, and write into the page on measurements where asked to."""
    options = argparse.ArgumentParser(prog="python -m tools.rivals.costs", description=__doc__)
    options.add_argument("--logsmith", type=Path, required=True, metavar="CHECKOUT")
    options.add_argument("--logsmith-python", type=Path, required=True, metavar="PYTHON")
    options.add_argument("--autoawsume", type=Path, required=True, metavar="PROGRAM")
    options.add_argument("--aws", type=Path, required=True, metavar="PROGRAM")
    options.add_argument("--minutes", type=float, default=MINUTES, help=f"default: {MINUTES:.0f}")
    options.add_argument(
        "--write", type=Path, metavar="PAGE", nargs="?", const=PAGE, help="default: docs/measurements.md"
    )
    chosen = options.parse_args(arguments)
    load = os.getloadavg()[0]
    with programs(chosen) as all_of_them:
        found = {each.program.name: each.cells for each in measured(all_of_them, chosen.minutes)}
    text = f"{table(found)}\n\n{note(chosen.minutes, load)}"
    print(text)
    if chosen.write:
        chosen.write.write_text(put(chosen.write.read_text(encoding="utf-8"), "costs", f"{text}\n"), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
