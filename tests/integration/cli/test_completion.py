"""Completion: what is offered at each place of a command line, and real shells that are asked with a Tab."""

from __future__ import annotations

import argparse
import os
import re
import select
import shutil
import stat
import subprocess
import sys
import time

import pytest

from tests.support.fish_home import prepare_fish
from tests.windows.mark import not_on_windows
from traycreds.cli.commands.completion import offers
from traycreds.cli.completion_scripts import SCRIPTS
from traycreds.cli.parser import parser
from traycreds.state import paths

SHELLS = ("bash", "zsh", "fish")


def values(*words):
    """What is offered for the last of the words."""
    return [value for value, _ in offers(words[:-1], words[-1])]


@pytest.fixture
def roles(home):
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("[sso-session corp]\nsso_region = eu-west-1\n[profile base]\n")
    (home / ".aws" / "credentials").write_text(
        "[base]\naws_access_key_id = A\naws_secret_access_key = S\n"
        "[dev-session]\naws_access_key_id = A\naws_secret_access_key = S\ntraycreds_role = dev\n"
        "[moved]\ncredential_process = /usr/bin/traycreds keys moved\n[tool]\ncredential_process = /usr/bin/tool\n"
    )
    config = paths.locate(os.environ).config_file
    config.parent.mkdir(parents=True)
    arn = 'role_arn = "arn:aws:iam::123456789012:role/x"\nsource_profile = "base"\n'
    config.write_text(f'[roles.dev]\n{arn}[roles."prod:admin@eu"]\nprofile = "p"\n{arn}')
    return config


def test_every_command_is_offered_with_a_sentence():
    commands = next(action.choices for action in parser()._actions if isinstance(action.choices, dict))
    offered = dict(offers([], ""))
    assert set(offered) == set(commands)
    assert offered["use"] == "Make a role the default profile"
    assert all(offered.values())
    assert values("con") == ["console"]


def test_every_option_of_every_command_is_offered_until_it_is_given():
    commands = next(action.choices for action in parser()._actions if isinstance(action.choices, dict))
    for name, command in commands.items():
        shown = [action for action in command._actions if action.help is not argparse.SUPPRESS]
        long = {option for action in shown for option in action.option_strings if option.startswith("--")}
        assert set(values(name, "--")) == long, name
        for inner in (action.choices for action in command._actions if isinstance(action.choices, dict)):
            for word, further in inner.items():
                long = {option for option in further._option_string_actions if option.startswith("--")}
                assert set(values(name, word, "--")) == long, (name, word)
    assert "--no-wait" not in values("use", "--no-wait", "--")
    assert values("--ver") == ["--version", "--verbose"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("use", ""), ["dev", "prod:admin@eu"]),
        (("use", "--no-wait", "p"), ["prod:admin@eu"]),
        (("use", "dev", ""), []),
        (("refresh", "dev", "prod"), ["prod:admin@eu"]),
        (("keep", "dev", "--for", ""), []),
        (("keep", "--for", "4h", "d"), ["dev"]),
        (("keep", "--for=4h", "d"), ["dev"]),
        (("--verbose", "creds", "d"), ["dev"]),
        (("import", ""), ["profiles", "sso", "team", "keyring", "live", "take-over"]),
        (("import", "t"), ["team", "take-over"]),
        (("import", "profiles", ""), []),
        (("import", "sso", ""), ["corp", "dev", "prod:admin@eu"]),
        (("import", "sso", "--yes", "c"), ["corp"]),
        (("import", "sso", "corp", ""), []),
        (("import", "live", "d"), ["dev"]),
        (("import", "live", "--as", ""), []),
        (("import", "take-over", ""), ["base"]),
        (("import", "take-over", "--as", "x", "b"), ["base"]),
        (("import", "keyring", ""), ["base"]),
        (("import", "keyring", "base", ""), []),
        (("import", "keyring", "--undo", ""), ["moved"]),
        (("import", "keyring", "--un"), ["--undo"]),
        (("import", "--ta"), []),
        (("import", "--take-over", ""), ["base"]),
        (("import", "--keyring", ""), ["base"]),
        (("import", "--from-keyring", ""), ["moved"]),
        (("import", "--from-keyring", "b"), []),
        (("login", ""), ["corp", "dev", "prod:admin@eu"]),
        (("env", "dev", "--shell", "z"), ["zsh"]),
        (("use", "dev", "--region", "eu-w"), ["eu-west-1", "eu-west-2"]),
        (("env", "--shell=f"), ["--shell=fish"]),
        (("autostart", "o"), ["on", "off"]),
        (("help", "st"), ["status", "start", "states"]),
        (("help", "m"), ["mfa"]),
        (("status", "d"), ["dev"]),
        (("logout", "c"), ["corp"]),
        (("exec", "dev", "--region", "us-w"), ["us-west-2"]),
        (("env", "dev", "--format", ""), ["dotenv", "json"]),
        (("env", "dev", "--shell", "n"), ["nushell"]),
        (("add", "dev", "--source-profile", ""), ["base"]),
        (("add", ""), []),
        (("completion", ""), list(SCRIPTS)),
        (("--config", ""), [":files"]),
        (("exec", "d"), ["dev"]),
        (("exec", "dev", "--", ""), [":program"]),
        (("exec", "dev", "--", "ls", "--"), [":program"]),
        (("use", "--", "d"), ["dev"]),
        (("nonsense", ""), []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_is_offered(roles, words, offered):
    assert values(*words) == offered


def test_every_command_of_import_is_offered_with_a_sentence(roles):
    offered = dict(offers(["import"], ""))
    assert offered["sso"] == "Add the accounts and roles of a sign-in to IAM Identity Center"
    assert all(offered.values())


def test_the_configuration_on_the_line_counts(roles, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(roles.read_text().replace("dev", "elsewhere"))
    assert values("--config", str(other), "use", "e") == ["elsewhere"]
    assert values(f"--config={other}", "use", "e") == ["elsewhere"]


def test_a_broken_configuration_is_no_obstacle(roles):
    roles.write_text("[roles")
    assert values("use", "") == []
    assert "use" in values("")


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_script_is_printed(sandbox, shell):
    done = sandbox.command("completion", shell)
    assert (done.returncode, done.stdout, done.stderr) == (0, SCRIPTS[shell], "")


def test_the_answer_is_quick_and_has_a_tab(sandbox):
    sandbox.add_role("dev")
    done = sandbox.command("__complete", "use", "=d")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "dev\taccount 123456789012, profile dev-session\n"
    assert sandbox.command("__complete", "use", "=x").stdout == ""


@pytest.fixture
def shell_home(sandbox, tmp_path):
    """The sandbox with two roles and `traycreds` in PATH."""
    sandbox.add_role("dev")
    sandbox.add_role("prod")
    text = sandbox.config.read_text()
    sandbox.config.write_text(text.replace("[roles.prod]", '[roles."prod:admin@eu"]\nprofile = "prod"'))
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "traycreds"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m traycreds "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    sandbox.path = f"{folder}:{os.environ['PATH']}"
    return sandbox


STARTS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "-i"],
}
SETS_UP = {
    "bash": 'bind "set enable-bracketed-paste off"; PS1="rea""dy> "; eval "$(traycreds completion bash)"',
    "zsh": "unsetopt zle_bracketed_paste; PS1='rea''dy> '; autoload -U compinit; compinit -D -u; "
    "source <(traycreds completion zsh)",
    "fish": "function fish_prompt; echo -n 'rea''dy> '; end; traycreds completion fish | source",
}


