"""The loopback server: 127.0.0.1 alone, quiet about requests, and about clients that go away."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
import threading
import urllib.request
from types import SimpleNamespace

import pytest

from tests.support.wait_until import PATIENCE, until
from traycreds.process.loopback_server import LoopbackServer, SilentHandler, ThreadingLoopbackServer

LINGER = "hh" if sys.platform == "win32" else "ii"
"""Of `struct linger`: on and seconds."""


class Handler(SilentHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        for _ in range(64):
            self.wfile.write(BODY[: len(BODY) // 64])


BODY = bytes(1 << 22)


@pytest.mark.parametrize("kind", [LoopbackServer, ThreadingLoopbackServer])
def test_it_serves_on_127_0_0_1_and_prints_nothing_of_a_request_or_of_a_client_that_goes_away(kind, capfd):
    with kind(Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            assert server.server_address == ("127.0.0.1", server.server_port)
            with socket.create_connection(server.server_address) as client:
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                client.recv(1)
                # With this option, the connection ends by a reset.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(LINGER, 1, 0))
            with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/secret", timeout=10) as response:
                assert response.read() == BODY
        finally:
            server.shutdown()
            thread.join()
    assert capfd.readouterr() == ("", "")


def test_two_servers_have_ports_of_their_own():
    with LoopbackServer(Handler) as one, LoopbackServer(Handler) as other:
        assert one.server_port != other.server_port


class QuickHandler(Handler):
    timeout = 0.3


def served(port):
    with (
        contextlib.suppress(OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as response,
    ):
        return response.read() == BODY
    return False


def test_a_slow_client_is_closed_and_so_are_those_beyond_the_limit(monkeypatch):
    monkeypatch.setattr("traycreds.process.loopback_server.CONNECTIONS", 2)
    with ThreadingLoopbackServer(QuickHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            with socket.create_connection(server.server_address) as dripping, contextlib.suppress(OSError):
                # Each byte by itself would be in time.
                while True:
                    dripping.sendall(b"G")
                    dripping.settimeout(0.05)
                    with contextlib.suppress(TimeoutError):
                        if dripping.recv(1) == b"":
                            break
            with contextlib.ExitStack() as stack:
                silent = [stack.enter_context(socket.create_connection(server.server_address)) for _ in range(4)]
                silent[-1].settimeout(10)
                assert silent[-1].recv(1) == b""
            until(lambda: served(server.server_port), "the places are free again")
        finally:
            server.shutdown()
            thread.join()


def test_connections_for_which_there_was_no_thread_count_no_longer(monkeypatch):
    monkeypatch.setattr("traycreds.process.loopback_server.CONNECTIONS", 2)
    with ThreadingLoopbackServer(Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            with monkeypatch.context() as patch:
                patch.setattr("socketserver.threading", SimpleNamespace(Thread=no_thread))
                for _ in range(3):
                    with socket.create_connection(server.server_address, timeout=10) as client:
                        assert client.recv(1) == b""
            assert served(server.server_port)
        finally:
            server.shutdown()
            thread.join()


def no_thread(**_):
    raise RuntimeError("can't start new thread")


def test_nothing_stays_open_of_a_client_that_went_away_before_its_answer():
    asked, gone = threading.Event(), threading.Event()
    handlers: list[SilentHandler] = []

    class BufferedHandler(SilentHandler):
        wbufsize = -1

        def do_GET(self):
            handlers.append(self)
            asked.set()
            gone.wait(10)
            self.send_response(200)
            self.end_headers()
            # The byte is only sent when the connection ends.
            self.wfile.write(b"x")

    with ThreadingLoopbackServer(BufferedHandler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            with socket.create_connection(server.server_address) as client:
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                # A reset that comes before the request is read drops the request itself on Windows.
                assert asked.wait(PATIENCE)
                # With this option, the connection ends by a reset.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(LINGER, 1, 0))
            gone.set()
            until(lambda: handlers[0].rfile.closed, "its connection is closed")
        finally:
            server.shutdown()
            thread.join()
