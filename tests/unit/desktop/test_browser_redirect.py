"""A page that leads one visitor on, and only the user who asked for it."""

from __future__ import annotations

import http.client
import os
import socket
import sys
import threading
from urllib.parse import urlsplit

import pytest

from traycreds.desktop import browser_redirect

TARGET = "https://signin.example/federation?SigninToken=secret"


def visit(address, answers):
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    connection.request("GET", parts.path)
    answer = connection.getresponse()
    answers.append((answer.status, answer.headers["Location"]))
    connection.close()


def led(seconds=5.0):
    """What one visitor gets, and whether it is said that he came."""
    answers: list[tuple[int, str | None]] = []
    visitors = []

    def open_page(address):
        visitors.append(threading.Thread(target=visit, args=(address, answers)))
        visitors[0].start()

    came = browser_redirect.open_redirected(TARGET, open_page, seconds=seconds)
    visitors[0].join(5)
    return came, answers


def test_a_request_of_this_user_is_redirected():
    assert led() == (True, [(302, TARGET)])


def test_a_visit_of_another_user_finds_nothing(monkeypatch):
    """He may have read the address on the browser's command line."""
    monkeypatch.setattr(browser_redirect, "owner", lambda port, to: getattr(os, "getuid", int)() + 1)
    assert led(seconds=3) == (False, [(404, None)])


def test_if_the_owner_is_unknown_the_secret_path_has_to_do(monkeypatch):
    monkeypatch.setattr(browser_redirect, "owner", lambda port, to: None)
    assert led() == (True, [(302, TARGET)])


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells whose a connection is")
def test_linux_says_whose_a_connection_is():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert browser_redirect.owner(client.getsockname()[1], server.getsockname()[1]) == os.getuid()
        assert browser_redirect.owner(1, server.getsockname()[1]) is None
