"""Carries out what clicks ask of the program itself: open a file or page, check, import, copy.

Each errand runs on a thread of its own, so that a click returns at once; what goes wrong is told as a notice. Never
puts a secret anywhere but on the clipboard, where the user asked for it, or into the user's own browser.
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from traycreds import __version__
from traycreds.adapters import browser, choices, clipboard, opener
from traycreds.adapters.places import Places
from traycreds.app import setup
from traycreds.app.setup import Options
from traycreds.core.commands import Command, RoleCommand, UiCommand
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.core.messages import Button, Notify
from traycreds.core.model import Credentials, Role, RoleName

if TYPE_CHECKING:
    from traycreds.app.team import Team

log = logging.getLogger(__name__)

_REPORT = "check.txt"
_NAMED = 6
"""Roles that a notice names before it counts the rest."""
_BROWSER_SECONDS = 30.0


class Errands:
    """What the menu and the buttons of notices can ask for."""

    def __init__(
        self,
        where: Places,
        *,
        tell: Callable[[Notify], None],
        editing: Callable[[], None],
        sign_in: Callable[[Role], None],
        used: Callable[[RoleName], None],
    ) -> None:
        """Start nothing yet.

        Args:
            where: all places.
            tell: shows a notice.
            editing: is told that the user opens the configuration.
            sign_in: signs in to what stands behind a role.
            used: is told that the user takes a session of a role somewhere.
        """
        self._where = where
        self._tell = tell
        self._editing = editing
        self._used = used
        self._work: dict[UiCommand, Callable[[], None]] = {
            UiCommand.OPEN_CONFIG: self._open_config,
            UiCommand.CHECK_CONFIG: self._check,
            UiCommand.IMPORT_ROLES: self._import_roles,
            UiCommand.ADD_ROLES: self._add_roles,
            UiCommand.REVIEW_TEAM: self._review_team,
            UiCommand.ACCEPT_TEAM: self._accept_team,
            UiCommand.ALLOW_TEAM: self._allow_team,
            UiCommand.OPEN_LOG: self._open_log,
            UiCommand.ABOUT: self._about,
            UiCommand.POINT_OUT: self._point_out,
        }
        self._role_work: dict[UiCommand, Callable[[Role], None]] = {
            UiCommand.OPEN_CONSOLE: self._open_console,
            UiCommand.COPY_PROFILE: self._copy_profile,
            UiCommand.COPY_EXPORTS: self._copy_exports,
            UiCommand.COPY_ACCOUNT: self._copy_account,
            UiCommand.SIGN_IN: sign_in,
        }

    @functools.cached_property
    def _team(self) -> Team:
        """Made for who has a team: half a megabyte for nothing, otherwise."""
        from traycreds.app.team import Team  # noqa: PLC0415

        return Team(self._where, tell=self._tell, changed=self._editing)

    def _review_team(self) -> None:
        self._team.review()

    def _accept_team(self) -> None:
        self._team.accept()

    def _allow_team(self) -> None:
        self._team.allow()

    def run(self, command: Command) -> None:
        """Carry out a command; returns at once."""
        threading.Thread(target=self._carry_out, args=(command,), name="errand", daemon=True).start()

    def _carry_out(self, command: Command) -> None:
        try:
            if isinstance(command, RoleCommand):
                self._role_work[command.command](self._role(command.role))
            else:
                self._work[command]()
        except TraycredsError as error:
            self._tell(Notify(key="errand", title=error.sentence, body=error.hint))
        except Exception:
            log.exception("%s could not be carried out", command)

    def _role(self, name: RoleName) -> Role:
        """As it is configured now, in the region that was chosen for it.

        Raises:
            ConfigError: the configuration is broken.
            UsageError: it is configured no more.
        """
        role = next((role for role in setup.read_config(self._where).roles if role.name == name), None)
        if role is None:
            raise UsageError(f"Role {name} is configured no more.", "Look at your configuration file.")
        return replace(role, region=choices.load(self._where.state_dir).region_of(role) or role.region)

    def _open_config(self) -> None:
        self._editing()
        _raise(opener.open_config(self._where))

    def _open_log(self) -> None:
        _raise(opener.open_file(self._where.log_dir / "traycreds.log"))

    def _about(self) -> None:
        body = f"Configuration: {self._where.config_file}\nCredentials: {self._where.credentials_file}"
        self._tell(Notify(key="about", title=f"traycreds {__version__}", body=body))

    def _point_out(self) -> None:
        body = "Its icon is in the tray: click it for the menu."
        self._tell(Notify(key="running", title="traycreds is running already", body=body))

    def _check(self) -> None:
        from traycreds.adapters import doctor  # noqa: PLC0415 - seldom needed

        findings = doctor.examine(self._where)
        if not findings:
            self._tell(Notify(key="check", title="Configuration checked: all is well", body="Nothing to do."))
            return
        lines = [
            f"{finding.file}{'' if finding.line is None else f', line {finding.line}'}\n"
            f"  {finding.severity.value}: {finding.what}.\n  {finding.remedy}\n"
            for finding in findings
        ]
        report = self._where.state_dir / _REPORT
        report.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        report.write_text("\n".join(lines), encoding="utf-8")
        count = _counted(len(findings), "finding")
        body = f"{findings[0].what}. {findings[0].remedy}"
        button = Button("Open configuration", UiCommand.OPEN_CONFIG)
        self._tell(Notify(key="check", title=f"Configuration checked: {count}", body=body, buttons=(button,)))
        _raise(opener.open_file(report))

    def _import_roles(self) -> None:
        """Say what could be taken in; it is added by a second click, since nobody has seen it yet."""
        from traycreds.app import importing  # noqa: PLC0415 - seldom needed

        offer = importing.look(self._options)
        if not offer.proposals:
            body = "No profile with a role was found that is not configured already."
            self._tell(Notify(key="import", title="There is nothing to import", body=body))
            return
        names = ", ".join(proposal.name for proposal in offer.proposals[:_NAMED])
        more = len(offer.proposals) - _NAMED
        count = _counted(len(offer.proposals), "role")
        body = f"{names}{f' and {more} more' if more > 0 else ''}. To choose among them, run traycreds import."
        button = Button(f"Import {count}", UiCommand.ADD_ROLES)
        self._tell(Notify(key="import", title=f"{count} can be imported", body=body, buttons=(button,)))

    def _add_roles(self) -> None:
        from traycreds.app import importing  # noqa: PLC0415 - seldom needed

        offer = importing.look(self._options)
        importing.add(self._options, offer.proposals)
        self._open_config()

    @property
    def _options(self) -> Options:
        return Options(config=self._where.config_file)

    def _open_console(self, role: Role) -> None:
        from traycreds.adapters import console, handover  # noqa: PLC0415 - seldom needed

        page = console.page(role, self._session(role))
        self._used(role.name)
        settings = setup.read_config(self._where).settings
        by = browser.chosen(settings.browser, role.name, container=settings.container)
        if not handover.lead_to(page, lambda url: browser.open_page(url, lambda: None, by), seconds=_BROWSER_SECONDS):
            hint = f"Run traycreds console --print {role.name}, and open the address yourself."
            raise TraycredsError("No browser came for the page of the console.", hint)

    def _session(self, role: Role) -> Credentials:
        """The session on file.

        Raises:
            TraycredsError: there is none.
        """
        from traycreds.adapters import sessionfile  # noqa: PLC0415 - seldom needed

        credentials = sessionfile.session_of(role, self._where.credentials_file)
        if credentials is None:
            raise TraycredsError(f"{role.name} has no session on file.", "Choose Refresh now, then try again.")
        return credentials

    def _copy_profile(self, role: Role) -> None:
        self._copy(role.profile, f"{role.profile} is on the clipboard")

    def _copy_account(self, role: Role) -> None:
        account = role.account_id
        if account is None:
            raise UsageError(f"The account of {role.name} is not known.", "Name its role_arn in the configuration.")
        self._copy(account, f"Account {account} is on the clipboard")

    def _copy_exports(self, role: Role) -> None:
        from traycreds.app import shells  # noqa: PLC0415 - seldom needed

        credentials = self._session(role)
        try:
            shell = shells.shell_of(os.environ, windows=sys.platform == "win32")
        except UsageError:
            shell = "bash"  # what most of the others read too
        text = shells.script(shell, shells.variables(role, credentials)) + "\n"
        self._used(role.name)
        self._copy(text, f"The keys of {role.name} are on the clipboard", "Paste them into a shell only.")

    def _copy(self, text: str, title: str, body: str = "") -> None:
        clipboard.put(text)
        self._tell(replace(_COPIED, title=title, body=body))


_COPIED = Notify(key="copied", title="", body="")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _raise(error: TraycredsError | None) -> None:
    if error is not None:
        raise error
