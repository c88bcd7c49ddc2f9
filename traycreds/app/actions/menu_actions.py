"""Carries out clicks on the program itself: open a file or page, check, import, copy.

Each action has its own thread; a failure becomes a notice. Secrets go only to the clipboard or the user's browser.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from traycreds import __version__
from traycreds.app.dialogs.new_role import NewRoles
from traycreds.config import template
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.core.events import Button, Notify
from traycreds.core.model import Role, RoleName
from traycreds.core.text import BODY_WIDTH, counted, middle_cut, name_list, notice_body, notice_title
from traycreds.core.ui_commands import Command, RoleCommand, UiCommand
from traycreds.core.value_class import replace
from traycreds.desktop import clipboard, open_file
from traycreds.lifecycle import notices
from traycreds.process.bounded_call import daemon
from traycreds.state import choices
from traycreds.state.paths import Paths
from traycreds.usecases import load, login_item
from traycreds.usecases.options import Options

if TYPE_CHECKING:
    from traycreds.app.actions.session_actions import SessionActions
    from traycreds.app.actions.team_actions import Team

log = logging.getLogger(__name__)

_NAMED = 6
"""Roles that a notice names before it counts the rest."""
_NAMED_IN_LINE = 2
"""The same for a line of the menu."""


class MenuActions:
    """Actions of the menu and of notices' buttons."""

    def __init__(
        self,
        paths: Paths,
        *,
        notify: Callable[[Notify], None],
        editing: Callable[[], None],
        sign_in: Callable[[Role], None],
        used: Callable[[RoleName], None],
        changed: Callable[[], None],
        offer_import: Callable[[str], None],
    ) -> None:
        """Start nothing yet.

        `used` is called when the user takes a role's session somewhere, `changed` after each action, because the menu
        may show something new. `offer_import` takes what a second click would import, in case nobody sees the notice's
        button.
        """
        self._paths = paths
        self._notify = notify
        self._editing = editing
        self._used = used
        self._changed = changed
        self._offer_import = offer_import
        self._work: dict[UiCommand, Callable[[], None]] = {
            UiCommand.OPEN_CONFIG: self._open_config,
            UiCommand.CHECK_CONFIG: self._check,
            UiCommand.IMPORT_ROLES: self._import_roles,
            UiCommand.ADD_ROLES: self._add_roles,
            UiCommand.NEW_ROLE: lambda: self._new_roles.ask(),  # noqa: PLW0108 - made once one is wanted
            UiCommand.REVIEW_TEAM: self._review_team,
            UiCommand.ACCEPT_TEAM: self._accept_team,
            UiCommand.ALLOW_TEAM: self._allow_team,
            UiCommand.START_AT_LOGIN: self._start_at_login,
            UiCommand.NOT_AT_LOGIN: self._not_at_login,
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
        """Made only for users with a team: it takes half a megabyte."""
        from traycreds.app.actions.team_actions import Team

        return Team(self._paths, notify=self._notify, changed=self._editing)

    def _review_team(self) -> None:
        self._team.review()

    def _accept_team(self) -> None:
        self._team.accept()

    def _allow_team(self) -> None:
        self._team.allow()

    @functools.cached_property
    def _new_roles(self) -> NewRoles:
        """Made for users who add one."""
        return NewRoles(self._paths, notify=self._notify, added=self._editing)

    @functools.cached_property
    def _session_actions(self) -> SessionActions:
        """Made for who takes a session somewhere: the console needs an HTTP server."""
        from traycreds.app.actions.session_actions import SessionActions

        return SessionActions(self._paths, used=self._used, copy=self._copy)

    def _open_console(self, role: Role) -> None:
        self._session_actions.open_console(role)

    def _copy_exports(self, role: Role) -> None:
        self._session_actions.copy_exports(role)

    def close(self) -> None:
        """End the window that adds a role, if it is open."""
        if "_new_roles" in vars(self):
            self._new_roles.close()

    def run(self, command: Command) -> None:
        """Carry out a command; returns at once."""
        daemon("menu action", lambda: self._carry_out(command))

    def _carry_out(self, command: Command) -> None:
        try:
            if isinstance(command, RoleCommand):
                self._role_work[command.command](self._role(command.role))
            else:
                self._work[command]()
        except TraycredsError as error:
            log.info("%s %s", error.sentence, error.hint)
            body = notice_body(error.sentence, error.hint, notices.IN_LOG)
            self._notify(Notify(key="menu-action", title=notice_title(*_not_done(command)), body=body))
        except Exception:
            log.exception("%s could not be carried out", command)
        self._changed()

    def _role(self, name: RoleName) -> Role:
        """The role as configured now, with its chosen region. Raises ConfigError, UsageError: no longer configured."""
        role = next((role for role in load.read_config(self._paths).roles if role.name == name), None)
        if role is None:
            raise UsageError(f"Role {name} is no longer in the configuration.", "Check your configuration file.")
        return replace(role, region=choices.load(self._paths.state_dir).region_of(role) or role.region)

    def _open_config(self) -> None:
        self._editing()
        _raise(template.open_config(self._paths))

    def _start_at_login(self) -> None:
        login_item.turn_on(self._options if self._paths.config_named else Options())

    def _not_at_login(self) -> None:
        login_item.turn_off(Options())

    def _open_log(self) -> None:
        _raise(open_file.open_file(self._paths.log_dir / "traycreds.log"))

    def _about(self) -> None:
        files = (("Configuration", self._paths.config_file), ("Credentials", self._paths.credentials_file))
        body = "\n".join(f"{what}: {middle_cut(_from_home(file), _PATH_WIDTH)}" for what, file in files)
        self._notify(Notify(key="about", title=f"traycreds {__version__}", body=notice_body(body, "")))

    def _point_out(self) -> None:
        body = "Click its icon in the tray for the menu."
        self._notify(Notify(key="running", title="traycreds is already running", body=body))

    def _check(self) -> None:
        from traycreds.app.actions import config_check

        config_check.check(self._paths, self._notify)

    def _import_roles(self) -> None:
        """Say what could be imported; a second click adds it, because nobody has seen it yet."""
        from traycreds.importers import add_roles

        offer = add_roles.find_offer(self._options)
        if not offer.proposals:
            body = "Every profile with a role is already configured."
            self._notify(Notify(key="import", title="Nothing to import", body=body))
            return
        found = [proposal.name for proposal in offer.proposals]
        names = name_list(found, _NAMED)
        count = counted(len(offer.proposals), "role")
        body = notice_body(f"{names}.", "To choose, run traycreds import.")
        self._offer_import(f"Import {count}: {name_list(found, _NAMED_IN_LINE)}")
        button = Button(f"Import {count}", UiCommand.ADD_ROLES)
        self._notify(Notify(key="import", title=f"{count} can be imported", body=body, buttons=(button,)))

    def _add_roles(self) -> None:
        from traycreds.importers import add_roles

        offer = add_roles.find_offer(self._options)
        add_roles.add(self._options, offer.proposals)
        # Open the file in a separate step, as the roles are imported even if nothing can open it.
        self._carry_out(UiCommand.OPEN_CONFIG)

    @property
    def _options(self) -> Options:
        return Options(config=self._paths.config_file)

    def _copy_profile(self, role: Role) -> None:
        self._copy(role.profile, notice_title("{} is on the clipboard", role.profile))

    def _copy_account(self, role: Role) -> None:
        account = role.account_id
        if account is None:
            raise UsageError(
                f"traycreds does not know the account of {role.name}.", "Set its role_arn in the configuration."
            )
        self._copy(account, notice_title("{} is on the clipboard", account))

    def _copy(self, text: str, title: str, body: str = "") -> None:
        clipboard.put(text)
        self._notify(replace(_COPIED, title=title, body=body))


_COPIED = Notify(key="copied", title="", body="")
_PATH_WIDTH = BODY_WIDTH // 2 - len("Configuration: ")
NOT_DONE = {
    UiCommand.OPEN_CONFIG: "Configuration not opened",
    UiCommand.CHECK_CONFIG: "Findings not shown",
    UiCommand.IMPORT_ROLES: "No roles found to import",
    UiCommand.ADD_ROLES: "No roles imported",
    UiCommand.NEW_ROLE: "No role added",
    UiCommand.REVIEW_TEAM: "Team roles not reviewed",
    UiCommand.ACCEPT_TEAM: "Team roles not accepted",
    UiCommand.ALLOW_TEAM: "Program of the team not allowed",
    UiCommand.START_AT_LOGIN: "Not set to start at login",
    UiCommand.NOT_AT_LOGIN: "Still starts at login",
    UiCommand.OPEN_LOG: "Log not opened",
    UiCommand.OPEN_CONSOLE: "{}: console not opened",
    UiCommand.COPY_PROFILE: "{}: nothing copied",
    UiCommand.COPY_EXPORTS: "{}: nothing copied",
    UiCommand.COPY_ACCOUNT: "{}: nothing copied",
    UiCommand.SIGN_IN: "{}: not signed in",
}
"""Titles of the notice about an action that failed, which says why below."""


def _not_done(command: Command) -> tuple[str, str]:
    """The title for an action that failed, and the role it was for."""
    if isinstance(command, RoleCommand):
        return NOT_DONE[command.command], command.role
    return NOT_DONE[command], ""


def _from_home(path: Path) -> str:
    home = Path.home()
    return str(Path("~", path.relative_to(home)) if path.is_relative_to(home) else path)


def _raise(error: TraycredsError | None) -> None:
    if error is not None:
        raise error
