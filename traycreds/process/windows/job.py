"""A Windows job: a process and everything it starts, to be ended together (jobapi2.h, winnt.h)."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

assert sys.platform == "win32"

KILL_ON_CLOSE, BREAK_AWAY = 0x2000, 0x1000
"""JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE: it ends with us; ..._SILENT_BREAKAWAY_OK: what it starts stays out of the job."""
_EXTENDED_LIMITS = 9
"""JobObjectExtendedLimitInformation."""


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("times", ctypes.c_int64 * 2),
        ("flags", ctypes.c_uint32),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("classes", ctypes.c_uint32 * 2),
        ("counters", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t * 4),
    )


@contextmanager
def holding(process: subprocess.Popen[bytes], limits: int = 0) -> Iterator[Callable[[], None]]:
    """Put a process into its own job; yields what ends all in it. `limits`: KILL_ON_CLOSE, BREAK_AWAY."""
    kernel = ctypes.WinDLL("kernel32")
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
    if limits:
        limits_struct = _Limits(flags=limits)
        kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits_struct), ctypes.sizeof(limits_struct))
    handle = process._handle  # type: ignore[attr-defined]  # noqa: SLF001 - there is no other way in
    kernel.AssignProcessToJobObject(job, ctypes.c_void_p(int(handle)))
    try:
        yield lambda: kernel.TerminateJobObject(job, 1)
    finally:
        kernel.CloseHandle(job)
