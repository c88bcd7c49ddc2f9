"""`import`, `doctor` and `autostart`: what looks after files; owns the questions that are asked in a terminal."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from traycreds.cli.options import options
from traycreds.cli.output import complain
from traycreds.core.errors import UsageError

if TYPE_CHECKING:
    from traycreds.adapters.autostart import Entry
    from traycreds.adapters.finding import Finding
    from traycreds.adapters.proposals import Proposal
    from traycreds.adapters.references import Reference

UNWELL = 4
"""What `doctor` exits with when it finds something."""
DANGLING = 2
"""What `autostart status` exits with when the entry names a program that is gone."""


def doctor(parsed: argparse.Namespace) -> int:
    """`traycreds doctor`."""
    from traycreds.app import doctoring  # noqa: PLC0415

    findings = doctoring.examine(options(parsed))
    if parsed.json:
        print(json.dumps(doctoring.as_json(findings, doctoring.included(options(parsed))), indent=2))
    elif parsed.report:
        print(doctoring.report(options(parsed), findings, dict(os.environ)), end="")
    else:
        for source, state in doctoring.included(options(parsed)):
            print(f"Included: {source}: {state}.")
        _print_findings(findings)
    return UNWELL if findings else 0


def _print_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        place = finding.file if finding.line is None else f"{finding.file}, line {finding.line}"
        print(f"{finding.severity.value}: {place}: {finding.what}.\n    {finding.remedy}")
    if not findings:
        print("All is well.")
    else:
        print(f"{len(findings)} {'thing' if len(findings) == 1 else 'things'} to look at.")


def autostart(parsed: argparse.Namespace) -> int:
    """`traycreds autostart`."""
    from traycreds.app import atlogin  # noqa: PLC0415

    if parsed.json:
        return _autostart_as_json(parsed)
    if parsed.do == "on":
        entry = atlogin.turn_on(options(parsed))
        print(f"traycreds starts when you log in: {_line(entry.command)}\nThe entry is {entry.where}")
        return 0
    if parsed.do == "off":
        print("traycreds starts no more when you log in." if atlogin.turn_off() else "It did not start by itself.")
        return 0
    return _print_autostart(atlogin.look())


def _print_autostart(found: Entry | None) -> int:
    if found is None:
        print("off")
        return 0
    if not found.enabled:
        print(f"off: switched off in the settings of the desktop ({found.where})")
        return 0
    if not found.alive:
        what = found.command[0] if found.command else "no program"
        complain(f"{found.where} names {what}, which cannot be run.", "Run `traycreds autostart on` again.")
        return DANGLING
    print(f"on: {_line(found.command)} ({found.where})")
    return 0


def _autostart_as_json(parsed: argparse.Namespace) -> int:
    """The same for programs: how things stand, after doing what is asked."""
    from traycreds.app import atlogin  # noqa: PLC0415

    if parsed.do == "on":
        atlogin.turn_on(options(parsed))
    elif parsed.do == "off":
        atlogin.turn_off()
    found = atlogin.look()
    entry = None if found is None else {"where": str(found.where), "command": list(found.command), "alive": found.alive}
    on = found is not None and found.enabled and found.alive
    print(json.dumps({"on": on, "enabled": found is not None and found.enabled, "entry": entry}, indent=2))
    return DANGLING if found is not None and found.enabled and not found.alive else 0


def _line(command: Sequence[str]) -> str:
    """A command as one would type it here."""
    import shlex  # noqa: PLC0415 - only this prints a command
    import subprocess  # noqa: PLC0415 - as above

    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)


def take_in(parsed: argparse.Namespace) -> int:
    """`traycreds import`."""
    if parsed.team:
        from traycreds.cli import team  # noqa: PLC0415

        return team.take_in(parsed)
    if parsed.keyring is not None or parsed.from_keyring is not None:
        from traycreds.cli import sourcekeys  # noqa: PLC0415

        return sourcekeys.move(parsed)
    if (parsed.sso is None and parsed.anew) or (parsed.sso and (parsed.live or parsed.take_over)):
        raise UsageError("--sso adds roles, --anew goes with it.", "Leave out the rest.")
    if parsed.live is not None:
        return _make_live(parsed)
    if parsed.take_over is not None:
        return _take_over(parsed)
    if parsed.new_name is not None or parsed.fix_references:
        raise UsageError(
            "--as and --fix-references go with --take-over.", "Write --take-over PROFILE --as NAME, and see --help."
        )
    if parsed.json and not parsed.dry_run:
        raise UsageError("--json goes with --dry-run.", "Write --dry-run --json, or leave --json out.")
    return _add_roles(parsed)


def _add_roles(parsed: argparse.Namespace) -> int:
    from traycreds.app import importing  # noqa: PLC0415

    asking = not (parsed.yes or parsed.dry_run)
    if asking and not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "There is no terminal to ask in.", "Give --dry-run to see what would be added, --yes to add it."
        )
    given = options(parsed)
    if parsed.sso is None:
        text_of, as_json = importing.text_of, importing.as_json
        add: Callable[[Sequence[Proposal]], None] = partial(importing.add, given)
        offer = importing.look(given)
    else:
        from traycreds.app import ssoimport  # noqa: PLC0415

        portal = ssoimport.Portal(given, parsed.sso)
        text_of, as_json, add = portal.text_of, portal.as_json, portal.add
        offer = portal.look(anew=parsed.anew, progress=_show_progress)
    if not parsed.json:
        for sentence in offer.left_out:
            complain(f"Left out: {sentence}")
        if not offer.proposals:
            print(f"There is nothing to add to {offer.path}.")
            return 0
    chosen = _named(offer.proposals, parsed.roles)
    if parsed.dry_run:
        text = json.dumps(as_json(offer, chosen), indent=2) + "\n" if parsed.json else text_of(chosen).lstrip("\n")
        print(text, end="")
        return 0
    if asking:
        chosen = _asked(chosen, text_of, str(offer.path))
    if not chosen:
        print("Nothing was changed.")
        return 0
    add(chosen)
    print(f"Added to {offer.path}: {', '.join(proposal.name for proposal in chosen)}")
    _print_next(chosen, offer.offered_now)
    return 0


def _show_progress(done: int, total: int) -> None:
    """Say on stderr how far a list of accounts is: in one line of a terminal, else now and then."""
    if sys.stderr.isatty():
        print(f"\r{done} of {total} accounts", end="\n" if done == total else "", file=sys.stderr, flush=True)
    elif done == total or done % 100 == 0:
        complain(f"{done} of {total} accounts")


def _named(proposals: Sequence[Proposal], names: Sequence[str]) -> Sequence[Proposal]:
    """The proposals of these names, or all."""
    for name in names:
        if name not in {proposal.name for proposal in proposals}:
            offered = ", ".join(proposal.name for proposal in proposals)
            raise UsageError(f"{name} is not among what can be added.", f"That is: {offered}.")
    return [proposal for proposal in proposals if not names or proposal.name in names]


def _asked(
    proposals: Sequence[Proposal], text_of: Callable[[Sequence[Proposal]], str], path: str
) -> Sequence[Proposal]:
    """What the user takes of the proposals, having seen the text; nothing if they would rather not."""
    width = max(len(proposal.name) for proposal in proposals)
    for number, proposal in enumerate(proposals, start=1):
        print(f"{number:>4}  {proposal.name:<{width}}  {proposal.origin}")
    try:
        chosen = proposals
        if len(proposals) > 1:
            chosen = _picked(proposals, input("Which? Numbers such as 1 3-5, or Enter for all: "))
        print(f"\nTo be appended to {path}:\n{text_of(chosen)}")
        answer = input("Write it? [y/N] ")
    except EOFError:
        print()
        return ()
    return chosen if answer.strip().lower() in {"y", "yes"} else ()


def _picked(proposals: Sequence[Proposal], answer: str) -> Sequence[Proposal]:
    numbers: set[int] = set()
    for part in answer.replace(",", " ").split():
        first, _, last = part.partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            raise UsageError(f'"{part}" is no number of the list.', "Write numbers such as 1 3-5.")
        numbers |= set(range(int(first), min(int(last or first), len(proposals)) + 1))
    if not numbers <= set(range(1, len(proposals) + 1)) or (answer.strip() and not numbers):
        raise UsageError("There is no such number in the list.", f"It goes from 1 to {len(proposals)}.")
    return [proposal for number, proposal in enumerate(proposals, start=1) if not numbers or number in numbers]


def _print_next(chosen: Sequence[Proposal], offered_before: int) -> None:
    """What there is to know after roles were added."""
    for proposal in chosen:
        if proposal.note:
            print(f"{proposal.name}: {proposal.note}")
    if offered_before > len(chosen):
        print("From now on only the roles of the configuration are offered, no more all of ~/.aws/config.")
    print(f"None is renewed before you say so: `traycreds keep {chosen[0].name}`, or the menu.")


def _make_live(parsed: argparse.Namespace) -> int:
    from traycreds.app import liveprofile  # noqa: PLC0415

    if parsed.roles or parsed.yes or parsed.dry_run or parsed.take_over is not None or parsed.fix_references:
        raise UsageError("--live writes one profile, and nothing else.", "Leave out what does not belong to it.")
    found = liveprofile.write(options(parsed), parsed.live, parsed.new_name)
    print(f"Profile {found.name} {'is now' if found.changed else 'is already'} in {found.file}.")
    print(f"A program with AWS_PROFILE={found.name} gets the session of {parsed.live}, and each new one in time.")
    return 0


def _take_over(parsed: argparse.Namespace) -> int:
    from traycreds.app import importing  # noqa: PLC0415

    if parsed.roles or parsed.yes or parsed.dry_run:
        raise UsageError("--take-over moves one profile, and nothing else.", "Leave out what does not belong to it.")
    old, new = parsed.take_over, parsed.new_name
    if new is None:
        raise UsageError("--take-over needs a new name.", f"Write: traycreds import --take-over {old} --as NAME")
    taken = importing.take_over(options(parsed), old, new, fix_references=parsed.fix_references)
    if taken.backup is not None:
        print(f"Profile {old} is now called {new} in {taken.file}; its lines are as they were.")
        print(f"The file as it was: {taken.backup}")
    for reference in taken.fixed:
        print(f"Changed to {new}: {_reference(reference)}")
    for reference in taken.left:
        print(f"Still names {old}: {_reference(reference)}")
    if taken.left and not parsed.fix_references:
        print(
            f"To have them name {new}: traycreds import --take-over {old} --as {new} --fix-references\n"
            "(in the AWS configuration and in ours; the credentials file is for you to edit)"
        )
    if taken.settings is not None:
        at = taken.settings
        print(f"The settings of {old} in {at.file}, line {at.line}, stay with that name.")
    return 0


def _reference(reference: Reference) -> str:
    return f"{reference.key} of {reference.holder} in {reference.file}, line {reference.line}"
