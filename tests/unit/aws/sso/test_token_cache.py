"""Token files while others have them open, and who else may listen where a browser brings a sign-in."""

from __future__ import annotations

import socket
import threading

from tests.windows.mark import windows_only
from traycreds.aws.sso.callback_server import CallbackServer
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.state import known_secrets


@windows_only
def test_a_token_that_a_virus_scanner_has_open_is_no_sign_out(tmp_path):
    import ctypes

    folder = TokenFolder(tmp_path, tmp_path / "locks")
    folder.write("key", {"accessToken": "x"})
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = ctypes.c_void_p
    alone = ctypes.c_void_p(kernel.CreateFileW(str(folder.path("key")), 0x80000000, 0, None, 3, 0, None))
    assert alone.value != ctypes.c_void_p(-1).value, ctypes.get_last_error()
    timer = threading.Timer(0.2, kernel.CloseHandle, (alone,))
    timer.start()
    assert folder.read("key") == {"accessToken": "x"}
    timer.join()


def test_what_aws_has_just_given_is_known_as_secret(tmp_path):
    """A call that uses it may be refused in words that hold it, before anybody has read it from its file."""
    token = "aoaTOKENofasignin0001"
    TokenFolder(tmp_path, tmp_path / "locks").write("key", {"accessToken": token})
    assert known_secrets.without(f"no {token} here") == "no [redacted] here"


def test_nobody_else_may_listen_where_the_browser_comes():
    with CallbackServer() as server:
        assert server._server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 0
