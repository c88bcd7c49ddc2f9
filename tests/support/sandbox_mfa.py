"""What MFA adds to a Sandbox: a device with its codes, roles that demand it, a keyring in a file, a stand-in for zenity."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.support.sandbox import ACCOUNT, Sandbox
from tests.support.wait_until import until
from traycreds.sim import totp

_KEYRING = """\
import json, pathlib
from keyring.backend import KeyringBackend

PATH = pathlib.Path({path!r})

class Keyring(KeyringBackend):
    priority = 5

    def _all(self):
        return json.loads(PATH.read_text()) if PATH.exists() else {{}}

    def get_password(self, service, username):
        return self._all().get(service + "|" + username)

    def set_password(self, service, username, password):
        PATH.write_text(json.dumps({{**self._all(), service + "|" + username: password}}))

    def delete_password(self, service, username):
        entries = self._all()
        del entries[service + "|" + username]
        PATH.write_text(json.dumps(entries))
"""

_ZENITY = """\
#!/bin/sh
echo "$@" >> '{folder}/asked'
for i in $(seq 200); do
  if [ -e '{folder}/answer' ]; then cat '{folder}/answer'; rm '{folder}/answer'; exit 0; fi
  sleep 0.05
done
exit 1
"""


class Mfa:
    """The device of the sandbox's user, and all that stands around it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.device = sandbox.simulator.world.add_mfa_device(sandbox.owner)
        self.folder = sandbox.home / "mfa"
        self.folder.mkdir()
        self.keyring = self.folder / "keyring.json"
        (self.folder / "filekeyring.py").write_text(_KEYRING.format(path=str(self.keyring)))

    def code(self, periods: int = 0) -> str:
        """The current code, or that of some periods from now; AWS takes one early or late."""
        return totp.code(self.device.secret, time.time() + periods * totp.PERIOD)

    def wrong_code(self, which: int = 0) -> str:
        """The first, second... of some; the same one is not sent twice."""
        right = {self.code(n) for n in (-2, -1, 0, 1, 2)}
        return [text for text in ("000000", "111111", "222222", "333333", "444444", "555555") if text not in right][
            which
        ]

    def add_role(self, name: str, extra: str = "") -> None:
        """A role that demands MFA."""
        self.sandbox.add_role(name, extra=f'mfa_serial = "{self.device.serial}"\n{extra}')
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        self.sandbox.simulator.world.add_role(arn, trust=[self.sandbox.owner.principal.arn], requires_mfa=True)

    def settings(self, text: str) -> None:
        with self.sandbox.config.open("a", encoding="utf-8") as file:
            file.write(f"[settings]\n{text}\n")

    def environment(self) -> dict[str, str]:
        """A keyring of the test's own."""
        return {"PYTHON_KEYRING_BACKEND": "filekeyring.Keyring", "PYTHONPATH": str(self.folder)}

    def with_zenity(self) -> dict[str, str]:
        """A display that cannot be opened, so that our own dialog gives up, and a zenity that answers on request."""
        folder = self.folder / "bin"
        folder.mkdir()
        program = folder / "zenity"
        program.write_text(_ZENITY.format(folder=self.folder))
        program.chmod(0o755)
        return {"DISPLAY": ":64999", "PATH": f"{folder}:/usr/bin:/bin"}

    def asked(self) -> list[str]:
        """The command lines of zenity so far."""
        path = self.folder / "asked"
        return path.read_text().splitlines() if path.exists() else []

    def answer(self, code: str, times: int = 1) -> None:
        """Answer the dialog that was opened as the so-many-th."""
        until(lambda: sum("--entry" in line for line in self.asked()) >= times, f"dialog {times} opens", timeout=20)
        ready = self.folder / "ready"
        ready.write_text(code)
        ready.rename(self.folder / "answer")

    def process(self) -> str:
        """A setting for mfa_process whose program prints what is in the file `printed`, once it is there."""
        path = self.folder / "process.py"
        path.write_text(f"print(open({str(self.folder / 'printed')!r}).read())\n")
        return f'mfa_process = \'"{sys.executable}" "{path}"\''

    def print(self, code: str) -> None:
        (self.folder / "printed").write_text(code)

    def actions(self) -> list[str]:
        return [call.action for call in self.sandbox.simulator.calls]

    def secrets(self, *codes: str) -> list[str]:
        """What must not be seen anywhere: these codes, the user's key, every session's key and token."""
        keys = self.sandbox.simulator.world._keys.values()
        return [
            *codes,
            *(key.secret_access_key for key in keys),
            *(key.session_token for key in keys if key.session_token),
        ]


def log_of(home: Path) -> str:
    """All that was logged in a home."""
    return "".join(path.read_text(encoding="utf-8") for path in home.rglob("*.log*") if path.is_file())
