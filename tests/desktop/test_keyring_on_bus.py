"""What is kept in a real keyring: gnome-keyring on a private bus, with a home of the test's own."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.desktop.session_bus import needs_bus
from tests.support.wait_until import until

pytestmark = [
    pytest.mark.desktop,
    needs_bus,
    pytest.mark.skipif(
        shutil.which("gnome-keyring-daemon") is None, reason="needs a keyring: sudo apt-get install -y gnome-keyring"
    ),
]

NAME = "mfa AKIAEXAMPLE arn:aws:iam::123456789012:mfa/phone"


@pytest.fixture
def environment(bus, home):
    """What a process sees that has an unlocked keyring."""
    environment = {**bus.environment(), "XDG_DATA_HOME": str(home / "data"), "XDG_RUNTIME_DIR": str(home)}
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--unlock", "--foreground", "--components=secrets"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    daemon.stdin.write(b"a password")
    daemon.stdin.close()
    yield environment
    daemon.terminate()
    daemon.wait(20)


def python(environment, expression):
    """The value of an expression about `keyring_store` in a process of its own."""
    # The keyring's machine has other work too, so give it more time than usual.
    code = f"from traycreds.state.keyring_store import KeyringStore\nvault = KeyringStore(patience=25)\nprint({expression})"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout.strip()


def test_a_session_is_found_by_the_next_process_and_can_be_forgotten(environment):
    until(lambda: python(environment, f"vault.save({NAME!r}, 'token' * 500)") == "True", "it is kept")
    assert python(environment, f"vault.load({NAME!r})") == "token" * 500
    assert python(environment, f"vault.delete({NAME!r}) or vault.load({NAME!r})") == "None"
