"""The sentences on included files, also for the terminal; fetches missing ones. Callers decide when and what."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from traycreds.config import review
from traycreds.config.review import Review
from traycreds.config.team_files import diff
from traycreds.config.team_files.accepted_files import AcceptedFiles
from traycreds.core.errors import ConfigError, TraycredsError
from traycreds.core.text import name_list, printable
from traycreds.state.paths import Paths

log = logging.getLogger(__name__)

KEY = "team"
"""Of notices about included files."""
REPORT = "team-review.txt"
NO_INCLUDES = 'Add one above the first table of your configuration: include = ["team.toml"].'
_SHOWN = 3
"""Roles that are named before the rest is counted."""


def waiting(paths: Paths) -> str | None:
    """One line if included files wait for review; None otherwise, or if unknown."""
    try:
        names = [each.source.name for each in review.find(paths) if each.waiting]
    except TraycredsError:
        # The code that needs the file reports the error.
        return None
    if not names:
        return None
    return f"New team roles in {printable(name_list(names, most=1))} are waiting for your review: traycreds import team"


def fetch(paths: Paths) -> None:
    """Fetch what is missing; failures appear in later reviews. Blocks for the network. Raises ConfigError."""
    for each in review.find(paths):
        if each.source.pin is not None and each.included.found is None:
            from traycreds.config.team_files import download

            try:
                download.fetch(each.source, AcceptedFiles(paths.state_dir))
            except ConfigError as error:
                log.info("not fetched: %s", error)


def review_title(each: Review) -> str:
    """That something waits in a file, as the title of a notice."""
    return "Team roles wait for your review" if each.included.accepted is None else "The team's roles have changed"


def news(each: Review) -> str:
    """What waits in a file, in a few words."""
    return f"{printable(each.source.name)}: {each.changes.summary()}."


def text_of(reviews: Sequence[Review]) -> str:
    """The full text to read before accepting."""
    return "\n".join(line for each in reviews for line in _lines(each))


def _lines(each: Review) -> Iterator[str]:
    if each.error is not None:
        why = "faulty" if each.faulty else each.included.file_status.value
        yield f"{printable(each.source.label)}: {why}; what you accepted before stays"
        yield f"  {printable(each.error.sentence)}"
        problems = each.error.problems if isinstance(each.error, ConfigError) and len(each.error.problems) > 1 else ()
        yield from (f"  {problem.full_location}: {problem.what}. {problem.hint}" for problem in problems)
        yield f"  {printable(each.error.hint)}"
        return
    state = each.changes.summary() if each.waiting else each.included.file_status.value
    yield f"{printable(each.source.label)}: {state}"
    yield from diff.lines(each.changes, each.own)
    for command, roles in each.commands.items():
        yield f"  ! a program that provides MFA codes for {name_list(list(map(printable, roles)), _SHOWN)}:"
        yield f"        {printable(command)}"
    if each.commands:
        yield "    It does not run unless you allow it. Without it, traycreds asks you for codes."
