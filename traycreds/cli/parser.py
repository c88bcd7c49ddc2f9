"""The commands and their arguments.

A command names its function as `module.function` within this package, so that only what runs is imported.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from traycreds import __version__


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; the parsed `command` is the name of a function."""
    whole = argparse.ArgumentParser(
        prog="traycreds",
        description="Keeps your AWS role sessions alive in the tray and your credentials file whole.",
        epilog="Without a command, the app is started. "
        "Exit codes: 0 ok, 2 configuration or usage, 3 AWS refused or unreachable, 4 credentials file, "
        "5 no running app.",
    )
    whole.add_argument("--version", action="version", version=f"traycreds {__version__}")
    whole.add_argument("--config", metavar="FILE", help="configuration file (also TRAYCREDS_CONFIG)")
    whole.add_argument("--verbose", action="store_true", help="log more, and show the details of unforeseen errors")
    whole.set_defaults(command="running.run", no_tray=False)
    commands = _Commands(whole)
    _run(commands)
    _steer(commands)
    _hand_on(commands)
    _sign_in(commands)
    _look_after(commands)
    return whole


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read a command line; its `program` is what `exec` runs.

    Raises:
        SystemExit: usage, help or version is printed.
    """
    own, program = split(arguments)
    return parser().parse_args(own, argparse.Namespace(program=program))


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own arguments, and those of the program that `exec` runs: all behind the first two dashes, as they are."""
    own = list(arguments)
    if "exec" not in own or "--" not in own:
        return own, []
    at = own.index("--")
    return own[:at], own[at + 1 :]


class _Commands:
    """Adds commands to a parser."""

    def __init__(self, whole: argparse.ArgumentParser) -> None:
        self._commands = whole.add_subparsers(metavar="COMMAND", title="commands")

    def add(self, name: str, function: str, text: str, more: str = "") -> argparse.ArgumentParser:
        """Add one; `text` is its line in the list, `more` what its own help adds."""
        added = self._commands.add_parser(name, help=text, description=f"{text[:1].upper()}{text[1:]}. {more}".strip())
        added.set_defaults(command=function)
        return added


def _run(commands: _Commands) -> None:
    run = commands.add("run", "running.run", "start the app (the default)")
    run.add_argument("--no-tray", action="store_true", help="without a tray icon: a table in the terminal")
    demo = commands.add(
        "demo", "running.demo", "the app in a sandbox against a simulated AWS; touches nothing of yours"
    )
    demo.add_argument("--no-tray", action="store_true", help="without a tray icon: a table in the terminal")
    demo.add_argument("--speed", type=_speed, default=None, metavar="N", help="how fast its clock runs (default 60)")


def _steer(commands: _Commands) -> None:
    status = commands.add(
        "status", "steering.status", "how the roles stand", "Asks the running app; without one, reads the files."
    )
    _json(status)
    use = commands.add(
        "use",
        "steering.use",
        "make a role the default profile",
        "Returns once it is written, or says why not.",
    )
    _role(use)
    use.add_argument(
        "--region",
        metavar="REGION",
        help="also the role's region from now on, for its profile, env, exec and console; "
        "an empty one is what the configuration says",
    )
    keep = commands.add("keep", "steering.keep", "renew a role's session from now on", "Returns once it has a session.")
    _role(keep)
    keep.add_argument("--for", dest="span", metavar="SPAN", help='only so long, such as "4h" or "90m"')
    drop = commands.add(
        "drop", "steering.drop", "end a role's session and remove its profile", "Only a profile that traycreds wrote."
    )
    _role(drop)
    refresh = commands.add(
        "refresh", "steering.refresh", "refresh now, by the running app or without one", "Returns once all are tried."
    )
    _roles(refresh)
    _json(refresh)
    once = commands.add("once", "steering.once", "refresh now, write, exit; needs no running app")
    _roles(once)
    _json(once)
    stop = commands.add("quit", "steering.stop", "end the running app", "Sessions on file stay as they are.")
    for command in (use, keep, drop, refresh, stop):
        command.add_argument("--no-wait", action="store_true", help="do not wait for the outcome")


def _hand_on(commands: _Commands) -> None:
    creds = commands.add(
        "creds",
        "sessions.creds",
        "print a role's session as JSON for credential_process",
        "In ~/.aws/config: credential_process = traycreds creds ROLE. SDKs then ask again before it ends.",
    )
    _role(creds)
    env = commands.add(
        "env",
        "sessions.env",
        "print the lines that set a role's session in a shell",
        'In bash and zsh: eval "$(traycreds env ROLE)"; in fish: traycreds env ROLE | source; '
        "in PowerShell: traycreds env ROLE | Out-String | Invoke-Expression; "
        "in cmd: for /f \"delims=\" %i in ('traycreds env ROLE --shell cmd') do @%i (in a batch file %%i).",
    )
    _role(env)
    shells = "bash, zsh, fish, powershell, cmd or json (default: that of SHELL, PowerShell on Windows)"
    env.add_argument("--shell", help=shells, metavar="SHELL")
    env.add_argument("--json", dest="shell", action="store_const", const="json", help="the same as --shell json")
    run = commands.add(
        "exec",
        "sessions.run",
        "run a program with a role's session in its environment",
        "The program takes this one's place: signals and exit code are its own. With --server, AWS tools in it see a "
        "new session whenever the old one ends, and no other profile of the credentials file.",
    )
    console = commands.add(
        "console",
        "sessions.console",
        "open the AWS console as a role",
        "The address is good for fifteen minutes, and whoever has it is the role.",
    )
    _role(console)
    console.add_argument("--print", action="store_true", help="print the address instead of opening it")
    console.add_argument("--service", metavar="NAME", help="where in the console, such as s3 (default: its home)")
    console.add_argument("--region", metavar="REGION", help="of the console (default: the role's)")
    run.usage = "traycreds exec [-h] [--server] ROLE -- COMMAND [ARGUMENT ...]"
    _role(run)
    run.add_argument(
        "--server", action="store_true", help="for programs of hours: serve them each new session on 127.0.0.1"
    )


