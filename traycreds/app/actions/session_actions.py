"""Actions on a role's session: to the console in the browser, and as shell variables to the clipboard."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from traycreds.aws import console
from traycreds.awsfiles import session_on_file
from traycreds.core.errors import TraycredsError, UsageError
from traycreds.core.model import Credentials, Role, RoleName
from traycreds.core.text import notice_title
from traycreds.desktop import browser_redirect
from traycreds.state.paths import Paths
from traycreds.usecases import load, shell_variables

BROWSER_SECONDS = 30.0


class SessionActions:
    """Those of one run. Secrets go only to the clipboard or the user's browser."""

    def __init__(
        self, paths: Paths, *, used: Callable[[RoleName], None], copy: Callable[[str, str, str], None]
    ) -> None:
        """Do nothing yet; `used` is called when a session is taken somewhere, `copy` takes text, title and body."""
        self._paths = paths
        self._used = used
        self._copy = copy

    def open_console(self, role: Role) -> None:
        """Open the console as the role. Raises TraycredsError."""
        settings = load.read_config(self._paths).settings
        page = console.page(role, self._session(role), sign_out=settings.console_sign_out)
        self._used(role.name)
        if not browser_redirect.open_as_role(page, role.name, settings, seconds=BROWSER_SECONDS):
            hint = f"Run traycreds console --print {role.name}, then open the URL in a browser."
            raise TraycredsError("No browser opened the console page.", hint)

    def copy_exports(self, role: Role) -> None:
        """Copy the lines that set the session in a shell. Raises TraycredsError."""
        credentials = self._session(role)
        try:
            shell = shell_variables.shell_of(os.environ, windows=sys.platform == "win32")
        except UsageError:
            # Most other shells read these lines too.
            shell = "bash"
        text = shell_variables.script(shell, shell_variables.variables(role, credentials)) + "\n"
        self._used(role.name)
        self._copy(text, notice_title("{}: keys on the clipboard", role.name), "Paste them only into a shell.")

    def _session(self, role: Role) -> Credentials:
        """The session on file. Raises TraycredsError: there is none."""
        credentials = session_on_file.session_of(role, self._paths.credentials_file)
        if credentials is None:
            raise TraycredsError(f"{role.name} has no session.", "Choose Keep alive, then try again.")
        return credentials
