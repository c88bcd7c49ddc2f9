"""Plays what the schedule says: faults of AWS and of the way to it, of programs, of files, of the machine and its user."""

from __future__ import annotations

import heapq
import itertools
import math
import random
import signal
import socket
import time
from collections.abc import Callable
from datetime import timedelta

from tests.chaos.answers import DATES, odd, with_long_term_key
from tests.chaos.configurations import BROKEN, TEAM_ROLE, changed
from tests.chaos.excuses import GRACE, Excuses, affected
from tests.chaos.foreign import Foreign
from tests.chaos.home import (
    HOOK_MODES,
    LINK,
    MODES,
    PERMISSION_SET,
    ROLES,
    SAML,
    SSO,
    WEB,
    WORKS,
    ChaosHome,
    Program,
)
from tests.chaos.schedule import Happening, spread
from tests.integration.faults.conftest import App
from traycreds.aws.federation import tokens
from traycreds.control.protocol import Request
from traycreds.core.errors import FailureKind
from traycreds.lifecycle import policy
from traycreds.sim import Fault

NEEDS_A_PERSON = (Fault.DENIED, Fault.REGION_DISABLED, Fault.EXPIRED_SOURCE, Fault.INVALID_TOKEN)
PASSES = (Fault.THROTTLE, Fault.ERROR_500, Fault.UNAVAILABLE_503, Fault.PROXY_502, Fault.DROP, Fault.DRIP)
BEHIND_AWS_CONFIG = ("chained", "program", SSO)
"""Roles whose source is in ~/.aws/config."""
CODE = timedelta(seconds=30)
"""Until a device shows the next code, where the last one is used."""
SHARED_FAILURE = timedelta(seconds=tokens.FAILURE_SHARED) * 60
"""By the app's clock: so long do roles share the failure of a program for a token, in real seconds."""
LONGEST_OUTAGE = 1500.0


