"""Translates old options of `import` (`import --sso S`) into today's commands (`import sso S`). Runs nothing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from traycreds.awsfiles.ownership import take_over_command
from traycreds.cli.command_parser import Command
from traycreds.core.errors import UsageError

COMMANDS = ("profiles", "sso", "team", "keyring", "live", "take-over")
"""The commands of `import`; a first word that is one of them is never the name of a role."""


class _OldForm(NamedTuple):
    """One of the old forms; `takes` are options that went with it, `complaint` is said about any others."""

    option: str
    command: str
    takes: frozenset[str]
    complaint: str
    more: tuple[str, ...] = ()


_FORMS = (
    _OldForm(
        "team",
        "team",
        frozenset({"yes", "dry_run", "json"}),
        "--team reviews the included files, and nothing else.",
    ),
    _OldForm("keyring", "keyring", frozenset(), "--keyring moves the keys of one profile, and nothing else."),
    _OldForm(
        "from_keyring",
        "keyring",
        frozenset(),
        "--from-keyring moves the keys of one profile, and nothing else.",
        ("--undo",),
    ),
    _OldForm(
        "sso",
        "sso",
        frozenset({"roles", "yes", "dry_run", "json", "anew"}),
        "--sso adds roles, --anew goes with it.",
    ),
    _OldForm("live", "live", frozenset({"new_name"}), "--live writes one profile, and nothing else."),
    _OldForm(
        "take_over",
        "take-over",
        frozenset({"new_name", "fix_references"}),
        "--take-over moves one profile, and nothing else.",
    ),
)
"""If several were given, the first one complains about the others."""
_ALONE = {
    "anew": "--sso adds roles, --anew goes with it.",
    "new_name": "--as and --fix-references go with --take-over.",
    "fix_references": "--as and --fix-references go with --take-over.",
}
"""What made no sense without one of the forms."""


def parser() -> argparse.ArgumentParser:
    """The old options, for the translation and for completion."""
    old = Command("traycreds import", usage="%(prog)s [-h] [COMMAND] ...", add_help=False)
    old.add_argument("-h", "--help", action="store_true")
    old.add_argument("roles", nargs="*", metavar="NAME")
    for option in ("--yes", "--dry-run", "--json", "--team", "--anew", "--fix-references"):
        old.add_argument(option, action="store_true")
    old.add_argument("--sso", metavar="SESSION")
    old.add_argument("--live", metavar="ROLE")
    old.add_argument("--take-over", metavar="PROFILE")
    old.add_argument("--keyring", metavar="PROFILE")
    old.add_argument("--from-keyring", metavar="STORED")
    old.add_argument("--as", dest="new_name", metavar="NAME")
    return old


def translated(arguments: Sequence[str]) -> list[str]:
    """Arguments of `import` in today's form. Raises UsageError: invalid old form. Raises SystemExit: no value."""
    if arguments and arguments[0] in COMMANDS:
        return list(arguments)
    old, unknown = parser().parse_known_args(arguments)
    given = {name: value for name, value in vars(old).items() if value not in (None, False, [])}
    form = next((form for form in _FORMS if form.option in given), None)
    if given.pop("help", None):
        return ["--help"] if form is None else [form.command, "--help"]
    arguments = _profiles(given) if form is None else _of_form(form, given)
    return [arguments[0], *unknown, *arguments[1:]]


def _profiles(given: dict[str, object]) -> list[str]:
    for option, complaint in _ALONE.items():
        if option in given:
            raise UsageError(complaint, "Leave it out, or see: traycreds import --help")
    return ["profiles", *_words(given)]


def _of_form(form: _OldForm, given: dict[str, object]) -> list[str]:
    value = given.pop(form.option)
    if given.keys() - form.takes:
        raise UsageError(form.complaint, "Leave out the rest.")
    if form.option == "take_over" and "new_name" not in given:
        raise UsageError("--take-over needs a new name.", f"Write: {take_over_command(str(value), ())}")
    subject = [] if value is True else [str(value)]
    return [form.command, *form.more, *_words(given, subject)]


def _words(given: dict[str, object], subject: Sequence[str] = ()) -> list[str]:
    """Options first, so that no name is read as an option."""
    if "json" in given and "dry_run" not in given:
        raise UsageError("--json goes with --dry-run.", "Write --dry-run --json, or leave --json out.")
    flags = ("yes", "dry_run", "json", "anew", "fix_references")
    options = [f"--{name.replace('_', '-')}" for name in flags if name in given]
    if "new_name" in given:
        options.append(f"--as={given['new_name']}")
    roles = given.get("roles", ())
    assert isinstance(roles, (list, tuple))
    names = [*subject, *roles]
    return [*options, *(("--",) if any(name.startswith("-") for name in names) else ()), *names]
