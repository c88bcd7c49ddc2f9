"""A console of Windows for one program, at which the test sits (Microsoft: Creating a Pseudoconsole session)."""

from __future__ import annotations

import ctypes
import queue
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

_LAUNCHER = """
import ctypes, os, subprocess, sys, threading
kernel = ctypes.WinDLL("kernel32")
stay = ctypes.WINFUNCTYPE(ctypes.c_int, ctypes.c_uint32)(lambda event: 1)
kernel.SetConsoleCtrlHandler(stay, 1)  # what is typed is for the program
typed = ctypes.c_void_p(kernel.OpenEventW(0x00100000, 0, sys.argv[1]))
def hear():
    while kernel.WaitForSingleObject(typed, 0xFFFFFFFF) == 0:
        kernel.GenerateConsoleCtrlEvent(0, 0)
threading.Thread(target=hear, daemon=True).start()
come, go = (os.open(name, os.O_RDWR | os.O_BINARY) for name in ("CONIN$", "CONOUT$"))
code = subprocess.Popen(sys.argv[2:], stdin=come, stdout=go, stderr=go).wait()
os._exit(code - 2**32 if code >= 2**31 else code)
"""
"""Gives a program the console: Wine hands a pseudoconsole on, but not as standard streams.

It also makes Ctrl-C, at which Wine's console ends when it is typed.
"""
_COLUMNS, _LINES = 400, 100
_EXTENDED, _UNICODE, _USE_HANDLES = 0x00080000, 0x00000400, 0x00000100
_ATTRIBUTE = 0x00020016
_STILL_ACTIVE = 259
_FORWARD = re.compile(r"\x1b\[(\d+)C")
_DRAWING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


class PseudoConsole:
    """A program in a console of its own."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None) -> None:
        assert sys.platform == "win32"
        self._kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        self._pieces: queue.SimpleQueue[str] = queue.SimpleQueue()
        come, self._typing = self._pipe()
        self._showing, go = self._pipe()
        size = ctypes.c_uint32(_LINES << 16 | _COLUMNS)
        self._console = ctypes.c_void_p()
        result = self._kernel.CreatePseudoConsole(size, come, go, 0, ctypes.byref(self._console))
        assert result == 0, hex(result & 0xFFFFFFFF)
        name = f"traycreds-test-{uuid.uuid4()}"
        self._ctrl_c = ctypes.c_void_p(self._kernel.CreateEventW(None, False, False, name))
        self._process = self._start([sys.executable, "-c", _LAUNCHER, name, *command], environment, folder)
        for handle in (come, go):
            self._kernel.CloseHandle(handle)
        threading.Thread(target=self._read, daemon=True).start()

    def read(self, seconds: float) -> str | None:
        """What is shown next, without where on the screen; nothing if nothing comes, None at the end."""
        try:
            return self._pieces.get(timeout=seconds)
        except queue.Empty:
            return None if self.poll() is not None else ""

    def write(self, text: str) -> None:
        """Type; the end of a line is the Enter key."""
        data = text.replace("\n", "\r").encode()
        written = ctypes.c_uint32()
        assert self._kernel.WriteFile(self._typing, data, len(data), ctypes.byref(written), None)

    def interrupt(self) -> None:
        """Type Ctrl-C."""
        assert self._kernel.SetEvent(self._ctrl_c)

    def poll(self) -> int | None:
        """The exit code, once it has ended."""
        code = ctypes.c_uint32()
        assert self._kernel.GetExitCodeProcess(self._process, ctypes.byref(code))
        return None if code.value == _STILL_ACTIVE else code.value

    def wait(self, seconds: float) -> int:
        """Wait for its end; returns its exit code."""
        self._kernel.WaitForSingleObject(self._process, int(seconds * 1000))
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("the program in the console", seconds)
        return code

    def close(self) -> None:
        """Close the console as a user closes its window, with all that runs in it."""
        if self._console:
            self._kernel.ClosePseudoConsole(self._console)
            self._console = ctypes.c_void_p()
            self._kernel.WaitForSingleObject(self._process, 5000)
            for handle in (self._typing, self._process, self._ctrl_c):
                self._kernel.CloseHandle(handle)

    def kill(self) -> None:
        """End the program, should it run still."""
        self.close()

    def _pipe(self) -> tuple[ctypes.c_void_p, ctypes.c_void_p]:
        ends = ctypes.c_void_p(), ctypes.c_void_p()
        assert self._kernel.CreatePipe(*map(ctypes.byref, ends), None, 0)
        return ends

    def _read(self) -> None:
        buffer, got, rest = ctypes.create_string_buffer(4096), ctypes.c_uint32(), b""
        while self._kernel.ReadFile(self._showing, buffer, len(buffer), ctypes.byref(got), None) and got.value:
            data = rest + buffer.raw[: got.value]
            text = data.decode(errors="ignore")
            # The rest may be the start of a character that is not complete yet.
            rest = data[len(text.encode()) :]
            spaced = _FORWARD.sub(lambda found: " " * int(found[1]), text)
            self._pieces.put(_DRAWING.sub("", spaced))
        self._kernel.CloseHandle(self._showing)

    def _start(self, command: Sequence[str], environment: Mapping[str, str], folder: Path | None) -> ctypes.c_void_p:
        size = ctypes.c_size_t()
        self._kernel.InitializeProcThreadAttributeList(None, 1, 0, ctypes.byref(size))
        attributes = ctypes.create_string_buffer(size.value)
        assert self._kernel.InitializeProcThreadAttributeList(attributes, 1, 0, ctypes.byref(size))
        wanted = (self._console, ctypes.c_size_t(ctypes.sizeof(self._console)), None, None)
        assert self._kernel.UpdateProcThreadAttribute(attributes, 0, ctypes.c_size_t(_ATTRIBUTE), *wanted)
        begin = _Beginning(size=ctypes.sizeof(_Beginning), flags=_USE_HANDLES)
        begin.attributes = ctypes.cast(attributes, ctypes.c_void_p)
        block = "".join(f"{name}={value}\0" for name, value in environment.items()) + "\0"
        line = ctypes.create_unicode_buffer(subprocess.list2cmdline(command))
        started = _Started()
        assert self._kernel.CreateProcessW(
            None,
            line,
            None,
            None,
            False,
            _EXTENDED | _UNICODE,
            ctypes.create_unicode_buffer(block),
            None if folder is None else str(folder),
            ctypes.byref(begin),
            ctypes.byref(started),
        ), ctypes.get_last_error()
        self._kernel.CloseHandle(ctypes.c_void_p(started.thread))
        return ctypes.c_void_p(started.process)


class _Beginning(ctypes.Structure):
    """STARTUPINFOEXW; all standard streams are none, which the launcher then opens."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("names", ctypes.c_void_p * 3),
        ("places", ctypes.c_uint32 * 7),
        ("flags", ctypes.c_uint32),
        ("show", ctypes.c_uint16 * 2),
        ("reserved", ctypes.c_void_p),
        ("streams", ctypes.c_void_p * 3),
        ("attributes", ctypes.c_void_p),
    )


class _Started(ctypes.Structure):
    """PROCESS_INFORMATION."""

    _fields_ = (
        ("process", ctypes.c_void_p),
        ("thread", ctypes.c_void_p),
        ("ids", ctypes.c_uint32 * 2),
    )
