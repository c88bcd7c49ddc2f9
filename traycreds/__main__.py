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
        # a pipe or file of Windows has a code page, in which not even every path can be written
        out.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # it is no stream of a test
    if sys.argv[1:] == ["ask-code"]:  # the dialog's own process; no command, since only the app starts it
        from traycreds.ui import mfa_window

        return mfa_window.main()
    if sys.argv[1:] == ["find-role"]:  # the same of the window that finds a role
        from traycreds.ui.picker import program

        return program.main()
    if sys.argv[1:] == ["add-role"]:  # the same of the window that adds a role
        from traycreds.cli.commands.roles import adding_window

        return adding_window.main()
    if sys.argv[1:2] == ["__complete"]:  # the completion scripts ask this, not a person
        from traycreds.cli.commands import completion

        return completion.answer(sys.argv[2:])
    if sys.argv[1:2] == ["keys"]:  # what the credentials file has instead of keys in the keyring
        from traycreds.cli import keys

        return keys.answer(sys.argv[2:])
    if sys.argv[1:2] == ["__serve"]:  # the endpoint of `exec --server`, which that command starts
        from traycreds.cli.commands import session

        return session.serve(sys.argv[2:])

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
