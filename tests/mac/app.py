"""Starts the app as on a Mac in a private home, and lets a person use it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.mac import declarations
from tests.support.sandbox import Sandbox
from tests.support.wait_until import PATIENCE, until

ROOT = Path(__file__).parents[2]
_PROGRAMS = {
    "osascript": """\
[ $# = 0 ] && cat >> "$HOME/osascript.script"
case "$*" in *"display dialog"*|*"choose from list"*)
  while [ ! -e "$HOME/answer" ]; do sleep 0.05; done
  cat "$HOME/answer"; rm "$HOME/answer";;
esac""",
    "pbcopy": 'cat > "$HOME/clipboard"',
    "open": "",
    "launchctl": "",
}
"""Those of Apple's own that the app calls; each notes its arguments."""


class MacApp:
    """The app, and what a person or the system does to it."""

    def __init__(self, home: Path, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
        self.home = home
        ours, theirs = socket.socketpair()
        with theirs, (home / "output").open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.mac.steered_app", str(theirs.fileno()), *arguments],
                env=environment,
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        ours.settimeout(PATIENCE)
        self._socket = ours
        self._channel = ours.makefile("rw", encoding="utf-8")

    def ask(self, name: str, *arguments: Any) -> Any:
        """Have the person do something."""
        answer = ""
        with contextlib.suppress(ConnectionError):
            self._channel.write(json.dumps([name, *arguments]) + "\n")
            self._channel.flush()
            answer = self._channel.readline()
        assert answer, f"the app has ended: {self.output()}"
        content = json.loads(answer)
        assert "error" not in content, f"{name} {arguments}: {content['error']}"
        return content["value"]

    def wait_until_up(self) -> None:
        until(lambda: self.ask("is_up"), "the icon")

    def titles(self, *path: str) -> list[str]:
        """The menu as it is, or the submenu of a line that begins so."""
        lines = self.ask("menu")
        for part in path:
            lines = next((line["below"] for line in lines if line["title"].startswith(part)), [])
        return [line["title"] for line in lines]

    def wait_for(self, *path: str) -> None:
        """Wait for a line that begins so."""
        *above, last = path
        until(lambda: any(title.startswith(last) for title in self.titles(*above)), f"the line {path}")

    def click(self, *path: str) -> str:
        """Open the menu and click a line; gives what it said."""
        self.wait_for(*path)
        self.ask("open")
        return self.ask("choose", *path)

    def log_out(self) -> None:
        """The system asks the app to end; it may have ended before it could have said so."""
        self._channel.write(json.dumps(["log_out"]) + "\n")
        self._channel.flush()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """Wait for the end; gives the exit code."""
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"the app does not end: {self.output()}") from None

    def output(self) -> str:
        """All that it has printed."""
        return (self.home / "output").read_text(encoding="utf-8")

    def called(self, program: str) -> list[str]:
        """The command lines with which the app has called a program of Apple's."""
        file = self.home / f"{program}.calls"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def end(self) -> None:
        """Whatever it is doing."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        with contextlib.suppress(OSError):
            self._channel.close()
        self._socket.close()


class Mac:
    """A user's home on a Mac, with the simulator behind it, and the apps in it."""

    def __init__(self, sandbox: Sandbox, tmp_path: Path, temporary: Path) -> None:
        self.sandbox = sandbox
        self.temporary = temporary
        self.support = sandbox.home / "Library" / "Application Support" / "traycreds"
        programs = tmp_path / "programs"
        programs.mkdir()
        for name, body in _PROGRAMS.items():
            script = programs / name
            script.write_text(
                f'#!/bin/sh\nprintf "%s " "$@" | tr "\\n" " " >> "$HOME/{name}.calls"\necho >> "$HOME/{name}.calls"\n{body}\n'
            )
            script.chmod(0o700)
        self._path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self._apps: list[MacApp] = []

    def environment(self, **more: str) -> dict[str, str]:
        """What a process sees there."""
        path = os.pathsep.join([str(ROOT), *filter(None, [more.pop("PYTHONPATH", "")])])
        found = self.sandbox.environment(PATH=self._path, TMPDIR=str(self.temporary), PYTHONPATH=path, **more)
        found["TRAYCREDS_TEST_APPLE_TYPES"] = str(declarations.TYPES)
        del found["XDG_RUNTIME_DIR"]
        return found

    def start(self, *arguments: str, **more: str) -> MacApp:
        """Start the app and wait for its icon."""
        own_place = "demo" in arguments or not self.sandbox.config.exists()
        before = () if own_place else ("--config", str(self.sandbox.config))
        app = MacApp(self.sandbox.home, (*before, *arguments), self.environment(**more))
        self._apps.append(app)
        app.wait_until_up()
        return app

    def command(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as on this Mac."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            return subprocess.run(
                [sys.executable, "-m", "tests.mac.steered_app", str(theirs.fileno()), *arguments],
                env=self.environment(**more),
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                check=False,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
            )

    def socket_file(self) -> Path | None:
        """Where an app listens, or None."""
        return next(iter([*self.support.rglob("*.sock"), *self.temporary.rglob("*.sock")]), None)

    def end(self) -> list[str]:
        """End what still runs; gives all that a Mac would have refused, and each traceback that an app has printed."""
        for app in self._apps:
            app.end()
        file = self.sandbox.home / "violations"
        refused = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return refused + [app.output() for app in self._apps if "Traceback" in app.output()]
