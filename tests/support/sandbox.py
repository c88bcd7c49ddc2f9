"""A user's home for whole-process tests: AWS files, our configuration, and the simulated STS behind them."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
from pathlib import Path

from tests.support import fork_server, memory
from tests.support.wait_until import PATIENCE, until
from traycreds.awsfiles.ini_edit import parse
from traycreds.control import transport
from traycreds.files.atomic_write_windows import patiently
from traycreds.sim.simulator import Simulator

ACCOUNT = "123456789012"
CREDENTIALS = """\
# my own keys
[base]
aws_access_key_id = {0}
aws_secret_access_key = {1}
"""


ROLE_OF_STATUS = {
    "name",
    "profile",
    "state",
    "expires_at",
    "seconds_left",
    "is_default",
    "wanted_default",
    "kept",
    "region",
    "error",
}
"""What `status --json` says of a role."""


def has_mode(path: Path, mode: int) -> bool:
    """Whether a file has a mode; Windows has none, where the home folder keeps others out."""
    return sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == mode


_KEPT = ("PATH", "LANG", "COVERAGE_PROCESS_START")
if sys.platform == "win32":
    _KEPT += ("SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    # `tests/conftest.py` sets these.
    _KEPT += ("WIN_PD_OVERRIDE_LOCAL_APPDATA", "WIN_PD_OVERRIDE_APPDATA")


class Sandbox:
    """Home folder, configuration and simulator; `simulator` is running.

    Attributes:
        program: the words that start traycreds.
        patience: seconds for a command that says nothing else.
        home: the folder.
        config: our configuration file.
        state: the folder of what outlives a restart.
        log: the log file.
        owner: the long-lived key of profile `base`.
    """

    program: tuple[str, ...] = (sys.executable, "-m", "traycreds")
    patience: float = PATIENCE + 10

    def __init__(self, home: Path, simulator: Simulator) -> None:
        self.home = home
        self.simulator = simulator
        self.credentials_file = home / ".aws" / "credentials"
        self.aws_config = home / ".aws" / "config"
        windows = home / "AppData" / "Local" / "traycreds" if sys.platform == "win32" else None
        self.config = (windows or home / ".config" / "traycreds") / "config.toml"
        self.state = windows or home / ".local" / "state" / "traycreds"
        self.log = self.state / ("Logs" if windows else "log") / "traycreds.log"
        self.runtime = home / "runtime"
        self.runtime.mkdir(mode=0o700)
        self.owner = simulator.world.add_user("base")
        self.credentials_file.parent.mkdir(parents=True, mode=0o700)
        self.credentials_file.touch(mode=0o600)
        self.credentials_file.write_text(
            CREDENTIALS.format(self.owner.access_key_id, self.owner.secret_access_key), encoding="utf-8", newline="\n"
        )
        self.aws_config.write_text("[default]\nregion = us-east-1\n", encoding="utf-8", newline="\n")
        self.at_rest()

    def add_role(self, name: str, *, trusted: bool = True, extra: str = "", source: str = "base") -> str:
        """A role in the simulator and a table for it in our configuration; returns its ARN."""
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        trust = [self.owner.principal.arn] if trusted else []
        self.simulator.world.add_role(arn, trust=trust, max_session=43200)
        self.config.parent.mkdir(parents=True, exist_ok=True)
        with self.config.open("a", encoding="utf-8", newline="\n") as file:
            file.write(f'[roles.{name}]\nrole_arn = "{arn}"\nsource_profile = "{source}"\n{extra}\n')
        return arn

    def at_rest(self) -> None:
        """Let both AWS files have been written long ago, so that the next reader need not wait for more."""
        for path in (self.credentials_file, self.aws_config):
            os.utime(path, (1e9, 1e9))

    def environment(self, **more: str) -> dict[str, str]:
        """What a process in this home sees."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        if "PYTHONPATH" in kept and "PYTHONPATH" in more:
            more["PYTHONPATH"] += os.pathsep + kept["PYTHONPATH"]
        return {
            **kept,
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            # The developer's own app may use the real one.
            "XDG_RUNTIME_DIR": str(self.runtime),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials_file),
            "AWS_CONFIG_FILE": str(self.aws_config),
            "AWS_ENDPOINT_URL_STS": self.simulator.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "BOTO_DISABLE_CRT": "true",
            "COLUMNS": "120",
            **more,
        }

    def command(
        self,
        *arguments: str,
        timeout: float | None = None,
        encoding: str | None = None,
        cold: bool = False,
        **more: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run traycreds to its end.

        Args:
            arguments: its command line.
            timeout: seconds; `patience` if there is none.
            encoding: of what it prints; the machine's own if there is none.
            cold: start Python for it, and fork none that has imported everything: where the start itself is tested.
            more: what its environment has besides.
        """
        environment = self.environment(**more)
        seconds = timeout or self.patience
        if encoding is None and not cold and self._forks(environment):
            return fork_server.run("traycreds", arguments, environment, timeout=seconds)
        return subprocess.run(
            [*self.program, *arguments],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            encoding=encoding,
            timeout=seconds,
        )

    def start(
        self, *arguments: str, cold: bool = False, **more: str
    ) -> subprocess.Popen[str] | fork_server.ForkedProcess:
        """Start traycreds, `cold` as in `command`; the caller ends it."""
        environment = self.environment(**more)
        if not cold and self._forks(environment):
            return fork_server.start("traycreds", arguments, environment)
        return subprocess.Popen(
            [*self.program, *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def aws(self, *arguments: str, timeout: float = 30, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the AWS CLI to its end."""
        return fork_server.run_anywhere("awscli", arguments, self.environment(**more), timeout=timeout)

    def _forks(self, environment: dict[str, str]) -> bool:
        return self.program is Sandbox.program and fork_server.fits(environment)

    @contextlib.contextmanager
    def apps(self):
        """Gives what starts an app as `start` does; what still runs in the end is killed."""
        running = []

        def started(*arguments: str, **more: str):
            running.append(self.start(*arguments, **more))
            return running[-1]

        try:
            yield started
        finally:
            for process in running:
                if process.poll() is None:
                    memory.note_running(process.args, process.pid)
                    process.kill()
                process.communicate(timeout=PATIENCE)

    def end(self, app: subprocess.Popen[str] | fork_server.ForkedProcess) -> None:
        """Have the app end as the system does, or where that has no signal for it, as its user does."""
        if sys.platform == "win32":
            self.command("quit")
        else:
            app.terminate()

    def listens(self) -> bool:
        """Whether an app has begun to take commands."""
        if sys.platform != "win32":
            return (self.runtime / "traycreds" / "control.sock").exists()
        connection = transport.connect(self.state / "run", seconds=1)
        if connection is not None:
            connection.close()
        return connection is not None

    def profiles(self) -> dict[str, dict[str, str]]:
        """The credentials file as AWS tools read it, which on Windows have to wait for the moment of a rename."""
        return parse(patiently(lambda: self.credentials_file.read_text(encoding="utf-8")))

    def wait_for_profile(self, name: str) -> dict[str, str]:
        """Wait until a profile is on file."""
        return until(lambda: self.profiles().get(name), f"profile {name} is written")
