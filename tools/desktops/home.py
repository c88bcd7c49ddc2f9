"""The home of a user who tries the tray: roles to switch between, one behind a sign-in, one behind an MFA code."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.desktop.desktop import Desktop
from tests.support.sandbox import Sandbox
from tests.support.sandbox_mfa import Mfa
from tests.support.sim import AwsSimulator
from tests.support.sim.federation import Federation
from tests.support.sso_profiles import ACCOUNT, SSO_PROFILE

_SHOWN = (
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "DBUS_SESSION_BUS_ADDRESS",
    "XDG_CURRENT_DESKTOP",
    "XDG_SESSION_TYPE",
    "GTK_THEME",
)
"""What an app has from its desktop."""
_BROWSER = '#!/bin/sh\necho "$1" >> {log}\n'


class Home:
    """A sandbox with the simulated AWS behind it, and a browser that writes down where it is sent.

    Attributes:
        sandbox: the home.
    """

    def __init__(self, folder: Path, simulator: AwsSimulator, federation: Federation) -> None:
        self.sandbox = Sandbox(folder, simulator)
        self._simulator = simulator
        self._federation = federation
        self._log = folder / "browsed"
        self._browser = folder / "browser"
        self._browser.write_text(_BROWSER.format(log=self._log))
        self._browser.chmod(0o755)
        self._mfa: Mfa | None = None
        # A region that the user sets would come before that of the role.
        self.sandbox.aws_config.write_text("")
        self.sandbox.add_role("dev", extra='keep = true\nregion = "eu-central-1"')
        self.sandbox.add_role("staging", extra='keep = true\nduration = "30m"')
        self.sandbox.add_role("prod")
        # The app waits before it edits a file that has just changed.
        os.utime(self.sandbox.aws_config, (1, 1))

    def add_mfa_role(self) -> None:
        """A kept role that waits for an MFA code."""
        self._mfa = Mfa(self.sandbox)
        self._mfa.add_role("billing", "keep = true")

    def add_sign_in_role(self) -> None:
        """A kept role that waits for a sign-in."""
        self._simulator.portal.assign("alice", ((ACCOUNT, "Admin"),))
        with self.sandbox.aws_config.open("a", encoding="utf-8") as file:
            file.write(SSO_PROFILE)
        with self.sandbox.config.open("a", encoding="utf-8") as file:
            file.write('[roles.audit]\nfrom_profile = "sso"\nkeep = true\n')

    def start(self, desktop: Desktop) -> subprocess.Popen[bytes]:
        """Start the app there; the caller ends it."""
        around = desktop.environment()
        shown = {name: around[name] for name in _SHOWN if name in around}
        # The socket is in a folder of the desktop, which the app does not share.
        if "WAYLAND_DISPLAY" in shown:
            shown["WAYLAND_DISPLAY"] = str(Path(around["XDG_RUNTIME_DIR"]) / shown["WAYLAND_DISPLAY"])
        environment = self.sandbox.environment(
            **shown,
            **(self._mfa.environment() if self._mfa is not None else {}),
            BROWSER=str(self._browser),
            TRAYCREDS_FEDERATION_ENDPOINT=self._federation.url,
            AWS_ENDPOINT_URL_SSO=self._simulator.url,
            AWS_ENDPOINT_URL_SSO_OIDC=self._simulator.url,
        )
        with (self.sandbox.home / "app.log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "traycreds", "run"], env=environment, stdout=log, stderr=log)

    def browsed(self) -> list[str]:
        """The addresses that the browser was sent to."""
        return self._log.read_text().split() if self._log.exists() else []


@contextlib.contextmanager
def home(folder: Path) -> Iterator[Home]:
    """A home in a new folder, with its simulator."""
    folder.mkdir(parents=True)
    with AwsSimulator() as simulator, Federation() as federation:
        thread = threading.Thread(target=federation.serve_forever, daemon=True)
        thread.start()
        yield Home(folder, simulator, federation)
        federation.shutdown()
        thread.join()
