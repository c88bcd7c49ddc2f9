"""The commands and their arguments.

A command names its function as `module.function` within this package, so that only what runs is imported.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence

from traycreds import __version__
from traycreds.cli.command_parser import Commands, Help, add_json, add_role, add_session

_VERSION = "--version"
_FASTEST = 1000
"""Beyond, a session of the demo lasts less than a call."""
_LONGEST_WAIT = 3600
"""Seconds; no page of a sign-in waits longer."""


def parser(first: str | None = None) -> argparse.ArgumentParser:
    """The parser of the command line; the parsed `command` is the name of a function.

    Args:
        first: the first word of what is to be parsed. Where that settles the command, the parser knows no other: to
            make those of all commands takes longer than most of them.
    """
    whole = argparse.ArgumentParser(
        prog="traycreds",
        formatter_class=Help,
        description="Keeps your AWS role sessions alive in the tray and your credentials file whole.",
        epilog="Without a command, the app is started. "
        "Exit codes: 0 ok, 2 configuration or usage, 3 AWS refused or unreachable, 4 credentials file, "
        "5 no running app.",
    )
    whole.add_argument(_VERSION, action="version", version=f"traycreds {__version__}")
    whole.add_argument("--config", metavar="FILE", help="configuration file (also TRAYCREDS_CONFIG)")
    whole.add_argument("--verbose", action="store_true", help="log more, and show the details of unexpected errors")
    whole.set_defaults(command="run.run", no_tray=False, detach=False)
    commands = Commands(whole)
    settled = first in _COMMANDS or first == _VERSION
    for name, add in _COMMANDS.items():
        if not settled or name == first:
            add(commands)
    return whole


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read a command line; its `program` is what `exec` runs.

    Raises:
        SystemExit: usage, help or version is printed.
    """
    own, program = split(arguments)
    return parser(own[0] if own else None).parse_args(own, argparse.Namespace(program=program))


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own arguments, and those of the program that `exec` runs: all behind the first two dashes, as they are."""
    own = list(arguments)
    if "exec" not in own or "--" not in own:
        return own, []
    at = own.index("--")
    return own[:at], own[at + 1 :]


def _run(commands: Commands) -> None:
    run = commands.add("run", "run.run", "start the app (the default)")
    _no_tray(run)
    run.add_argument("--detach", action="store_true", help="go on when the terminal closes")


def _demo(commands: Commands) -> None:
    demo = commands.add("demo", "run.demo", "the app in a sandbox against a simulated AWS; touches nothing of yours")
    _no_tray(demo)
    demo.add_argument(
        "--speed", type=_number_to(_FASTEST), default=None, metavar="N", help="how fast its clock runs (default 60)"
    )


def _status(commands: Commands) -> None:
    status = commands.add(
        "status", "status.status", "show the state of the roles", "Asks the running app; without one, reads the files."
    )
    add_json(status)


def _use(commands: Commands) -> None:
    use = commands.add(
        "use",
        "control.use",
        "make a role the default profile",
        "Returns once it is written, or says why not.",
    )
    add_role(use, asks=True)
    use.add_argument(
        "--region",
        metavar="REGION",
        help="also the role's region from now on, for its profile, env, exec and console; "
        "an empty one is what the configuration says",
    )
    _no_wait(use)


def _pick(commands: Commands) -> None:
    pick = commands.add(
        "pick",
        "pick.pick",
        "find a role by typing, and make it the default profile",
        "Words find a part of the name, account or group; * stands for any letters, as in prod*ReadOnly*. Enter makes "
        "the role the default profile, Ctrl+K keeps it alive, Ctrl+O opens its console, Esc ends.",
    )
    pick.add_argument("--window", action="store_true", help="in a window, for a key binding of the desktop")
    pick.add_argument("--own-console", action="store_true", help=argparse.SUPPRESS)


def _keep(commands: Commands) -> None:
    keep = commands.add(
        "keep", "control.keep", "keep a role's session alive from now on", "Returns once it has a session."
    )
    add_role(keep, asks=True)
    keep.add_argument("--for", dest="span", metavar="SPAN", help='only so long, such as "4h" or "90m"')
    _no_wait(keep)


def _drop(commands: Commands) -> None:
    drop = commands.add(
        "drop", "control.drop", "end a role's session and remove its profile", "Only a profile that traycreds wrote."
    )
    add_role(drop)
    _no_wait(drop)


def _refresh(commands: Commands) -> None:
    refresh = commands.add(
        "refresh",
        "control.refresh",
        "refresh now, by the running app or without one",
        "Returns once all have been tried.",
    )
    _roles(refresh)
    add_json(refresh)
    _no_wait(refresh)


def _once(commands: Commands) -> None:
    once = commands.add("once", "control.once", "refresh now, write, exit; needs no running app")
    _roles(once)
    add_json(once)


def _quit(commands: Commands) -> None:
    _no_wait(commands.add("quit", "control.stop", "end the running app", "Sessions on file stay as they are."))


def _creds(commands: Commands) -> None:
    creds = commands.add(
        "creds",
        "creds.creds",
        "print a role's session as JSON for credential_process",
        "In ~/.aws/config: credential_process = traycreds creds ROLE. SDKs then ask again before it ends.",
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
    shells = "bash, zsh, fish, powershell, cmd or json (default: that of SHELL, PowerShell on Windows)"
    env.add_argument("--shell", help=shells, metavar="SHELL")
    env.add_argument("--json", dest="shell", action="store_const", const="json", help="the same as --shell json")


def _exec(commands: Commands) -> None:
    run = commands.add(
        "exec",
        "session.run",
        "run a program with a role's session in its environment",
        "The program takes this one's place: signals and exit code are its own. With --server, AWS tools in it see a "
        "new session whenever the old one ends, and no other profile of the credentials file.",
    )
    run.program_after = "role"
    run.usage = "traycreds exec [-h] [--server] [ROLE] -- COMMAND [ARGUMENT ...]"
    add_role(run, asks=True)
    run.add_argument(
        "--server", action="store_true", help="for long-running programs: serve each new session on 127.0.0.1"
    )


def _console(commands: Commands) -> None:
    console = commands.add(
        "console",
        "console.console",
        "open the AWS console as a role",
        "The address works for fifteen minutes, and anyone who has it is the role.",
    )
    add_role(console, asks=True)
    console.add_argument("--print", action="store_true", help="print the address instead of opening it")
    console.add_argument("--service", metavar="NAME", help="where in the console, such as s3 (default: its home)")
    console.add_argument("--region", metavar="REGION", help="of the console (default: the role's)")


def _import(commands: Commands) -> None:
    from traycreds.cli import import_parser

    import_parser.add(commands)


def _doctor(commands: Commands) -> None:
    doctor = commands.add(
        "doctor",
        "doctor.doctor",
        "find mistakes in the configuration and in both AWS files",
        "Exits with 4 if there is more than notes.",
    )
    form = doctor.add_mutually_exclusive_group()
    add_json(form)
    form.add_argument("--report", action="store_true", help="a text to share: no secrets, account ids masked")
    form.add_argument("--notify", action="store_true", help="send a test notice, and say by which way")


def _autostart(commands: Commands) -> None:
    start = commands.add("autostart", "autostart.autostart", "start the app at login, or not")
    start.add_argument("do", choices=("on", "off", "status"), help="what to do")
    add_json(start)


def _completion(commands: Commands) -> None:
    complete = commands.add(
        "completion",
        "completion.completion",
        "print the script that completes command lines in a shell",
        'In ~/.bashrc: eval "$(traycreds completion bash)"; in ~/.zshrc: source <(traycreds completion zsh); for fish '
        "into ~/.config/fish/completions/traycreds.fish; in $PROFILE of PowerShell: "
        "traycreds completion powershell | Out-String | Invoke-Expression.",
    )
    complete.add_argument("shell", choices=("bash", "zsh", "fish", "powershell"), help="which shell")


def _login(commands: Commands) -> None:
    login = commands.add(
        "login",
        "login.login",
        "sign in to IAM Identity Center",
        "Opens the page in your browser (BROWSER names another one) and waits. aws cli and the SDKs share the sign-in.",
    )
    add_session(login)
    login.add_argument("--device", action="store_true", help="by a code that any browser, on any computer, can confirm")
    login.add_argument("--no-browser", action="store_true", help="only print the address of the page")
    login.add_argument(
        "--timeout",
        type=_number_to(_LONGEST_WAIT),
        default=300.0,
        metavar="SECONDS",
        help="how long to wait (default 300)",
    )


def _no_tray(command: argparse.ArgumentParser) -> None:
    command.add_argument("--no-tray", action="store_true", help="without a tray icon: a table in the terminal")


def _no_wait(command: argparse.ArgumentParser) -> None:
    command.add_argument("--no-wait", action="store_true", help="do not wait for the outcome")


def _roles(command: argparse.ArgumentParser) -> None:
    command.add_argument("roles", nargs="*", metavar="ROLE", help="which roles (default: those that are kept)")


def _number_to(most: int) -> Callable[[str], float]:
    """What reads a number from 1 to `most`."""

    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = 0.0
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"it must be a number from 1 to {most}")
        return value

    return number


_COMMANDS: Mapping[str, Callable[[Commands], None]] = {
    "run": _run,
    "demo": _demo,
    "status": _status,
    "use": _use,
    "pick": _pick,
    "keep": _keep,
    "drop": _drop,
    "refresh": _refresh,
    "once": _once,
    "quit": _quit,
    "creds": _creds,
    "env": _env,
    "exec": _exec,
    "console": _console,
    "login": _login,
    "import": _import,
    "doctor": _doctor,
    "autostart": _autostart,
    "completion": _completion,
}
"""What adds each command, in the order of the help."""
