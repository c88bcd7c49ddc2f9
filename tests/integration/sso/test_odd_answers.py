"""Whatever answers in the name of IAM Identity Center: each command says so in a sentence, and shows nothing raw."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import types

import pytest

from traycreds.aws.sso import accounts
from traycreds.aws.sso.token_cache import TokenFolder
from traycreds.aws.sso.token_refresh import Tokens
from traycreds.core.errors import IssueError
from traycreds.usecases import sign_in

PAGE = b"<html>Sign in to this network</html>"
ANSWERS = {
    "a page": (200, PAGE),
    "a page of an error": (403, PAGE),
    "a list": (400, b"[1, 2]"),
    "a number": (500, b"7"),
    "nothing": (200, b""),
    "odd types": (400, json.dumps({"__type": 7, "code": [], "message": {}}).encode()),
    "control characters": (400, json.dumps({"__type": "\x1b[31mRed", "message": "\x1b[2J"}).encode()),
    "without end": (500, b"x" * 3_000_000),
    "other types": (
        200,
        json.dumps(
            {"clientId": 7, "clientSecret": [], "clientSecretExpiresAt": 4e9, "accountList": [{"accountId": 7}, 3]}
        ).encode(),
    ),
}


@contextlib.contextmanager
def answering(status, body):
    """A server that answers so, whatever it is asked."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if body == PAGE else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            # The command may have read enough and closed the connection.
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join(5)


def run(sso_home, answer, *arguments):
    with answering(*ANSWERS[answer]) as url:
        there = dict.fromkeys(sso_home.endpoints, url)
        return sso_home.sandbox.command(*arguments, **there)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_sign_out(sso_home, answer):
    sso_home.login()
    done = run(sso_home, answer, "logout", "corp")
    assert not sso_home.token_file().exists()
    # The command reads nothing of a successful answer.
    if ANSWERS[answer][0] == 200:
        assert (done.returncode, done.stderr) == (0, "")
        return
    assert done.returncode == 3
    assert done.stderr.startswith("The token of corp is removed, but the portal in ")
    assert done.stderr.replace("\n", "").isprintable()


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_sign_in(sso_home, answer):
    done = run(sso_home, answer, "login", "corp", "--device")
    assert done.returncode == 3
    assert "unexpected" not in done.stderr
    assert done.stderr.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "answer", [{}, {"accountList": 7}, {"accountList": [{"accountId": 7}]}, {"accountList": [3]}, {"accountList": [{}]}]
)
def test_an_invalid_list_of_accounts(sso_home, tmp_path, answer):
    refused_list(sso_home, tmp_path, lambda **_: answer)


def test_a_list_of_accounts_without_an_end(sso_home, tmp_path, monkeypatch):
    monkeypatch.setattr(accounts, "MOST_PAGES", 5)
    asked = []

    def page(**parameters):
        asked.append(parameters)
        return {"accountList": [{"accountId": "123456789012"}], "nextToken": "more"}

    refused_list(sso_home, tmp_path, page)
    assert len(asked) == 5


def refused_list(sso_home, folder, list_accounts):
    sso_home.login()
    client = types.SimpleNamespace(list_accounts=list_accounts)
    listing = accounts.AccountList(
        sign_in.find(sso_home.where, "corp"), Tokens(TokenFolder.of_this_user()), lambda _: client, folder / "lists"
    )
    with pytest.raises(IssueError, match=r"The server that responded for the portal in \S+ is not AWS"):
        listing.read()
