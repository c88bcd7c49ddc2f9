"""`python -m traycreds`, and the entry point of both scripts."""

from __future__ import annotations

import gc
import sys

from traycreds import cli
from traycreds.cli import interrupt

_GARBAGE = 50_000
"""Garbage is collected only after this many more objects: most commands end before that."""


def main() -> int:
    """Run the command line; returns the exit code."""
    interrupt.install_handler()
    gc.set_threshold(_GARBAGE)
    try:
        return _run()
    except KeyboardInterrupt:
        return interrupt.INTERRUPTED
    finally:
        interrupt.ending()


def _run() -> int:  # noqa: PLR0911 - one for each kind of process
    out = sys.stdout
    if out is not None and (out.errors == "strict" or (out.errors == "surrogateescape" and out.encoding != "utf-8")):
        # A pipe or a file on Windows has a code page, and not every path can be written in it.
        out.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # it is no stream of a test
    # The dialog runs in a process of its own. Only the app starts it, so it is not a command.
    if sys.argv[1:] == ["ask-code"]:
        from traycreds.ui import mfa_window

        return mfa_window.main()
    # The window that finds a role also runs in a process of its own.
    if sys.argv[1:] == ["find-role"]:
        from traycreds.ui.picker import program

        return program.main()
    # The window that adds a role also runs in a process of its own.
    if sys.argv[1:] == ["add-role"]:
        from traycreds.cli.commands.roles import adding_window

        return adding_window.main()
    # Only the shell completion scripts run this, so it is not a command for people.
    if sys.argv[1:2] == ["__complete"]:
        from traycreds.cli.commands import completion

        return completion.answer(sys.argv[2:])
    # The credentials file names this program in place of keys that are in the keyring.
    if sys.argv[1:2] == ["keys"]:
        from traycreds.cli import keys

        return keys.answer(sys.argv[2:])
    # `exec --server` starts this process for its endpoint.
    if sys.argv[1:2] == ["__serve"]:
        from traycreds.cli.commands import session

        return session.serve(sys.argv[2:])

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