class Happenings:
    """What happens, to one home.

    Attributes:
        log: what has happened, for anyone who has to understand a breach.
        moments: when, by the app's clock: each may be a reason for further calls.
        hung: how many calls hang.
        requests: what a user asks of the app; anyone who talks to the app sends it.
        broken: the configuration on file is invalid.
        stopped_for: real seconds, and seconds of the app's clock, for which the app is stopped.
    """

    def __init__(self, home: ChaosHome, app: App, foreign: Foreign, excuses: Excuses) -> None:
        self.home, self.app, self.foreign, self.excuses = home, app, foreign, excuses
        self.log: list[str] = []
        self.moments: list[float] = []
        self.hung, self.broken = 0, False
        self.requests: list[Request] = []
        self.commands: list[str] = []
        self.stopped_for: tuple[float, float] | None = None
        self._begun = home.clock.now()
        self._ends: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self._faulty: set[str | None] = set()
        self._failing: dict[str, tuple[float, float]] = {}
        self._peers: list[socket.socket] = []

    @property
    def at(self) -> float:
        """Seconds since the start, by the app's clock."""
        return (self.home.clock.now() - self._begun).total_seconds()

    def note(self, text: str) -> None:
        self.log.append(f"{timedelta(seconds=round(self.at))} {text}")
        self.moments.append(self.at)

    def play(self, happening: Happening) -> None:
        getattr(self, happening.kind)(happening.chances())

    def end_what_is_over(self, *, all_of_it: bool = False) -> None:
        while self._ends and (all_of_it or self._ends[0][0] <= self.at):
            heapq.heappop(self._ends)[2]()

    def _later(self, seconds: float, end: Callable[[], None]) -> None:
        heapq.heappush(self._ends, (self.at + seconds, next(self._number), end))

    def _while(self, seconds: float, roles, what: str, end: Callable[[], None], *, grace: timedelta | None = None):
        """An outage of some roles begins, and ends after some seconds of the app's clock."""
        self.note(f"{what} for {seconds:.0f} s begins")
        self.excuses.begin(roles)

        def over() -> None:
            end()
            self.excuses.end(roles, **({} if grace is None else {"grace": grace}))
            self.note(f"{what} ends")

        self._later(seconds, over)

    def _ask(self, do: str, roles=(), **more) -> None:
        self.requests.append(Request(id="chaos", do=do, roles=tuple(roles), wait=False, **more))

    def outage(self, chances: random.Random) -> None:
        seconds = spread(chances, 5, LONGEST_OUTAGE)
        if "line" in self._faulty:
            return
        self._faulty.add("line")
        self.home.relay.cut()

        def reconnect() -> None:
            self.home.relay.reconnect()
            self._faulty.discard("line")

        self._while(seconds, ROLES, "the line is cut", reconnect)

    def _target(self, chances: random.Random) -> str | None:
        return chances.choice((*ROLES, LINK, PERMISSION_SET, None))

    def sts_fault(self, chances: random.Random) -> None:
        role, fault, seconds = self._target(chances), chances.choice(PASSES + NEEDS_A_PERSON), spread(chances, 5, 900)
        if role in self._faulty or (role is None and self._faulty - {"line"}) or None in self._faulty:
            return
        self._faulty.add(role)
        self.home.simulator.faults.drip_interval = 0.2
        self.home.simulator.faults.set(fault, role=role)
        roles = affected(role)

        def end() -> None:
            self.home.simulator.faults.clear(role)
            self._faulty.discard(role)
            # A person who has fixed the cause asks for a refresh.
            if fault in NEEDS_A_PERSON:
                self._ask("refresh", roles)

        self._while(seconds, roles, f"{fault.name} for {role or 'all'}", end)

    def odd_answer(self, chances: random.Random) -> None:
        role, (what, change), seconds = self._target(chances), odd(chances), spread(chances, 5, 600)
        if role in self.home.answers.changes:
            return
        self.home.answers.changes[role] = change
        end = lambda: self.home.answers.changes.pop(role)  # noqa: E731
        self._while(seconds, affected(role), f"answers for {role or 'all'}: {what}", lambda: end() and None)

    def endless_answer(self, chances: random.Random) -> None:
        role = chances.choice((*ROLES, LINK))
        self.home.answers.endless.add(role)
        self._ask("refresh", affected(role))
        self.note(f"the next answer for {role} has no end")
        self.excuses.allow(affected(role))

    def hanging_call(self, chances: random.Random) -> None:
        role = chances.choice((*ROLES, LINK))
        if role in self.home.answers.hanging:
            return
        # The outage is over as soon as that call has begun: it is given up, and the one after it is answered.
        roles = affected(role)
        self.excuses.begin(roles)
        self.home.answers.hanging[role] = lambda: self.excuses.end(roles)
        self.hung += 1
        self._ask("refresh", roles)
        self.note(f"the next call for {role} hangs forever")

    def absurd_date(self, chances: random.Random) -> None:
        self.home.answers.date = chances.choice(DATES)
        self.note(f"Date: {self.home.answers.date!r}")

        def end() -> None:
            self.home.answers.date = None
            self.note("Date is right")

        self._later(spread(chances, 30, 900), end)

    def leaked_secret(self, chances: random.Random) -> None:
        role = chances.choice(ROLES)
        if role in self.home.answers.leaks:
            return
        self.home.answers.leaks[role] = self.home.last_token(role)

        def end() -> None:
            self.home.answers.leaks.pop(role)
            self._ask("refresh", [role])

        self._ask("refresh", [role])
        self._while(spread(chances, 5, 120), [role], f"a refusal for {role} tells its secret", end)

    def _program(self, chances: random.Random, program: Program, role: str, what: str) -> None:
        mode, seconds = chances.choice(MODES), spread(chances, 5, 600)
        if what in self._faulty:
            return
        self._faulty.add(what)
        program.bid(mode)
        self._ask("refresh", [role])
        since, until = self._failing.get(what, (self.at, self.at))
        since = since if self.at <= until else self.at
        self._failing[what] = since, math.inf

        def end() -> None:
            program.bid("works")
            self._faulty.discard(what)
            if mode not in ("fails", "hangs"):
                self._ask("refresh", [role])
            self._failing[what] = since, self.at + (grace or GRACE).total_seconds()

        grace = None
        if mode == "fails" or (mode == "hangs" and role == "mfa"):
            # The next try comes within the time that it has failed for, plus the first wait of its kind.
            first, cap = policy.waits(FailureKind.PROGRAM)
            grace = GRACE + min(cap, first + timedelta(seconds=self.at + seconds - since))
        elif role == "mfa":
            grace = GRACE + CODE
        elif role in self.home.token_programs:
            grace = GRACE + SHARED_FAILURE
        roles = [] if mode in WORKS else [role]
        self._while(seconds, roles, f"{what}: {mode}", end, grace=grace)

    def credential_process(self, chances: random.Random) -> None:
        self._program(chances, self.home.key_program, "program", "credential_process")

    def mfa_process(self, chances: random.Random) -> None:
        self._program(chances, self.home.code_program, "mfa", "mfa_process")

    def token_process(self, chances: random.Random) -> None:
        role = chances.choice((SAML, WEB))
        self._program(chances, self.home.token_programs[role], role, f"program of {role}")

    def team_file(self, chances: random.Random) -> None:
        """The team changes its file, for better or worse; nobody accepts it, so it adds nothing."""
        text = chances.choice((*BROKEN, TEAM_ROLE.format(chances.randrange(1000)), ""))
        self.note(f"the team's file is another ({len(text)} characters: {text[:30]!r})")
        self.home.share_team_file(text)

    def hook(self, chances: random.Random) -> None:
        mode, seconds = chances.choice(HOOK_MODES), spread(chances, 5, 600)
        if "hook" in self._faulty:
            return
        self._faulty.add("hook")
        self.home.hook.bid(mode)
        self.note(f"hooks: {mode} for {seconds:.0f} s")

        def end() -> None:
            self.home.hook.bid("works")
            self._faulty.discard("hook")

        self._later(seconds, end)

    def long_term_key(self, chances: random.Random) -> None:
        role, seconds = chances.choice(ROLES), spread(chances, 5, 900)
        if role in self.home.answers.changes:
            return
        self.home.answers.changes[role] = with_long_term_key(self.home.simulator.world)
        self.note(f"sessions of {role} have the id of a long-term key for {seconds:.0f} s")
        self._ask("refresh", [role])
        self._later(seconds, lambda: self.home.answers.changes.pop(role) and None)

    def sign_out(self, chances: random.Random) -> None:
        if "sign-in" in self._faulty:
            return
        self._faulty.add("sign-in")
        self.home.sign_out()

        def end() -> None:
            self.home.sign_in()
            self._faulty.discard("sign-in")
            self._ask("refresh", [SSO])

        self._while(spread(chances, 5, 1500), [SSO], "the sign-in is revoked", end)

    def broken_config(self, chances: random.Random) -> None:
        if self.broken:
            return
        text, alone = chances.choice(BROKEN), chances.random() < 0.5
        self.home.save_config(text if alone else self.home.good_config + text)
        self.broken = True
        self.note(f"config.toml is broken ({len(text)} characters: {text[:30]!r})")

        def end() -> None:
            self.broken = False
            self.home.save_config(self.home.good_config)
            self.note("config.toml is right again")

        self._later(spread(chances, 5, 600), end)

    def other_config(self, chances: random.Random) -> None:
        """A good edit, which must be taken, whatever was on file before."""
        self.home.good_config, name = changed(self.home.good_config, chances)
        self.note(f"config.toml has {name}")
        if not self.broken:
            self.home.save_config(self.home.good_config)

    def stop(self, chances: random.Random) -> None:
        self.stopped_for = (chances.uniform(0.1, 1.5), spread(chances, 1, 120))

    def suspend(self, chances: random.Random) -> None:
        self.stopped_for = (chances.uniform(0.1, 0.5), spread(chances, 120, 6 * 3600))

    def play_stop(self, command: Callable[[], None]) -> None:
        """Stop the app and let it continue; `command` is what a user tries meanwhile."""
        assert self.stopped_for is not None
        (real, seconds), self.stopped_for = self.stopped_for, None
        self.note(f"the app is stopped for {seconds:.0f} s")
        self.app.process.send_signal(signal.SIGSTOP)
        end = time.monotonic() + real
        if real > 1:
            command()
        time.sleep(max(0.0, end - time.monotonic()))
        self.home.clock.advance(timedelta(seconds=seconds))
        self.home.show_assertion()
        self.app.process.send_signal(signal.SIGCONT)
        # Calls in progress when it stopped are given up by their deadline.
        self.excuses.allow(ROLES)
        self.note("the app continues")

    def silent_peers(self, chances: random.Random) -> None:
        number = chances.randrange(1, 60)
        words = chances.choice((b"", b'{"v": 1, "id": ', b"\xff" * 70_000, b"[" * 20_000 + b"\n", b"{}\n", b"null\n"))
        self.note(f"{number} peers say only {words[:20]!r}")
        path = self.home.runtime / "traycreds" / "control.sock"
        for _ in range(number):
            peer = socket.socket(socket.AF_UNIX)
            peer.settimeout(2)
            try:
                peer.connect(str(path))
                peer.sendall(words)
            except OSError:
                # The app may turn a peer away.
                peer.close()
                continue
            self._peers.append(peer)
        self._later(spread(chances, 1, 300), self._hang_up)

    def _hang_up(self) -> None:
        for peer in self._peers:
            peer.close()
        self._peers.clear()

    def writers(self, chances: random.Random) -> None:
        times, longest = chances.randrange(1, 12), spread(chances, 0.05, 10)
        self.note(f"{times} foreign writes with pauses of up to {longest:.1f} s")
        self.foreign.begin(lambda: self.foreign.write(chances, times=times, longest=longest))

    def slow_aws_config(self, chances: random.Random) -> None:
        pause = spread(chances, 0.05, 8)
        if "aws_config" in self._faulty:
            return
        self._faulty.add("aws_config")
        self.note(f"someone saves ~/.aws/config and takes {pause:.1f} s")
        self.excuses.begin(BEHIND_AWS_CONFIG)

        def then() -> None:
            self.excuses.end(BEHIND_AWS_CONFIG)
            self.note("~/.aws/config is whole again")
            self._faulty.discard("aws_config")

        self.foreign.begin(lambda: self.foreign.rewrite(self.home.aws_config, pause, then))

    def stripping_tool(self, chances: random.Random) -> None:
        seconds = chances.uniform(0.2, 4)
        self.note(f"a tool strips our expiry for {seconds:.1f} real s")
        self.excuses.allow(ROLES)
        self.foreign.begin(lambda: self.foreign.strip(chances, seconds=seconds))

    def old_copy(self, chances: random.Random) -> None:
        times, gap = chances.randrange(1, 5), chances.uniform(0.5, 3)
        self.note("a sync tool takes a copy")
        self.foreign.keep_copy()

        def restore() -> None:
            self.note(f"a sync tool puts its copy back {times} times")
            self.excuses.allow(ROLES, grace=timedelta(seconds=60 + 5 * times * gap))
            self.foreign.begin(lambda: self.foreign.restore(times, gap))

        self._later(spread(chances, 5, 1200), restore)

    def lost_session(self, chances: random.Random) -> None:
        role = chances.choice(ROLES)
        self.note(f"someone removes {role}-session")
        self.excuses.allow([role])
        self.foreign.begin(lambda: self.foreign.lose(f"{role}-session"))

    def command(self, chances: random.Random) -> None:
        """What a user types; `refresh` goes to the app as it would from a terminal."""
        line = chances.choice((
            "status", "status --json", "creds dev", "creds prod", "env chained", "doctor", "exec dev -- true",
            "creds sso", "env dev", "use dev", "use prod", "refresh",
        ))  # fmt: skip
        self.note(f"the user types {line}")
        if line == "refresh":
            self._ask(line)
        else:
            self.commands.append(line)
