"""This user's security identifier (SID) and access lists on Windows, by advapi32 (aclapi.h, sddl.h)."""

from __future__ import annotations

import ctypes
import sys
from ctypes import POINTER, byref, c_void_p
from ctypes.wintypes import BOOL, DWORD, HANDLE, LPCWSTR, LPWSTR

assert sys.platform == "win32"

_TOKEN_QUERY = 0x8
_TOKEN_USER = 1
"""TokenUser of TOKEN_INFORMATION_CLASS (winnt.h)."""
_SDDL_REVISION = 1
_KERNEL_OBJECT = 6
"""SE_KERNEL_OBJECT (accctrl.h), which pipes are."""
_OWNER = 0x1
"""OWNER_SECURITY_INFORMATION (winnt.h)."""

_kernel = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel.GetCurrentProcess.restype = HANDLE
_kernel.CloseHandle.argtypes = [HANDLE]
_kernel.LocalFree.argtypes = [c_void_p]
_security = ctypes.WinDLL("advapi32", use_last_error=True)
_security.OpenProcessToken.argtypes = [HANDLE, DWORD, POINTER(HANDLE)]
_security.GetTokenInformation.argtypes = [HANDLE, ctypes.c_int, c_void_p, DWORD, POINTER(DWORD)]
_security.ConvertSidToStringSidW.argtypes = [c_void_p, POINTER(LPWSTR)]
_security.ConvertStringSecurityDescriptorToSecurityDescriptorW.argtypes = [LPCWSTR, DWORD, POINTER(c_void_p), c_void_p]
_security.GetSecurityInfo.argtypes = [
    HANDLE,
    ctypes.c_int,
    DWORD,
    POINTER(c_void_p),
    *[c_void_p] * 3,
    POINTER(c_void_p),
]
_security.GetSecurityInfo.restype = DWORD


class OnlyThisUser(ctypes.Structure):
    """SECURITY_ATTRIBUTES (minwinbase.h) of what is this user's alone; children inherit no handle."""

    _fields_ = (("size", DWORD), ("descriptor", c_void_p), ("inherited", BOOL))

    def __init__(self) -> None:
        """Make them. Raises OSError: Windows does not say who this user is."""
        super().__init__(ctypes.sizeof(OnlyThisUser), None, False)
        me = sid()
        descriptor = c_void_p()
        _check(
            _security.ConvertStringSecurityDescriptorToSecurityDescriptorW(
                f"O:{me}D:P(A;;GA;;;{me})", _SDDL_REVISION, byref(descriptor), None
            )
        )
        self.descriptor = descriptor.value

    def __del__(self) -> None:
        """Give the descriptor back."""
        _kernel.LocalFree(self.descriptor)

    @property
    def address(self) -> int:
        """Their address for Windows; valid while this object lives."""
        return ctypes.addressof(self)


def sid() -> str:
    """The identifier of the user that this process belongs to. Raises OSError: Windows does not say."""
    token = HANDLE()
    _check(_security.OpenProcessToken(_kernel.GetCurrentProcess(), _TOKEN_QUERY, byref(token)))
    try:
        size = DWORD()
        _security.GetTokenInformation(token, _TOKEN_USER, None, 0, byref(size))
        information = ctypes.create_string_buffer(size.value)
        _check(_security.GetTokenInformation(token, _TOKEN_USER, information, size, byref(size)))
    finally:
        _kernel.CloseHandle(token)
    # `TOKEN_USER` begins with the pointer to the SID.
    return _as_text(c_void_p.from_buffer(information))


def owner(handle: int) -> str:
    """The SID of the owner of an open handle. Raises OSError."""
    who, descriptor = c_void_p(), c_void_p()
    error = _security.GetSecurityInfo(handle, _KERNEL_OBJECT, _OWNER, byref(who), None, None, None, byref(descriptor))
    if error:
        raise ctypes.WinError(error)
    try:
        return _as_text(who)
    finally:
        _kernel.LocalFree(descriptor)


def _as_text(identifier: c_void_p) -> str:
    text = LPWSTR()
    _check(_security.ConvertSidToStringSidW(identifier, byref(text)))
    try:
        return str(text.value)
    finally:
        _kernel.LocalFree(ctypes.cast(text, c_void_p))


def _check(done: int) -> None:
    if not done:
        raise ctypes.WinError(ctypes.get_last_error())
