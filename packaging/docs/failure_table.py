"""Writes the tables of failures, and of what may hang, into docs/failures.md, from the code.

Run it as `python packaging/docs/failure_table.py`. With `--check` nothing is written; the exit code is 1 if a table
differs from the code.
"""

from __future__ import annotations

import ast
import inspect
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from tools.marked_page import main
from traycreds.core import errors
from traycreds.core.errors import FailureKind
from traycreds.lifecycle import policy

FILE = Path(__file__).resolve().parents[2] / "docs" / "failures.md"
_AS_ABOVE = "as for `network` above"
_CALL = "its connection, and the lock of the source"
_PROGRAM = "the program and everything it started"
_HANGS = (
    ("STS", "aws.connections.SECONDS", _CALL, _AS_ABOVE),
    ("chained role", "aws.connections.SECONDS", f"{_CALL}, for all roles that use it", _AS_ABOVE),
    ("machine credentials", "aws.connections.SECONDS", _CALL, _AS_ABOVE),
    ("SSO portal", "aws.connections.SECONDS", _CALL, _AS_ABOVE),
    ("SSO portal, accounts", "aws.sso.accounts.SECONDS", "its connection", "at once, for a minute"),
    ("SSO portal, roles", "aws.sso.accounts.SECONDS", "its connection", "at once, for a minute"),
    (
        "SSO portal, sign-out",
        "aws.sso.sign_out.SECONDS",
        "its connection; the token is gone",
        "when you sign in and out",
    ),
    ("OIDC, sign-in", "aws.connections.SECONDS", "its connection, and the sign-in", "when you sign in again"),
    ("OIDC, renewal", "aws.connections.SECONDS", "its connection, and the lock of the sign-in", _AS_ABOVE),
    ("aws login, renewal", "aws.connections.SECONDS", _CALL, _AS_ABOVE),
    ("IAM", "aws.connections.SECONDS", "its connection", "when you run the command again; by the app, a day later"),
    ("console page", "aws.console.SECONDS", "its connection", "when you open the console again"),
    ("credential_process", "aws.source.PROGRAM_SECONDS", f"{_PROGRAM}, and the lock of the source", _AS_ABOVE),
    ("mfa_process", "aws.mfa.code_program.SECONDS", _PROGRAM, "as for `program` above, or when you enter a code"),
    ("saml_process", "aws.federation.tokens.SECONDS", f"{_PROGRAM}, and the roles that wait for it", _AS_ABOVE),
    ("web_identity_process", "aws.federation.tokens.SECONDS", f"{_PROGRAM}, and the roles that wait for it", _AS_ABOVE),
    ("hook", "process.user_hook.SECONDS", _PROGRAM, "at the next event; waiting hooks run then"),
    ("login shell", "process.programs.login_path.SECONDS", _PROGRAM, "when traycreds starts again"),
    ("dialog", "ui.dialog_program.SECONDS", "the dialog", "when you ask for it again"),
    ("clipboard", "desktop.clipboard.SECONDS", "the program that takes the text", "when you copy again"),
    ("keyring", "state.keyring_store.PATIENCE", "the waiting caller", "after two minutes, beside the hung call"),
    ("D-Bus", "dbus.connection.SECONDS", "its connection", "when the bus is needed again"),
    (
        "notification service",
        "desktop.notifications.freedesktop.BUS_LIMIT",
        "the waiting caller",
        "with the next notice",
    ),
    (
        "browser",
        "aws.sso.sign_in.SECONDS",
        "the sign-in and its port; the browser itself is left alone",
        "when you sign in again",
    ),
    (
        "file lock",
        "files.locks.PATIENCE",
        "the waiting caller; the lock ends with its process",
        "as for `file` above",
    ),
    (
        "running app",
        "control.client.ANSWER_SECONDS",
        "the command, which reads the files or exits with 5",
        "with the next command",
    ),
    ("command", "control.server.READ_SECONDS", "its place among the connections", "with the next command"),
    ("includes over https", "config.team_files.download.DEADLINE", "its connection", "with `traycreds import team`"),
)
"""What may hang: the constant of the deadline, what it frees, and when it is retried."""


def hangs() -> str:
    """The table of what may hang, as Markdown."""
    rows = "".join(f"| {port} | {_seconds(name):g} s | {freed} | {again} |\n" for port, name, freed, again in _HANGS)
    return f"| what hangs | given up after | what is freed | retried |\n|---|---|---|---|\n{rows}"


def _seconds(name: str) -> float:
    module, _, constant = name.rpartition(".")
    return float(getattr(import_module(f"traycreds.{module}"), constant))


def table() -> str:
    """The table, as Markdown."""
    causes = _causes()
    rows = "".join(
        f"| `{kind.value}` | {causes[kind.name]} | {policy.ended_by(kind).value} | {_again(kind)} | {_notice(kind)} |\n"
        for kind in FailureKind
    )
    return f"| kind | cause, and what to do | ended by | retried | announced |\n|---|---|---|---|---|\n{rows}"


def _causes() -> dict[str, str]:
    """What the docstring of each kind says."""
    found: dict[str, str] = {}
    name = ""
    for node in ast.parse(inspect.getsource(errors.FailureKind)).body[0].body:  # type: ignore[attr-defined]
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
        elif isinstance(node, ast.Expr) and name:
            found[name] = str(ast.literal_eval(node.value)).rstrip(".")
    return found


def _again(kind: FailureKind) -> str:
    file = "when a file that it depends on changes, or you ask"
    waits = policy.waits(kind)
    if waits is None:
        return file if kind in policy.CURED_BY_FILE else "when you ask"
    first, longest = map(_span, waits)
    often = _span(max(policy.MIN_INTERVAL, waits[0]))
    urgent = f"; every {often} once no session is left" if kind in policy.PASSING else ""
    cured = f"; or {file}" if kind in policy.CURED_BY_FILE else ""
    return f"after {first}, then at growing intervals of up to {longest}{urgent}{cured}"


def _notice(kind: FailureKind) -> str:
    how = "one notice for all roles" if kind in policy.PASSING else "one notice, updated with each further role"
    return f"`notify_before` the session ends, or at once if none is left; {how}"


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"  # noqa: PLR2004


if __name__ == "__main__":
    raise SystemExit(main(__doc__, FILE, {"failures": table, "hangs": hangs}))
