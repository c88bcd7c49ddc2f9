"""Windows' side of a build on Linux: its packages, its Python run by Wine, a C: drive for as long as a build takes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import final

from lib.environment import Environments

_SYSTEM = "x86_64-pc-windows-msvc"


def environment(drive: Path, *, without: tuple[str, ...]) -> dict[str, str]:
    """The environment for programs under Wine: ours, but for variables that begin like those in `without`.

    Args:
        drive: the folder that holds the C: drive.
        without: beginnings of names.
    """
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(without)},
        "WINEPREFIX": str(drive),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        # Without this, Wine asks for Mono and Gecko at its first start.
        "WINEDLLOVERRIDES": "mscoree,mshtml=",
    }


@final
class Drive:
    """A C: drive of Wine's, made at entry and given up at exit; nobody else's Wine has to do with it."""

    def __init__(self, folder: Path, *, display: str | None = None) -> None:
        """Nothing is made yet.

        Args:
            folder: is not there yet.
            display: where its windows come; None: wherever DISPLAY says.
        """
        self._folder = folder
        self.environ = environment(folder, without=("PYTHON",))
        if display is not None:
            self.environ["DISPLAY"] = display

    def __enter__(self) -> Drive:
        """Make it, and keep Wine's server until the exit.

        The server holds the streams of the process that starts it, so it must not be one of the build's programs.
        """
        self._folder.mkdir()
        self._quietly("wineserver", "--persistent")
        self._quietly("wine", "wineboot", "--init")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End what still runs on it."""
        self._quietly("wineserver", "--kill", check=False)
        self._quietly("wineserver", "--wait", check=False)

    def _quietly(self, *command: str, check: bool = True) -> None:
        quiet = subprocess.DEVNULL
        subprocess.run(command, env=self.environ, check=check, stdin=quiet, stdout=quiet, stderr=quiet, timeout=180)


class WineEnvironments(Environments):
    """Environments for Windows: tools that only read the packages run here, PyInstaller runs on Windows' Python."""

    platform = "win32"

    def __init__(self, folder: Path, drive: Drive, python: Path) -> None:
        """Nothing is made before it is needed.

        Args:
            folder: for this build alone; its maker removes it.
            drive: where Wine runs.
            python: a python.exe; the embeddable package of python.org will do.
        """
        super().__init__(folder)
        self._drive = drive
        self._windows_python = python

    def _install(self, python: Path, *arguments: str | Path) -> None:
        """By uv where it is the app's: pip would look at this side's markers."""
        if python != self._made.get("app"):
            super()._install(python, *arguments)
            return
        version = self._output_of("-c", "import sys; print('%d.%d' % sys.version_info[:2])")
        windows = ("--python-platform", _SYSTEM, "--python-version", version, "--no-build")
        self.tool("uv", "pip", "install", "--quiet", "--python", python, *windows, *arguments)

    def _run_in_app(self, environ: Mapping[str, str], *arguments: str | Path) -> None:
        """By Wine. Its output goes through us: what Linux opened, a Python of Windows cannot write to."""
        print("$ wine", self._windows_python, *arguments, file=sys.stderr)
        print(self._output_of(*arguments, **environ), end="", file=sys.stderr)

    def _output_of(self, *arguments: str | Path, **environ: str) -> str:
        """What Windows' Python prints, with the app's packages to import from.

        Raises:
            subprocess.CalledProcessError: it failed; both its streams are in `output`.
        """
        words = [windows_path(each) if isinstance(each, Path) else each for each in arguments]
        try:
            done = subprocess.run(
                ["wine", self._windows_python, *words],  # noqa: S607 - Debian's
                cwd=self.folder,
                env={**self._drive.environ, "PYTHONPATH": windows_path(self._packages()), **environ},
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        except subprocess.CalledProcessError as error:
            print(error.output, end="", file=sys.stderr)
            raise
        return done.stdout.strip()

    def _licence_of_python(self) -> Path:
        return self._windows_python.with_name("LICENSE.txt")


def windows_path(path: Path) -> str:
    """How Windows' programs name a file of this side."""
    return "Z:" + str(path.absolute()).replace("/", "\\")