def _look_after(commands: _Commands) -> None:
    take = commands.add(
        "import",
        "housekeeping.take_in",
        "add roles of ~/.aws/config and other programs to the configuration",
        "Shows what would be added and asks. Or, with --take-over, gives a profile that is not ours another name; "
        "with --live, makes one that SDKs can follow for hours; with --keyring, moves its keys out of the file; "
        "with --team, shows what is new in included files, and accepts it.",
    )
    take.add_argument("roles", nargs="*", metavar="NAME", help="only these (default: all that are found)")
    take.add_argument("--yes", action="store_true", help="do not ask")
    take.add_argument("--dry-run", action="store_true", help="print what would be added, and change nothing")
    _json(take, "with --dry-run, for programs")
    take.add_argument(
        "--sso", metavar="SESSION", help="instead, the accounts and roles that this sign-in to Identity Center opens"
    )
    take.add_argument(
        "--team", action="store_true", help="instead, review and accept what is new in the files of include"
    )
    take.add_argument("--anew", action="store_true", help="with --sso, do not use the list of accounts of the last day")
    take.add_argument(
        "--take-over", metavar="PROFILE", help="rename this profile of the credentials file, with a backup"
    )
    take.add_argument(
        "--live",
        metavar="ROLE",
        help="write a profile to ~/.aws/config by which SDKs see each new session of the role",
    )
    take.add_argument(
        "--keyring", metavar="PROFILE", help="move this profile's static keys from the credentials file to the keyring"
    )
    take.add_argument("--from-keyring", metavar="PROFILE", help="put the keys of this profile back into the file")
    take.add_argument("--as", dest="new_name", metavar="NAME", help="the profile's new name (with --live: ROLE-live)")
    take.add_argument("--fix-references", action="store_true", help="also change who names it as a source")
    doctor = commands.add(
        "doctor",
        "housekeeping.doctor",
        "what will bite in the configuration and in both AWS files",
        "Exits with 4 if there is anything.",
    )
    form = doctor.add_mutually_exclusive_group()
    _json(form)
    form.add_argument("--report", action="store_true", help="a text to share: no secrets, account ids masked")
    start = commands.add("autostart", "housekeeping.autostart", "start the app at login, or not")
    start.add_argument("do", choices=("on", "off", "status"), help="what to do")
    _json(start)
    complete = commands.add(
        "completion",
        "completion.completion",
        "print the script that completes command lines in a shell",
        'In ~/.bashrc: eval "$(traycreds completion bash)"; in ~/.zshrc: source <(traycreds completion zsh); for fish '
        "into ~/.config/fish/completions/traycreds.fish; in $PROFILE of PowerShell: "
        "traycreds completion powershell | Out-String | Invoke-Expression.",
    )
    complete.add_argument("shell", choices=("bash", "zsh", "fish", "powershell"), help="which shell")


def _sign_in(commands: _Commands) -> None:
    login = commands.add(
        "login",
        "signing.login",
        "sign in to IAM Identity Center",
        "Opens the page in your browser (BROWSER names another one) and waits. aws cli and the SDKs share the sign-in.",
    )
    login.add_argument("session", metavar="SESSION", help="an sso-session, or a profile or role that uses one")
    login.add_argument("--device", action="store_true", help="by a code that any browser, on any computer, can confirm")
    login.add_argument("--no-browser", action="store_true", help="only print the address of the page")
    login.add_argument(
        "--timeout", type=_seconds, default=300.0, metavar="SECONDS", help="how long to wait (default 300)"
    )


def _role(command: argparse.ArgumentParser) -> None:
    command.add_argument("role", metavar="ROLE", help="which role")


def _roles(command: argparse.ArgumentParser) -> None:
    command.add_argument("roles", nargs="*", metavar="ROLE", help="which roles (default: those that are kept)")


def _json(command: argparse._ActionsContainer, text: str = "for programs") -> None:
    command.add_argument("--json", action="store_true", help=text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 3600:  # noqa: PLR2004 - no page waits longer
        raise argparse.ArgumentTypeError("it must be a number from 1 to 3600")
    return seconds


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 1 <= speed <= 1000:  # noqa: PLR2004 - beyond, a session lasts less than a call
        raise argparse.ArgumentTypeError("it must be a number from 1 to 1000")
    return speed
