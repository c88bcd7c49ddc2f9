"""Runs a program below this one, for lack of exec on Windows: Ctrl-C and exit code are its own, it ends with us.

Never reads or writes what the program does.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

_ENDINGS = ".COM;.EXE;.BAT;.CMD"
_PLAIN = frozenset("#$*+-./:?@\\_")
"""Besides letters and digits, what cmd takes literally (Rust's library/std/src/sys/args/windows.rs)."""


def run(program: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program to its end; returns its exit code, as `sys.exit` takes it. Raises OSError: it cannot be run."""
    path = find(program[0], environment)
    command: Sequence[str] | str = [path, *program[1:]]
    shell = None
    if sys.platform == "win32" and path.lower().endswith((".bat", ".cmd")):
        command = batch_line(path, program[1:])
        shell = os.environ.get("COMSPEC") or rf"{os.environ['SYSTEMROOT']}\System32\cmd.exe"
    with _ctrl_c_ignored():
        process = subprocess.Popen(command, executable=shell, env=dict(environment))
        with _in_a_job(process):
            code = process.wait()
    # `sys.exit` takes a number that is no C int for -1.
    return code - 2**32 if code >= 2**31 else code


def find(name: str, environment: Mapping[str, str]) -> str:
    """The path of a program: as it is with a folder in its name, else from PATH; Windows may omit the ending.

    Unlike `shutil.which` and cmd it skips the current folder: a planted program would get the session.

    Raises FileNotFoundError.
    """
    endings = [""]
    if sys.platform == "win32":
        known = environment.get("PATHEXT", _ENDINGS).lower().split(";")
        endings = ["", *known] if name.lower().endswith(tuple(known)) or os.path.dirname(name) else known  # noqa: PTH120
    folders = [""] if os.path.dirname(name) else environment.get("PATH", "").split(os.pathsep)  # noqa: PTH120 - "./x"
    for folder in folders:
        for ending in endings:
            path = os.path.join(folder.strip('"'), name + ending)  # noqa: PTH118 - as above
            if (folder or folders == [""]) and os.path.isfile(path):  # noqa: PTH113 - as above
                return path
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)


def batch_line(script: str, arguments: Sequence[str]) -> str:
    """The line by which cmd runs a batch file with exactly these arguments. Raises OSError: a line break.

    Python quotes for C programs, which is not enough for cmd: CVE-2024-24576. The rules are those of Rust's library.
    """
    if any(sign in argument for argument in arguments for sign in "\r\n\0"):
        raise OSError(errno.EINVAL, "a batch file cannot take a line break in an argument", script)
    quoted = [f'"{_without_variables(script)}"', *map(_batch_word, arguments)]
    return f'cmd.exe /e:ON /v:OFF /d /c "{" ".join(quoted)}"'


def _batch_word(argument: str) -> str:
    quoted = not argument or argument.endswith("\\") or not all(map(_is_plain, argument))
    word = ""
    slashes = 0
    for sign in argument:
        if sign == '"':
            # Backslashes before a quote count twice, and a quote is written twice.
            word += "\\" * slashes + '"'
        slashes = slashes + 1 if sign == "\\" else 0
        word += sign
    word = _without_variables(word)
    return f'"{word}{chr(92) * slashes}"' if quoted else word


def _without_variables(text: str) -> str:
    """Each percent sign followed by an empty slice of a variable, so that the sign begins none."""
    return text.replace("%", "%%cd:~,%")


def _is_plain(sign: str) -> bool:
    return sign in _PLAIN or sign.isalnum() if sign.isascii() else not "\x80" <= sign < "\xa0"


@contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    """Leave Ctrl-C and Ctrl-Break to the program, which shares the console; ignoring them is not inherited."""
    names = [name for name in ("SIGINT", "SIGBREAK") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), signal.SIG_IGN) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


@contextmanager
def _in_a_job(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the program when this process is killed, but not what the program has started, which is its own affair."""
    if sys.platform == "win32":
        from traycreds.process.windows import job

        with job.holding(process, job.KILL_ON_CLOSE | job.BREAK_AWAY):
            yield
    else:
        yield
