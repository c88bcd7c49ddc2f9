"""Makes this process believe that it runs on macOS: the kernel's calls and Python's, and the modules of PyObjC.

Whatever of the standard library asks for the platform when it is imported is imported first, as Linux has it.
"""

from __future__ import annotations

import asyncio  # noqa: F401
import ctypes  # noqa: F401
import fcntl
import getpass  # noqa: F401
import http.server  # noqa: F401
import importlib.metadata  # noqa: F401
import logging.handlers  # noqa: F401
import multiprocessing  # noqa: F401
import os
import platform
import select
import socket
import ssl  # noqa: F401
import struct
import subprocess
import sys
import sysconfig
import tempfile  # noqa: F401
import time
import types
import urllib.request  # noqa: F401
import uuid  # noqa: F401

_USER_CACHE_DIR = 65538
"""Of confstr (unistd.h)."""
LONGEST_ADDRESS = 103
"""Bytes of a socket's path (sys/un.h)."""


_pidfd_open = os.pidfd_open
"""Kept from tests that take it away."""


class MacSocket(socket.socket):
    """A socket as macOS has them."""

    def getsockopt(self, level, name, *more):
        # These are `SOL_LOCAL` and `LOCAL_PEERCRED`, and the answer is a `struct xucred`.
        if (level, name) == (0, 1) and self.family == socket.AF_UNIX:
            _, uid, gid = struct.unpack("3i", super().getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            return struct.pack("IIhxx16I", 0, uid, 1, gid, *[0] * 15)
        return super().getsockopt(level, name, *more)

    def _check(self, address) -> None:
        if self.family == socket.AF_UNIX and len(os.fsencode(address)) > LONGEST_ADDRESS:
            raise OSError("AF_UNIX path too long")

    def bind(self, address):
        self._check(address)
        super().bind(address)

    def connect(self, address):
        self._check(address)
        super().connect(address)


class MacPopen(subprocess.Popen):
    """Finds Apple's programs by PATH, where the test has its own."""

    def __init__(self, args, *more, **options):
        if not isinstance(args, str) and str(args[0]).startswith("/usr/bin/"):
            args = [os.path.basename(args[0]), *args[1:]]  # noqa: PTH119 - a text
        super().__init__(args, *more, **options)


class Kqueue:
    """What waits for the end of a process."""

    def __init__(self) -> None:
        self._pid = 0

    def control(self, events, most, timeout=None):
        if events:
            self._pid = events[0][0]
            os.kill(self._pid, 0)
        if most:
            handle = _pidfd_open(self._pid)
            select.select([handle], [], [])
            os.close(handle)
        return []


def become_a_mac() -> None:
    """Change what this process sees; it cannot be undone."""
    sysconfig.get_config_vars()
    socket.socket = MacSocket
    select.kqueue = Kqueue
    select.kevent = lambda pid, *more: (pid, *more)
    select.KQ_FILTER_PROC = select.KQ_EV_ADD = select.KQ_NOTE_EXIT = 0
    del time.CLOCK_BOOTTIME, os.O_PATH
    os.confstr = {_USER_CACHE_DIR: os.environ["TMPDIR"]}.__getitem__
    subprocess.Popen = MacPopen
    # Linux refuses this command, as some file systems of macOS do.
    fcntl.F_FULLFSYNC = 51
    proxies = types.ModuleType("_scproxy")
    proxies._get_proxies = dict
    proxies._get_proxy_settings = lambda: {"exclude_simple": False, "exceptions": []}
    sys.modules["_scproxy"] = proxies
    sys.platform = "darwin"
    platform.system = lambda: "Darwin"
    platform.mac_ver = lambda *_: ("15.5", ("", "", ""), "arm64")
    _install_pyobjc()


def _install_pyobjc() -> None:
    from tests.mac import appkit, run_loop, user_notifications
    from tests.mac.objects import APPLE

    def named_selector(selector: bytes):
        def named(function):
            function.selector = selector
            return function

        return named

    def call_after(call, *arguments):
        run_loop.main.post(lambda: call(*arguments))

    def protocol_named(name: str) -> str:
        assert name in APPLE.classes, f"Apple declares no protocol {name}"
        return name

    for name in ("AppKit", "Foundation", "UserNotifications"):
        module = types.ModuleType(name)
        module.__getattr__ = appkit.lookup if name == "AppKit" else user_notifications.lookup
        sys.modules[name] = module
    for name, content in {
        "objc": {"namedSelector": named_selector, "protocolNamed": protocol_named},
        "PyObjCTools": {},
        "PyObjCTools.AppHelper": {"callAfter": call_after},
        # The app must not use it: its signals only arrive in the default mode.
        "PyObjCTools.MachSignals": {},
    }.items():
        module = types.ModuleType(name)
        vars(module).update(content)
        sys.modules[name] = module
    sys.modules["PyObjCTools"].AppHelper = sys.modules["PyObjCTools.AppHelper"]
    sys.modules["PyObjCTools"].MachSignals = sys.modules["PyObjCTools.MachSignals"]
