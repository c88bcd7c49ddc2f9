"""What the program says of included files, and what it does when the user clicks: show a review, accept it.

Owns the sentences, those of the terminal included. Fetches nothing, see `teamwatch`; decides nothing by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence

from traycreds.adapters import opener, review, rolediff
from traycreds.adapters.places import Places
from traycreds.adapters.printable import printable
from traycreds.adapters.review import Review
from traycreds.adapters.shelf import Shelf
from traycreds.core.commands import UiCommand
from traycreds.core.errors import ConfigError, TraycredsError
from traycreds.core.messages import Button, Notify

log = logging.getLogger(__name__)

KEY = "team"
"""Of notices about included files."""
_REPORT = "team-review.txt"
_NONE = 'Name one above the first table of your configuration: include = ["team.toml"].'
_SHOWN = 3
"""Roles that are named before the rest is counted."""


def waiting(where: Places) -> str | None:
    """One line when included files wait for the user's word; None otherwise, and when it cannot be told."""
    try:
        names = [each.source.name for each in review.find(where) if each.waiting]
    except TraycredsError:  # told by whoever needs what cannot be read
        return None
    if not names:
        return None
    files = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    return f"New team roles in {printable(files)} wait for your review: traycreds import --team"


def fetch(where: Places) -> None:
    """Get what was not fetched yet; what goes wrong stands in the reviews that come after. Blocks for the network.

    Raises:
        ConfigError: our own configuration is no TOML, or it or an AWS file cannot be read.
    """
    for each in review.find(where):
        if each.source.pin is not None and each.included.found is None:
            from traycreds.adapters import fetched  # noqa: PLC0415 - seldom needed, and heavy

            try:
                fetched.fetch(each.source, Shelf(where.state_dir))
            except ConfigError as error:
                log.info("not fetched: %s", error)


def sentence(each: Review) -> str:
    """What waits in a file, in a few words."""
    name, count = printable(each.source.name), each.changes.summary()
    if each.included.accepted is None:
        return f"Team roles in {name} wait for you: {count}"
    return f"The team's roles in {name} changed: {count}"


def text_of(reviews: Sequence[Review]) -> str:
    """All there is to read before accepting."""
    return "\n".join(line for each in reviews for line in _lines(each))


def _lines(each: Review) -> Iterator[str]:
    if each.error is not None:
        why = "faulty" if each.faulty else each.included.standing.value
        yield f"{printable(each.source.label)}: {why}; what you accepted before stays"
        yield f"  {printable(each.error.sentence)}"
        problems = each.error.problems if isinstance(each.error, ConfigError) and len(each.error.problems) > 1 else ()
        yield from (f"  {problem.place}: {problem.what}. {problem.hint}" for problem in problems)
        yield f"  {printable(each.error.hint)}"
        return
    yield f"{printable(each.source.label)}: {each.changes.summary() if each.waiting else each.included.standing.value}"
    yield from rolediff.lines(each.changes, each.own)
    for command, roles in each.commands.items():
        yield f"  ! a program for MFA codes, of {_named(roles)}:"
        yield f"        {printable(command)}"
    if each.commands:
        yield "    It is not run unless you allow it; without it, you are asked for codes."


def _named(roles: Sequence[str]) -> str:
    more = len(roles) - _SHOWN
    return f"{', '.join(map(printable, roles[:_SHOWN]))}{f' and {more} more' if more > 0 else ''}"


class Team:
    """What the menu and the buttons of notices can ask for about included files."""

    def __init__(self, where: Places, *, tell: Callable[[Notify], None], changed: Callable[[], None]) -> None:
        """Do nothing yet.

        Args:
            where: all places.
            tell: shows a notice.
            changed: is told that other roles count now.
        """
        self._where = where
        self._tell = tell
        self._changed = changed
        self._shown: tuple[Review, ...] = ()

    def review(self) -> None:
        """Show what waits in a text window; it is accepted by a second click.

        Raises:
            TraycredsError: a file cannot be read or written, or no program shows it.
        """
        fetch(self._where)
        found = review.find(self._where)
        if not found:
            self._say("No team file is included", _NONE)
            return
        self._shown = tuple(each for each in found if each.error is None and (each.waiting or each.commands))
        told = [each for each in found if each.error is not None or each in self._shown]
        if not told:
            self._say("All team roles are accepted", "Nothing waits for your review.")
            return
        report = self._where.state_dir / _REPORT
        report.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        report.write_text(text_of(told) + "\n", encoding="utf-8")
        self._ask(told)
        error = opener.open_file(report)
        if error is not None:
            raise error

    def accept(self) -> None:
        """Take what was shown; programs are asked for by another notice.

        Raises:
            TraycredsError: it cannot be.
        """
        waiting = [each for each in self._shown if each.waiting]
        if not waiting:
            self.review()
            return
        review.accept(self._where, [(each, frozenset()) for each in waiting])
        self._changed()
        self._say(
            f"Accepted: {', '.join(printable(each.source.name) for each in waiting)}", "The roles are in the menu."
        )
        self._shown = tuple(each for each in review.find(self._where) if each.commands)
        if self._shown:
            self._ask(self._shown)

    def allow(self) -> None:
        """Let the shown programs run.

        Raises:
            TraycredsError: it cannot be.
        """
        shown = [each for each in self._shown if each.commands and not each.waiting]
        if not shown:
            self.review()
            return
        review.accept(self._where, [(each, frozenset(each.commands)) for each in shown])
        self._shown = ()
        self._changed()
        self._say("The program may run", "It gives the MFA codes of the team's roles from now on.")

    def _ask(self, told: Sequence[Review]) -> None:
        """Offer what comes next: to accept roles, or once that is done, to allow programs."""
        waiting = [each for each in told if each.waiting]
        commands = [command for each in told for command in each.commands]
        if waiting:
            button = Button("Accept", UiCommand.ACCEPT_TEAM)
            self._say(
                sentence(waiting[0]),
                "Read the list, then accept it here, in the menu, or by traycreds import --team.",
                button,
            )
        elif commands:
            button = Button("Allow", UiCommand.ALLOW_TEAM)
            body = "\n".join(
                (*map(printable, commands), "It would give MFA codes. Without it, you are asked for them.")
            )
            self._say("Team roles name a program to run", body, button)
        else:
            error = next(each.error for each in told if each.error is not None)
            self._say(printable(error.sentence), printable(error.hint))

    def _say(self, title: str, body: str, *buttons: Button) -> None:
        self._tell(Notify(key=KEY, title=title, body=body, buttons=buttons))
