"""The commands and their arguments; each names `module.function` in this package, so only what runs is imported."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable, Mapping, Sequence

from traycreds import __version__
from traycreds.cli.command_parser import (
    Commands,
    Help,
    WholeParser,
    actions_of,
    add_json,
    add_role,
    commands_of,
    number_to,
)

_VERSION = "--version"
_FASTEST = 1000
"""Beyond, a session of the demo lasts less than a call."""


def parser(first: str | None = None) -> argparse.ArgumentParser:
    """The command line's parser; `command` is a function's name. A decisive `first` word builds one command only."""
    whole = WholeParser(
        prog="traycreds",
        formatter_class=Help,
        groups=_GROUPS,
        description="Keeps your AWS role sessions fresh in the background and switches between them from the tray.",
        epilog="Without a command, it starts the app. "
        "Exit codes: 0 ok, 2 configuration or usage, 3 AWS refused or unreachable, 4 credentials file, "
        "5 no running app.",
    )
    whole.add_argument(_VERSION, action="version", version=f"traycreds {__version__}")
    whole.add_argument("--config", metavar="FILE", help="configuration file (also TRAYCREDS_CONFIG)")
    whole.add_argument("--verbose", action="store_true", help="log more, and show the details of unexpected errors")
    whole.set_defaults(command="run.run", no_tray=False, detach=False)
    commands = Commands(whole)
    known = {name: add for group in _GROUPS.values() for name, add in group.items()}
    settled = first in known or first == _VERSION
    for name, add in known.items():
        if not settled or name == first:
            _adder(add)(commands)
    return whole


def _adder(add: Callable[[Commands], None] | str) -> Callable[[Commands], None]:
    if not isinstance(add, str):
        return add
    module, _, function = add.rpartition(".")
    found: Callable[[Commands], None] = getattr(importlib.import_module(f"traycreds.cli.parsers.{module}"), function)
    return found


def commands(
    of: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> dict[tuple[str, ...], argparse.ArgumentParser]:
    """Each command of a parser, and each command of a command, by its words."""
    found: dict[tuple[str, ...], argparse.ArgumentParser] = {}
    for action in actions_of(of):
        for word, command in commands_of(action).items():
            found |= {(*words, word): command, **commands(command, (*words, word))}
    return found


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read a command line; its `program` is what `exec` runs. Raises SystemExit: usage, help or version is printed."""
    own, program = split(arguments)
    return parser(own[0] if own else None).parse_args(own, argparse.Namespace(program=program))


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own arguments, and those of the program that `exec` runs: all after the first two dashes."""
    own = list(arguments)
    if "exec" not in own or "--" not in own:
        return own, []
    at = own.index("--")
    return own[:at], own[at + 1 :]


def _run(commands: Commands) -> None:
    run = commands.add("run", "run.run", "start the app (the default)")
    _no_tray(run)
    run.add_argument("--detach", action="store_true", help="keep running when the terminal closes")


def _demo(commands: Commands) -> None:
    demo = commands.add(
        "demo",
        "run.demo",
        "try the app in a sandbox with a simulated AWS; touches none of your files",
        "Tells you what to click or press next, how to end it, and what to run for your own roles.",
    )
    _no_tray(demo)
    demo.add_argument(
        "--speed", type=number_to(_FASTEST), default=None, metavar="N", help="how fast its clock runs (default 60)"
    )


def _status(commands: Commands) -> None:
    status = commands.add(
        "status",
        "status.status",
        "show the state of the roles",
        "Asks the running app; without one, reads the files. One role is shown in detail. Times are local.",
    )
    status.add_argument("roles", nargs="*", metavar="ROLE", help="only these roles (default: all)")
    add_json(status)


def _watch(commands: Commands) -> None:
    commands.add(
        "watch",
        "run.watch",
        "show the running app's roles live in this terminal, with keys",
        "The last line shows the keys; `q` leaves the app running. The keys need the extra "
        "`terminal`; without it, or in a pipe, the table is printed at each change.",
    )


def _use(commands: Commands) -> None:
    use = commands.add(
        "use",
        "control.use",
        "make a role the default profile",
        "Waits until the profile is written, or says why it was not. If the app is not running, it writes the "
        "profile once, and nothing refreshes it.",
    )
    add_role(use, asks=True)
    use.add_argument("--none", action="store_true", help="remove the default profile, if traycreds wrote it")
    use.add_argument(
        "--region",
        metavar="REGION",
        help="also change the role's region, for its profile, env, exec and console; "
        "an empty one restores the configured region",
    )
    _no_wait(use)


def _pick(commands: Commands) -> None:
    pick = commands.add(
        "pick",
        "roles.pick.pick",
        "find a role by typing, and make it the default profile",
        "Words match part of the name, account or group; * matches anything, as in prod*ReadOnly*. Enter makes "
        "the role the default profile, Ctrl+K keeps it alive, Ctrl+O opens its console, Esc quits.",
    )
    pick.add_argument("--window", action="store_true", help="in a window, for a desktop shortcut")
    pick.add_argument("--own-console", action="store_true", help=argparse.SUPPRESS)


def _keep(commands: Commands) -> None:
    keep = commands.add(
        "keep", "control.keep", "keep a role's session alive from now on", "Waits until it has a session."
    )
    add_role(keep, asks=True)
    keep.add_argument("--for", dest="span", metavar="SPAN", help='only for this long, such as "4h" or "90m"')
    _no_wait(keep)


def _drop(commands: Commands) -> None:
    drop = commands.add(
        "drop",
        "control.drop",
        "end a role's session and remove its profile",
        "Removes only a profile that traycreds wrote.",
    )
    add_role(drop)
    _no_wait(drop)


def _refresh(commands: Commands) -> None:
    refresh = commands.add(
        "refresh",
        "control.refresh",
        "refresh now, with the running app or without one",
        "Waits until it has tried all of them.",
    )
    _roles(refresh)
    add_json(refresh)
    _no_wait(refresh)


def _once(commands: Commands) -> None:
    once = commands.add(
        "once",
        "once.once",
        "refresh now, write, exit; needs no running app",
        "Exits with 0 only if every role got a new session. It writes that session even if it ends sooner than the old "
        "one. If a program returns the session that is already on file, that is not new: exit code 3.",
    )
    _roles(once)
    add_json(once)


def _pause(commands: Commands) -> None:
    commands.add(
        "pause", "control.pause", "pause refreshing", "Existing sessions stay until they expire. See `resume`."
    )


def _resume(commands: Commands) -> None:
    commands.add("resume", "control.resume", "resume refreshing", "Refreshes whatever is due right away.")


def _quit(commands: Commands) -> None:
    _no_wait(commands.add("quit", "control.stop", "quit the running app", "Existing sessions stay as they are."))


def _creds(commands: Commands) -> None:
    creds = commands.add(
        "creds",
        "creds.creds",
        "print a role's session as JSON for credential_process",
        "In ~/.aws/config: credential_process = traycreds creds ROLE. SDKs then ask for a new session before the old "
        "one ends.",
    )
    add_role(creds)


def _env(commands: Commands) -> None:
    env = commands.add(
        "env",
        "session.env",
        "print the lines that set a role's session in a shell",
        'In bash and zsh: eval "$(traycreds env ROLE)"; in fish: traycreds env ROLE | source; '
        "in PowerShell: traycreds env ROLE | Out-String | Invoke-Expression; "
        "in cmd: for /f \"delims=\" %i in ('traycreds env ROLE --shell cmd') do @%i (in a batch file %%i).",
    )
    add_role(env)
    shells = "bash, zsh, fish, nushell, xonsh, powershell or cmd (default: that of SHELL, PowerShell on Windows)"
    env.add_argument("--shell", help=shells, metavar="SHELL")
    env.add_argument(
        "--format", dest="shell", choices=("dotenv", "json"), help="print the lines of a .env file, or JSON"
    )
    env.add_argument("--json", dest="shell", action="store_const", const="json", help="the same as --format json")


def _exec(commands: Commands) -> None:
    run = commands.add(
        "exec",
        "session.run",
        "run a program with a role's session in its environment",
        "The program replaces traycreds, so it gets all signals, and its exit code counts. Without a command, in a "
        "terminal, opens your shell, with the role in its prompt. With --server, AWS tools in the program get each new "
        "session, and see no other profile of the credentials file. TRAYCREDS_ROLE names the role.",
    )
    run.program_after = "role"
    run.usage = "traycreds exec [-h] [--server] [--region REGION] [ROLE] [-- COMMAND [ARGUMENT ...]]"
    add_role(run, asks=True)
    run.add_argument(
        "--server", action="store_true", help="for long-running programs: serve each new session on 127.0.0.1"
    )
    run.add_argument("--region", metavar="REGION", help="the program's region (default: the role's)")


def _console(commands: Commands) -> None:
    console = commands.add(
        "console",
        "console.console",
        "open the AWS console as a role",
        "The URL works for 15 minutes and lets anyone who has it act as the role.",
    )
    add_role(console, asks=True)
    console.add_argument("--print", action="store_true", help="print the URL instead of opening it")
    console.add_argument(
        "--service", metavar="NAME", help="which part of the console, such as s3 (default: its home page)"
    )
    console.add_argument("--region", metavar="REGION", help="the console's region (default: the role's)")
    console.add_argument("--sign-out", action="store_true", help="sign out of the console in the browser first")


def _no_tray(command: argparse.ArgumentParser) -> None:
    command.add_argument("--no-tray", action="store_true", help="without a tray icon: a table in the terminal")


def _no_wait(command: argparse.ArgumentParser) -> None:
    command.add_argument("--no-wait", action="store_true", help="do not wait for the result")


def _roles(command: argparse.ArgumentParser) -> None:
    command.add_argument("roles", nargs="*", metavar="ROLE", help="which roles (default: those that are kept)")


_GROUPS: Mapping[str, Mapping[str, Callable[[Commands], None] | str]] = {
    "roles": {
        "list": "roles.list_roles",
        "status": _status,
        "watch": _watch,
        "use": _use,
        "pick": _pick,
        "keep": _keep,
        "drop": _drop,
        "refresh": _refresh,
        "once": _once,
    },
    "sessions for programs": {"creds": _creds, "env": _env, "exec": _exec, "console": _console},
    "the app": {
        "run": _run,
        "demo": _demo,
        "pause": _pause,
        "resume": _resume,
        "quit": _quit,
        "autostart": "installation.autostart",
    },
    "configuration": {
        "add": "roles.add_role",
        "import": "imports.add",
        "login": "sign_ins.login",
        "logout": "sign_ins.logout",
        "rotate": "access_keys.rotate",
        "doctor": "installation.doctor",
    },
    "help": {"help": "installation.topic", "completion": "installation.completion"},
}
"""What adds each command, by groups, in the order of the help; a text is a function of `cli.parsers`."""
