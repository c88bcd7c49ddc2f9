"""Programs that get their credentials from `exec --server`."""

from __future__ import annotations

import http.client
import sys

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


LIFE = 7
"""Seconds that a session of the brief AWS lasts; they are handed on until five are left."""


def served(sandbox, *program, timeout=50, **environment):
    return sandbox.command("exec", "dev", "--server", "--", *program, timeout=timeout, **environment)


def start(sandbox, code, **environment):
    """Start a Python program with an endpoint; its first line says that it is there."""
    process = sandbox.start("exec", "--server", "dev", "--", sys.executable, "-c", code, **environment)
    return process, process.stdout.readline().strip()


def port_of(environment):
    return int(environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"].split(":")[2].split("/")[0])


def fetch(environment, *, token=None, path="/credentials", method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port_of(environment), timeout=10)
    connection.request(method, path, headers={} if token is None else {"Authorization": token})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()
