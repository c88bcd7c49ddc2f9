"""`doctor`, `autostart`, `completion` and `help` with their arguments."""

from __future__ import annotations

from traycreds.cli.command_parser import Commands, add_json


def doctor(commands: Commands) -> None:
    """Add it to a parser."""
    doctor = commands.add(
        "doctor",
        "doctor.doctor",
        "find mistakes in the configuration and in both AWS files",
        "Exits with 4 if it finds more than notes.",
    )
    form = doctor.add_mutually_exclusive_group()
    add_json(form)
    form.add_argument("--report", action="store_true", help="a report to share: no secrets, account IDs masked")
    form.add_argument("--notify", action="store_true", help="send a test notice, and say how it was sent")


def autostart(commands: Commands) -> None:
    """Add it to a parser."""
    start = commands.add("autostart", "autostart.autostart", "start the app at login, or not")
    start.add_argument("do", choices=("on", "off", "status"), help="what to do")
    add_json(start)


def completion(commands: Commands) -> None:
    """Add it to a parser."""
    complete = commands.add(
        "completion",
        "completion.completion",
        "print the script that completes command lines in a shell",
        'In ~/.bashrc: eval "$(traycreds completion bash)"; in ~/.zshrc: source <(traycreds completion zsh); for fish '
        "into ~/.config/fish/completions/traycreds.fish; in $PROFILE of PowerShell: "
        "traycreds completion powershell | Out-String | Invoke-Expression.",
    )
    complete.add_argument("shell", choices=("bash", "zsh", "fish", "powershell"), help="which shell")


def topic(commands: Commands) -> None:
    """Add `help` to a parser."""
    topics = commands.add("help", "help.show", "show help for a command or a topic", "Without one, it lists them all.")
    topics.add_argument("topic", nargs="*", metavar="TOPIC", help="a command, such as import sso, or a topic")