class Terminal:
    """A shell at a pseudo-terminal, as a person would sit before it."""

    def __init__(self, shell, sandbox):
        # Windows has no `pty`.
        import pty

        environment = sandbox.environment(PATH=sandbox.path, TERM="xterm", HISTFILE="")
        prepare_fish(sandbox.home)
        self.master, slave = pty.openpty()
        # The shell fish needs a terminal that it controls.
        command = ["setsid", "--ctty", *STARTS[shell]]
        self.process = subprocess.Popen(
            command, env=environment, stdin=slave, stdout=slave, stderr=slave, cwd=sandbox.home
        )
        os.close(slave)
        self.seen = ""

    def type(self, text):
        os.write(self.master, text.encode())

    def wait_for(self, pattern, *, seconds=15):
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self.seen, re.DOTALL):
            assert time.monotonic() < deadline, f"{pattern} did not come: {self.seen!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536).decode(errors="replace")

    def run(self, line, expected):
        """Type a line, in which a Tab may be, and wait for what it prints."""
        self.seen = ""
        *parts, last = line.split("\t")
        for part in parts:
            self.type(part + "\t")
            self.wait_until_quiet()
        self.type(last + "\r")
        self.wait_for(expected)

    def wait_until_quiet(self, seconds=0.6):
        """Wait until the shell has drawn what a Tab gave: nothing more comes for a while."""
        quiet_since = time.monotonic()
        length = len(self.seen)
        while time.monotonic() - quiet_since < seconds:
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 65536).decode(errors="replace")
            if len(self.seen) != length:
                length, quiet_since = len(self.seen), time.monotonic()

    def close(self):
        self.process.kill()
        self.process.wait(20)
        os.close(self.master)


@pytest.fixture
def terminal(request, shell_home):
    shell = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}: sudo apt-get install -y {shell}")
    opened = Terminal(shell, shell_home)
    try:
        opened.wait_until_quiet()
        opened.type(SETS_UP[shell] + "\r")
        opened.wait_for("ready> ")
        opened.wait_until_quiet()
        yield opened
    finally:
        opened.close()


@not_on_windows
@pytest.mark.parametrize("terminal", SHELLS, indirect=True)
def test_a_tab_in_a_real_shell(terminal, shell_home):
    (shell_home.home / "a file.toml").write_bytes(shell_home.config.read_bytes())
    # The output of the command shows what the Tab made of the word.
    terminal.run("traycreds --conf\ta\\ fi\tstatus", r"prod:admin@eu\s")
    terminal.run("traycreds stat\t", r"dev\s")
    terminal.run("traycreds import prof\t--dry\t; echo en''d", r"Nothing to add to .*end")
    terminal.run("traycreds import live de\t; echo en''d", r"Profile dev-live is now in .*end")
    terminal.run("traycreds env prod:ad\t--shell cmd | cat; echo en''d", r'set "AWS_ACCESS_KEY_ID=.*end')
    terminal.run("traycreds exec de\t-- printe\tAWS_SESSION_TOKEN | wc -c; echo en''d", r"\d{2,}.*end")
