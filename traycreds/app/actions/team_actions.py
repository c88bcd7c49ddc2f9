"""Actions of the menu and of notices on included files: review, accept, allow a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from traycreds.config import review
from traycreds.config.review import Review
from traycreds.core.events import Button, Notify
from traycreds.core.text import BEFORE_REMEDY, name_list, notice_body, notice_title, printable
from traycreds.core.ui_commands import UiCommand
from traycreds.desktop import open_file
from traycreds.files import private_files
from traycreds.state.paths import Paths
from traycreds.usecases import team_review

_ACCEPT = "Read the list, then accept it here, in the menu, or with traycreds import team."
_NAMED = 2
"""Files that a title names before it counts the rest."""
_CODES = "Without it, you enter MFA codes."
_LONG = "Read the whole line in the list before you allow it."


class Team:
    """Actions of the menu and of notices on included files."""

    def __init__(self, paths: Paths, *, notify: Callable[[Notify], None], changed: Callable[[], None]) -> None:
        """Do nothing yet; `changed` is called when the effective roles change."""
        self._paths = paths
        self._notify = notify
        self._changed = changed
        self._shown: tuple[Review, ...] = ()

    def review(self) -> None:
        """Show what is new in a text window; a second click accepts it. Raises TraycredsError."""
        team_review.fetch(self._paths)
        found = review.find(self._paths)
        if not found:
            self._send_notice("No team file is included", notice_body("", team_review.NO_INCLUDES))
            return
        self._shown = tuple(each for each in found if each.error is None and (each.waiting or each.commands))
        shown = [each for each in found if each.error is not None or each in self._shown]
        if not shown:
            self._send_notice("All team roles are accepted", "Nothing to review.")
            return
        report = self._paths.state_dir / team_review.REPORT
        private_files.make_folder(report.parent)
        private_files.write(report, f"{team_review.text_of(shown)}\n".encode())
        self._ask(shown)
        error = open_file.open_file(report)
        if error is not None:
            raise error

    def accept(self) -> None:
        """Accept what was shown; another notice asks about programs. Raises TraycredsError."""
        waiting = [each for each in self._shown if each.waiting]
        if not waiting:
            self.review()
            return
        review.accept(self._paths, [(each, frozenset()) for each in waiting])
        self._changed()
        self._send_notice(
            notice_title("Accepted: {}", name_list([printable(each.source.name) for each in waiting], _NAMED)),
            "The roles are in the menu.",
        )
        self._shown = tuple(each for each in review.find(self._paths) if each.commands)
        if self._shown:
            self._ask(self._shown)

    def allow(self) -> None:
        """Let the shown programs run. Raises TraycredsError."""
        shown = [each for each in self._shown if each.commands and not each.waiting]
        if not shown:
            self.review()
            return
        review.accept(self._paths, [(each, frozenset(each.commands)) for each in shown])
        self._shown = ()
        self._changed()
        self._send_notice(
            "The program is allowed to run", "From now on it provides the MFA codes for the team's roles."
        )

    def _ask(self, shown: Sequence[Review]) -> None:
        """Offer the next step: accept roles, then allow programs."""
        waiting = [each for each in shown if each.waiting]
        commands = [command for each in shown for command in each.commands]
        if waiting:
            button = Button("Accept", UiCommand.ACCEPT_TEAM)
            self._send_notice(
                team_review.review_title(waiting[0]),
                notice_body(team_review.news(waiting[0]), _ACCEPT),
                button,
            )
        elif commands:
            button = Button("Allow", UiCommand.ALLOW_TEAM)
            self._send_notice("Team roles name a program to run", _programs(commands), button)
        else:
            error = next(each.error for each in shown if each.error is not None)
            body = notice_body(printable(error.sentence), printable(error.hint))
            self._send_notice("Team roles cannot be used", body)

    def _send_notice(self, title: str, body: str, *buttons: Button) -> None:
        self._notify(Notify(key=team_review.KEY, title=title, body=body, buttons=buttons))


def _programs(commands: Sequence[str]) -> str:
    """What would run; in the list alone where it is too long to be seen as a whole."""
    lines = "\n".join(map(printable, commands))
    return notice_body(f"{lines}\n{_CODES}", "") if len(lines) <= BEFORE_REMEDY else notice_body(_CODES, _LONG)
