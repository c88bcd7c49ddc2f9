"""The user's shell, with a role's name in its prompt."""

from __future__ import annotations

import pytest

from traycreds.usecases import shell_prompt


@pytest.mark.parametrize(
    ("environ", "windows", "program"),
    [
        ({"SHELL": "/bin/bash"}, False, ("/bin/bash",)),
        ({"SHELL": "/usr/bin/zsh"}, False, ("/usr/bin/zsh",)),
        ({"SHELL": "/usr/bin/fish"}, False, ("/usr/bin/fish", "--init-command", shell_prompt._FISH)),
        ({"SHELL": "/opt/pwsh"}, False, ("/opt/pwsh", "-NoExit", "-Command", shell_prompt._POWERSHELL)),
        ({"SHELL": "/bin/mksh"}, False, ("/bin/mksh",)),
        ({}, False, ("/bin/sh",)),
        ({"COMSPEC": r"C:\Windows\system32\cmd.exe"}, True, (r"C:\Windows\system32\cmd.exe",)),
        ({}, True, ("cmd.exe",)),
        ({"SHELL": r"C:\Git\bin\bash.exe", "COMSPEC": "cmd.exe"}, True, (r"C:\Git\bin\bash.exe",)),
    ],
)
def test_which_shell_is_started(environ, windows, program):
    assert shell_prompt.shell_of(environ, "dev", windows=windows).program == program


@pytest.mark.parametrize(
    ("environ", "variables"),
    [
        ({"SHELL": "/bin/bash"}, {"PROMPT_COMMAND": 'PS1="($TRAYCREDS_ROLE) $PS1"; unset PROMPT_COMMAND'}),
        (
            {"SHELL": "/bin/bash", "PROMPT_COMMAND": "date; it's"},
            {"PROMPT_COMMAND": "PS1=\"($TRAYCREDS_ROLE) $PS1\"; PROMPT_COMMAND='date; it'\"'\"'s'"},
        ),
        ({"SHELL": "/bin/zsh"}, {"RPROMPT": "(a%%b)"}),
        ({"SHELL": "/bin/fish"}, {}),
        ({"SHELL": "/bin/dash"}, {"PS1": "(a%b) $ "}),
        ({"SHELL": "cmd.exe"}, {"PROMPT": "(a%b) $P$G"}),
        ({"SHELL": "cmd.exe", "PROMPT": "$N: "}, {"PROMPT": "(a%b) $N: "}),
    ],
)
def test_what_puts_the_role_into_its_prompt(environ, variables):
    assert shell_prompt.shell_of(environ, "a%b", windows=False).variables == variables
