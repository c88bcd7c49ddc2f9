"""What stands between the simulated STS and the wire in a chaos run: answers that no STS gives, and a record of calls."""

from __future__ import annotations

import random
import re
import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qs

from traycreds.core.value_class import replace
from traycreds.sim.faults import Fault
from traycreds.sim.server import Response
from traycreds.sim.sigv4 import SignedRequest
from traycreds.sim.simulator import Simulator
from traycreds.sim.world import World

ENDLESS = 24 * 1024**2
"""Bytes of an answer that stands for one without end: far above what is read of one."""
EXPIRATIONS = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-10:00", "2200-01-01T00:00:00Z",
    "1971-01-01T00:00:00Z", "tomorrow", "", "1", "-1", "99999999999999999999", "2026-11-29",
)  # fmt: skip
DATES = (
    "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -1200", "Mon, 01 Jan 0001 00:00:00 +1400",
    "Thu, 01 Jan 1969 00:00:00 GMT", "Sun, 29 Nov 99999999999 12:00:00 GMT", "Sun, 29 Nov 2026 12:00:00 +99999999",
    "yesterday", "", "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT",
)  # fmt: skip
FIELDS = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")


def without(name: str) -> Callable[[str], str]:
    return lambda body: re.sub(f"<{name}>.*?</{name}>", "", body)


def with_value(name: str, value: str) -> Callable[[str], str]:
    return lambda body: re.sub(f"<{name}>.*?</{name}>", f"<{name}>{value}</{name}>", body)


def with_long_term_key(world: World) -> Callable[[str], str]:
    """A session whose key id is that of a long-term key, and which AWS takes all the same."""

    def change(body: str) -> str:
        found = re.search("<AccessKeyId>ASIA([^<]*)</AccessKeyId>", body)
        if found is None:
            return body
        session, new = world.key(f"ASIA{found[1]}"), f"AKIA{found[1]}"
        world._keys[new] = replace(session, access_key_id=new)
        return with_value("AccessKeyId", new)(body)

    return change


def odd(chances: random.Random) -> tuple[str, Callable[[str], str]]:
    """A change of an answer that makes it one of no use, and what it is called."""
    name = chances.choice(FIELDS)
    changes = [
        ("without " + name, without(name)),
        ("without Credentials", without("Credentials")),
        ("nothing", lambda _: ""),
        ("half", lambda body: body[: len(body) // 2]),
        ("nested", lambda body: "<a>" * 50_000),
        ("SecretAccessKey of two words", with_value("SecretAccessKey", "two words")),
        ("JSON", lambda _: '{"Credentials": null}'),
    ]
    end = chances.choice(EXPIRATIONS)
    changes += [(f"Expiration {end!r}", with_value("Expiration", end))] * len(changes)
    return chances.choice(changes)


class Answers:
    """Takes the place of what a running simulator answers.

    Attributes:
        calls: when each call for a role came, by the app's clock.
        changes: a change of the body for each role; None is for all roles.
        endless: roles whose next answer has no end.
        hanging: roles whose next call hangs as long as the run lasts, and what to do when it begins to.
        date: the Date header, if it is not the right one.
        leaks: roles whose calls are refused in words that hold a secret of an earlier session, and those words.
    """

    def __init__(self, simulator: Simulator, now: Callable[[], datetime]) -> None:
        self.calls: dict[str, list[datetime]] = defaultdict(list)
        self.changes: dict[str | None, Callable[[str], str]] = {}
        self.endless: set[str] = set()
        self.hanging: dict[str, Callable[[], None]] = {}
        self.date: str | None = None
        self.leaks: dict[str, str] = {}
        self._now = now
        self._over = threading.Event()
        server = simulator._server
        self._handle, server.handle = server.handle, self._answer
        self._date, server.date = server.date, lambda: self._date() if self.date is None else self.date

    def close(self) -> None:
        self._over.set()

    def _answer(self, request: SignedRequest) -> Response:
        arn = parse_qs(request.body.decode(errors="replace")).get("RoleArn", [""])[0]
        role = arn.rpartition("/")[2]
        self.calls[role].append(self._now())
        if (begins := self.hanging.pop(role, None)) is not None:
            begins()
            self._over.wait()
            return Response(status=500, body="", fault=Fault.DROP)
        response = self._handle(request)
        if role in self.endless:
            self.endless.discard(role)
            return replace(response, status=200, body="<a>" + "x" * ENDLESS, fault=None)
        if role in self.leaks:
            body = (
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                f"<Message>{self.leaks[role]} is not authorized</Message></Error></ErrorResponse>"
            )
            return replace(response, status=403, body=body)
        change = self.changes.get(role, self.changes.get(None))
        if change is not None and response.status == 200 and response.fault is None:
            return replace(response, body=change(response.body))
        return response
