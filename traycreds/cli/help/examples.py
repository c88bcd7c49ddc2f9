"""Examples of each command, for its help, the manual page and docs/commands.md."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping

Examples = tuple[tuple[str, str], ...]
"""Command lines, each with its meaning."""

EXAMPLES: Mapping[str, Examples] = {
    "": (
        ("traycreds demo", "see it work with a simulated AWS"),
        ("traycreds add", "add your first role by answering questions"),
        ("traycreds", "start the app"),
        ("traycreds use prod", "make a role the default profile"),
        ("traycreds help mfa", "read how MFA codes work"),
    ),
    "run": (
        ("traycreds run --detach", "keep running when this terminal closes"),
        ("traycreds run --no-tray", "show a table in this terminal instead of an icon"),
        ("traycreds --config team.toml run", "with another configuration"),
    ),
    "demo": (
        ("traycreds demo", "try it without touching your files"),
        ("traycreds demo --no-tray --speed 120", "in the terminal, twice as fast"),
    ),
    "list": (
        ("traycreds list", "show the roles"),
        ("traycreds list | xargs -n 1 traycreds refresh", "run something for each role"),
        ("traycreds list --json | jq -r '.roles[].account_id'", "show the accounts"),
    ),
    "status": (
        ("traycreds status", "show the state of all roles"),
        ("traycreds status prod", "show one in detail"),
        ("traycreds status --json | jq -r '.roles[] | select(.kept) | .name'", "show the roles that are kept"),
    ),
    "watch": (
        ("traycreds watch", "see the roles of the running app, and press keys"),
        ("traycreds watch | tee roles.log", "print the table whenever it changes"),
    ),
    "use": (
        ("traycreds use prod", "make prod the default profile"),
        ("traycreds use prod --region eu-west-1", "and change its region"),
        ("traycreds use --none", "remove the default profile"),
    ),
    "pick": (
        ("traycreds pick", "type part of a role's name, then press Enter"),
        ("traycreds pick --window", "in a window, for a desktop shortcut"),
    ),
    "keep": (
        ("traycreds keep dev", "keep dev alive until you say otherwise"),
        ("traycreds keep prod --for 4h", "keep prod alive for this afternoon"),
    ),
    "drop": (("traycreds drop prod", "end the session of prod on this machine"),),
    "refresh": (
        ("traycreds refresh", "refresh all roles that are kept"),
        ("traycreds refresh dev prod", "refresh two"),
    ),
    "once": (
        ("traycreds once", "get sessions in a script, without the app"),
        ("traycreds once ci --json", "for one role, with the result as JSON"),
    ),
    "pause": (("traycreds pause", "stop refreshing for now"),),
    "resume": (("traycreds resume", "start refreshing again"),),
    "quit": (("traycreds quit", "quit the app"),),
    "creds": (("traycreds creds dev", "print what an SDK gets from credential_process = traycreds creds dev"),),
    "env": (
        ('eval "$(traycreds env dev)"', "set the session in bash or zsh"),
        ("traycreds env dev | source", "in fish"),
        ("traycreds env dev --json | from json | load-env", "in nushell"),
        ("execx($(traycreds env dev))", "in xonsh"),
        ("traycreds env dev --format dotenv > .env", "for a program that reads a .env file"),
    ),
    "exec": (
        ("traycreds exec dev -- aws s3 ls", "run one command as dev"),
        ("traycreds exec dev", "open a shell as dev; exit ends it"),
        ("traycreds exec dev --region us-west-2 -- aws ec2 describe-vpcs", "in another region"),
        ("traycreds exec prod --server -- terraform apply", "run a long job that gets each new session"),
    ),
    "console": (
        ("traycreds console prod", "open the console in your browser"),
        ("traycreds console prod --service s3 --region eu-west-1", "at S3, in another region"),
        ("traycreds console prod --print", "print the URL, for another browser"),
    ),
    "login": (
        ("traycreds login corp", "sign in to the sso-session corp"),
        ("traycreds login corp --device", "with a code, from a machine without a browser"),
    ),
    "logout": (("traycreds logout corp", "sign out of the sso-session corp"),),
    "add": (
        ("traycreds add", "answer questions"),
        (
            "traycreds add dev --role-arn arn:aws:iam::123456789012:role/Dev --source-profile base",
            "pass every value",
        ),
        ("traycreds add ops --from-profile ops --keep", "use a profile from ~/.aws/config, and keep it alive"),
    ),
    "import": (
        ("traycreds import", "choose from the roles that are found"),
        ("traycreds import sso corp", "choose from the roles of a sign-in"),
    ),
    "import profiles": (
        ("traycreds import profiles", "choose from the roles that are found"),
        ("traycreds import profiles dev prod --yes", "add two without asking"),
    ),
    "import sso": (
        ("traycreds import sso corp", "choose from the roles of a sign-in"),
        ("traycreds import sso corp --dry-run", "see what would be added"),
    ),
    "import team": (("traycreds import team", "review what is new in your team's files"),),
    "import keyring": (
        ("traycreds import keyring base", "move the keys of profile base"),
        ("traycreds import keyring base --undo", "move them back"),
    ),
    "import live": (("traycreds import live dev", "write profile dev-live, for programs that run for hours"),),
    "import take-over": (
        ("traycreds import take-over default --as base", "make room for a role in [default]"),
        (
            "traycreds import take-over default --as base --fix-references",
            "and update the profiles that use it",
        ),
    ),
    "rotate": (
        ("traycreds rotate base --dry-run", "see what would be done"),
        ("traycreds rotate base", "replace the access key of profile base"),
    ),
    "doctor": (
        ("traycreds doctor", "find mistakes"),
        ("traycreds doctor --report", "a text to paste into a bug report"),
    ),
    "autostart": (("traycreds autostart on", "start the app at login"),),
    "completion": (
        ('eval "$(traycreds completion bash)"', "in ~/.bashrc"),
        ("traycreds completion fish > ~/.config/fish/completions/traycreds.fish", "once, for fish"),
    ),
    "help": (
        ("traycreds help", "list commands and topics"),
        ("traycreds help use", "the same as traycreds use --help"),
        ("traycreds help sso", "read how sign-ins work"),
    ),
}
"""By the words of a command; () for the whole command line."""


def text(words: str) -> str:
    """A command's examples for its help; a meaning that does not fit goes below its line, which is never broken."""
    found = EXAMPLES.get(words, ())
    # As argparse does.
    width = shutil.get_terminal_size().columns - 2
    start = max((len(line) for line, _ in found if len(line) <= _BESIDE), default=0) + 4
    if width - start < _LEAST_MEANING:
        start = 6
    lines = []
    for line, meaning in found:
        first, *others = textwrap.wrap(meaning, max(1, width - start), break_on_hyphens=False)
        beside = len(line) + 4 <= start
        lines += [f"  {line:<{start - 2}}{first}"] if beside else [f"  {line}", f"{'':<{start}}{first}"]
        lines += [f"{'':<{start}}{other}" for other in others]
    return "\n".join(["", "examples:", *lines, ""]) if lines else ""


_BESIDE = 44
"""Characters of a line that leave room for its meaning on a narrow terminal."""
_LEAST_MEANING = 24
"""Columns for the meanings beside their lines; with less, all go below."""
