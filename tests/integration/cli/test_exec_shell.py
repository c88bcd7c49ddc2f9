"""`exec` without a command opens the user's shell; `exec --region`; the other formats of `env`."""

from __future__ import annotations

import json
import shutil
import sys

import pytest

from tests.integration.refresh.test_refresh import complaint
from tests.support.terminal import Typed
from tests.windows.mark import not_on_windows

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


def ran(sandbox, *arguments):
    """The environment of a program that `exec` runs."""
    done = sandbox.command("exec", *arguments, "--", sys.executable, "-c", SHOW)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@not_on_windows
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "dash"])
def test_the_users_shell_is_opened_with_the_role_in_its_prompt(dev, shell):
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"needs {shell}: sudo apt-get install -y {shell}")
    # Without this file, zsh asks new users how to set it up.
    (dev.home / ".zshrc").touch()
    terminal = Typed(dev.environment(SHELL=path, TERM="xterm"), "exec", "dev")
    terminal.wait_for("This shell is dev until ")
    terminal.wait_for("(dev)")
    terminal.type('echo "key=$AWS_ACCESS_KEY_ID role=$TRAYCREDS_ROLE"; exit 7')
    assert terminal.end() == 7
    key = dev.profiles()["dev-session"]["aws_access_key_id"]
    assert f"key={key} role=dev" in terminal.output


def test_without_a_terminal_a_command_is_needed(dev):
    done = dev.command("exec", "dev")
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint(done).startswith("No command to run.\nPut it after two dashes, as in ")


@pytest.mark.parametrize("server", [(), ("--server",)])
def test_a_program_gets_the_region_that_is_named_and_the_roles_else(dev, server):
    named = ran(dev, "dev", *server, "--region", "eu-west-1")
    assert (named["AWS_REGION"], named["AWS_DEFAULT_REGION"]) == ("eu-west-1", "eu-west-1")
    own = ran(dev, "dev", *server)
    assert (own["AWS_REGION"], own["TRAYCREDS_ROLE"]) == ("us-east-1", "dev")


def test_an_invalid_region_is_refused_before_anything_runs(dev):
    done = dev.command("exec", "dev", "--region", "eu-west-1a", "--", sys.executable, "-c", SHOW)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith('--region "eu-west-1a" is not a region name.\n')


def test_a_env_file_has_a_line_for_each_variable(dev):
    lines = dev.command("env", "dev", "--format", "dotenv").stdout.splitlines()
    values = json.loads(dev.command("env", "dev", "--format", "json").stdout)
    assert dict(line.split("=", 1) for line in lines) == values


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/usr/bin/nu", '$env.AWS_ACCESS_KEY_ID = "', "hide-env --ignore-errors AWS_SECRET_KEY"),
        ("/usr/bin/xonsh", "$AWS_ACCESS_KEY_ID = '", "${...}.pop('AWS_SECRET_KEY', None)"),
    ],
)
def test_shells_that_are_like_no_other(dev, path, first, last):
    lines = dev.command("env", "dev", SHELL=path).stdout.splitlines()
    assert lines[0].startswith(first)
    assert lines[-1] == last
