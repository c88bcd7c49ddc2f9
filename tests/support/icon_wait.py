"""How long the thread of an icon takes to answer: it is blocked for no longer.

As a program, `python -m tests.support.icon_wait ADDRESS NAME`, it asks for the icon's status again and again, until its input
ends, and prints the longest wait in seconds. A process of its own, so that no thread of a test makes it wait.
"""

from __future__ import annotations

import contextlib
import select
import subprocess
import sys
import time

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection
from jeepney.wrappers import unwrap_msg

EVERY = 0.005
"""Seconds from an answer to the next question."""
PATIENCE = 30.0


def ask(address: str, name: str) -> subprocess.Popen[str]:
    """Begin to ask the icon of this name on the bus at this address."""
    command = [sys.executable, "-m", __name__, address, name]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def longest(asking: subprocess.Popen[str]) -> float:
    """End it; returns the longest wait in seconds."""
    found, _ = asking.communicate(timeout=PATIENCE)
    return float(found)


def main() -> None:
    address, name = sys.argv[1:]
    status = new_method_call(
        DBusAddress("/StatusNotifierItem", name, "org.freedesktop.DBus.Properties"),
        "Get",
        "ss",
        ("org.kde.StatusNotifierItem", "Status"),
    )
    most = 0.0
    with contextlib.closing(open_dbus_connection(address)) as connection:
        while not select.select([sys.stdin], [], [], EVERY)[0]:
            begun = time.perf_counter()
            unwrap_msg(connection.send_and_get_reply(status, timeout=PATIENCE))
            most = max(most, time.perf_counter() - begun)
    print(most)


if __name__ == "__main__":
    main()
