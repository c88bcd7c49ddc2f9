"""Hints for the tray name a key or a command in a terminal."""

from __future__ import annotations

import re

import pytest

from tests.support.builders import MINUTE, NOW, a_session
from traycreds.aws.error_table import NOT_SIGNED_IN
from traycreds.aws.mfa.question import HOW
from traycreds.cli.display.hints import HINTS, by_commands, by_keys
from traycreds.cli.live.action import Action
from traycreds.core.model import FileNote
from traycreds.lifecycle import notices
from traycreds.shell.quoting import shell_word

SESSION = a_session("dev", expires_at=NOW + 20 * MINUTE)
ENDING = notices.ending(SESSION, NOW).body
FIRST = notices.first_role(SESSION).body
LONG = notices.file_note(FileNote(sentence="It was changed.", hint="Look at it" + ", again" * 40)).body
SIGN_IN = NOT_SIGNED_IN.hint.format(login_word=shell_word("my corp"))


@pytest.mark.parametrize(
    ("text", "keys", "commands"),
    [
        (HOW.format(role="a.b"), "Press m to enter it.", None),
        (f"Wait. {HOW.format(role='dev')} (since 12:00)", "Wait. Press m to enter it. (since 12:00)", None),
        (SIGN_IN, "Press s to sign in.", None),
        (f"{SIGN_IN}\ndev becomes", "Press s to sign in.\ndev becomes", None),
        ("Resume it in the menu, or run `traycreds refresh dev`.", "Press r to refresh it.", None),
        (
            "If your security key waits for a touch, choose Enter MFA code and touch it.",
            "If your security key waits for a touch, press r and touch it.",
            "If your security key waits for a touch, run traycreds refresh and touch it.",
        ),
        (
            ENDING,
            "It is not kept alive. Select it and press k if you still need it.",
            "It is not kept alive. Run traycreds keep if you still need it.",
        ),
        (
            FIRST,
            "It is refreshed until you switch to another role. Select it and press k to refresh it always.",
            "It is refreshed until you switch to another role. Run traycreds keep to refresh it always.",
        ),
        (LONG, *["It was changed. Run traycreds doctor --report: it says what to do."] * 2),
        ("Nothing to do: traycreds retries.", "Nothing to do: traycreds retries.", None),
    ],
)
def test_a_hint_names_what_can_be_done_in_the_terminal(text, keys, commands):
    assert by_keys(text) == keys
    assert by_commands(text) == (text if commands is None else commands)


def test_the_keys_are_those_of_the_live_view():
    named = {word[len("press ") :] for _, keys, _ in HINTS for word in re.findall(r"[Pp]ress \w\b", keys)}
    assert named == {each.value for each in (Action.ENTER_CODE, Action.SIGN_IN, Action.REFRESH, Action.KEEP)}
