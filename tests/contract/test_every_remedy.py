"""No remedy is given that no test carries out: a new hint anywhere needs a row in one of the tables of remedies."""

from __future__ import annotations

import ast

from tests.architecture.remedies import remedies, remedies_of, seen_in, texts_of
from tests.architecture.sources import TEST_FILES, TESTS, text_of, tree_of

IN_THEIR_OWN_TABLE = "aws/error_table.py"
"""Whose rows `test_table_of_error_remedies` counts."""
LEFT = TESTS / "contract" / "remedies_left.txt"
"""Hints that no test carries out yet. It only shrinks: a hint that is not in it, and in no table, fails."""
TABLES = ("_remedies.py", "test_table_of_states.py")
"""How the names of tests end that carry out what they read; a table of something else may have the same words."""
CITED = {
    "If that was a mistake, sign in again.": "integration/sso/test_login_command.py",
    "Fix it in ~/.aws/config.": "integration/sso/test_login_command.py",
    "To keep it under another name, with a backup: ": "integration/cli/test_doctor_remedies.py",
    "Start traycreds with AWS_ACCESS_KEY_ID and ": "integration/cli/test_doctor_remedies.py",
    "Start traycreds in ECS or EKS, which set ": "integration/cli/test_doctor_remedies.py",
    "Use --dry-run to see what is new, --yes to accept it.": "integration/team_files/test_import_team.py",
    "Mount or unlock the drive that it is on. If it should start empty, create it": "integration/cli/test_remedies.py",
    "If it stays missing, traycreds creates it within ": "integration/credentials_file/test_late_writes.py",
    "If they stay away, traycreds writes it within ": "integration/credentials_file/test_late_writes.py",
    "Sign in again when it suits you.": "integration/sso/test_sign_ins_of_the_app.py",
    "Run it in a desktop session that has a notification service": "integration/notifications/test_test_notice.py",
    "in a terminal, which asks for the code.": "integration/refresh/test_refresh_mfa.py",
    "Run traycreds pick in a terminal.": "integration/cli/test_pick.py",
    "The desktop accepted the icon but does not show it": "desktop/test_tray_on_bus.py",
    "There is no session bus (DBUS_SESSION_BUS_ADDRESS)": "desktop/test_tray_on_bus.py",
    "Install it with: pipx inject --force ": "packaging/test_wheel.py",
    "No notices? Run: traycreds doctor --notify": "mac/test_notices.py",
    "Run traycreds doctor --notify: it sends one.": "mac/test_notices.py",
    "Run: chmod u+rwx ": "unit/doctor/test_write_checks.py",
    "Run: chmod ": "contract/test_table_of_doctor_remedies.py",
}
"""How hints begin that tests elsewhere carry out, by commands that they take from the message."""


def carried_out() -> list[str]:
    """The texts of the tests whose rows carry out what they read."""
    tables = [path for path in TEST_FILES if path.name.endswith(TABLES)]
    return [text for path in tables for text in texts_of(tree_of(text_of(path)))]


def test_each_remedy_is_carried_out_or_known_to_be_left():
    texts = [*carried_out(), *CITED]
    left = [
        "\n".join([f"## {name}", *lines]) + "\n"
        for name, found in remedies().items()
        if name != IN_THEIR_OWN_TABLE
        if (lines := [each.replace("\n", "\\n") for each in found if not seen_in(each, texts)])
    ]
    assert LEFT.read_text(encoding="utf-8") == "\n".join(left)


def test_tests_that_are_cited_are_there():
    assert all((TESTS / file).is_file() for file in CITED.values())


def test_what_is_a_remedy():
    source = (
        '"""Write it."""\n_log.info("Write it down.")\nraise UsageError("It is bad.", f"Mend {it}.")\nx = "Write it like so."\n'
        'y = "It is written."\nhint = "As you like it."\ndef _remedy(a):\n    return "One or other."\nz(remedy="So or so.")\n'
    )
    found = ["Mend {it}.", "Write it like so.", "As you like it.", "One or other.", "So or so."]
    assert list(remedies_of(ast.parse(source))) == found


def test_what_is_no_remedy():
    source = (
        '_log.info("Write it down.")\nButton("Sign in to it", x)\nNotify(title=f"Sign in to {it}", body=b)\n'
        'agreed("Write it? [y/N] ")\n_TITLE = "Find it."\nline = "Remove-Item it."\n'
    )
    assert list(remedies_of(ast.parse(source))) == []


def test_what_is_seen():
    assert seen_in("Write its full path: {whole}", ["Write its full path: /x"])
    assert seen_in("Fix that line; until then no tool reads it.", ["Fix that line;"])
    assert not seen_in("Fix that line; until then no tool reads it.", ["that line; until"])
    assert not seen_in("Sign in again when it suits you.", ["Sign in again."])
