"""Runs the real app through 24 hours of a steered clock, with 10,000 refreshes against the simulator, and measures each hour.

As a program, `python -m tests.integration.leaks.day [--hours N] [--write]`, it prints a line for each hour and ends with 1 if
something grew; `--write` puts the result into docs/measurements.md. Linux only.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.integration.faults.conftest import timed_sandbox
from tools.marked_page import put
from traycreds.state.log import BACKUPS, MAX_BYTES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "measurements.md"
HOURS = 24
ROLES = 70
LASTING = "15m"
"""How long a session lasts: the shortest there is, of which a role takes six an hour."""
STEP = timedelta(minutes=2)
"""Less than what the machine's clock may jump before it counts as sleep."""
FULL_BY = 6
"""Hours after which all is there that a day needs: what is known of secrets is kept for 90 minutes, and the heap has had
its fullest moments."""
MOST_MIB, MOST_THREADS, MOST_FILES = 1.0, 1, 1
"""By which memory, threads and open files may grow from then to the end."""
MOST_LOG = (BACKUPS + 1) * MAX_BYTES
_REPLACED = re.compile(r"/(credentials|\.credentials\.traycreds-\w+\.tmp) \(deleted\)$")


@dataclass(frozen=True, slots=True)
class Hour:
    """What the app holds at the end of an hour.

    Attributes:
        hour: how many have passed.
        refreshes: sessions that AWS has issued so far.
        mib: memory that is the app's alone.
        threads: how many run.
        files: how many are open, but for replaced credentials files, which are watched for two seconds each.
        log: bytes of all log files.
    """

    hour: int
    refreshes: int
    mib: float
    threads: int
    files: int
    log: int


def hours(home: Path, count: int = HOURS, roles: int = ROLES) -> Iterator[Hour]:
    """Live them; each is measured while no refresh is in progress."""
    with timed_sandbox(home) as sandbox:
        for number in range(roles):
            sandbox.add_role(f"role-{number:03}", extra=f'keep = true\nduration = "{LASTING}"')
        # One that is forked makes pages its own that it shared, for as long as it runs.
        app = sandbox.run(cold=True)
        for number in range(roles):
            sandbox.wait_for_valid(f"role-{number:03}")
        names = [f"role-{number:03}" for number in range(roles)]
        for hour in range(1, count + 1):
            for _ in range(timedelta(hours=1) // STEP):
                sandbox.pass_time(STEP, step=STEP)
            assert sandbox.valid(*names), "each role has a session"
            issued = sum(call.action == "AssumeRole" and call.outcome == "OK" for call in sandbox.simulator.calls)
            yield measured(hour, issued, app.process.pid, sandbox.log.parent)
        assert app.notices() == [], "nobody was bothered"


def measured(hour: int, refreshes: int, pid: int, logs: Path) -> Hour:
    """What a process holds now, as the system has it."""
    process = Path(f"/proc/{pid}")
    lines = (process / "smaps_rollup").read_text(encoding="ascii").splitlines()
    private = sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    links = [str(each.readlink()) for each in (process / "fd").iterdir()]
    return Hour(
        hour=hour,
        refreshes=refreshes,
        mib=private / 1024,
        threads=sum(1 for _ in (process / "task").iterdir()),
        files=sum(not _REPLACED.search(link) for link in links),
        log=sum(each.stat().st_size for each in logs.iterdir()),
    )


def grown(found: Sequence[Hour]) -> list[str]:
    """What is larger at the end than it may be; empty if all is well."""
    early, late = found[FULL_BY - 1], found[-1]
    faults = {
        f"memory grew by {late.mib - early.mib:.1f} MiB": late.mib - early.mib >= MOST_MIB,
        f"threads grew from {early.threads} to {late.threads}": late.threads - early.threads > MOST_THREADS,
        f"open files grew from {early.files} to {late.files}": late.files - early.files > MOST_FILES,
        f"the log takes {late.log:,} bytes": max(each.log for each in found) > MOST_LOG,
    }
    return [fault for fault, there in faults.items() if there]


def text(found: Sequence[Hour], seconds: float) -> str:
    """The result as a table in Markdown."""
    early, late = found[FULL_BY - 1], found[-1]
    return f"""\
| | after {early.hour} hours | after {late.hour} hours | may grow by |
|---|---|---|---|
| refreshes so far | {early.refreshes:,} | {late.refreshes:,} |  |
| memory (private) | {early.mib:.1f} MiB | {late.mib:.1f} MiB | under {MOST_MIB:.0f} MiB |
| threads | {early.threads} | {late.threads} | {MOST_THREADS} |
| open files | {early.files} | {late.files} | {MOST_FILES} |
| log files, bytes | {early.log:,} | {late.log:,} | to {MOST_LOG:,} |

Measured by `nox -s day`, in {seconds:.0f} s: the real app on a clock that the test moves, {ROLES} roles with sessions
of 15 minutes, each issued by the simulator.
"""


def main(arguments: Sequence[str]) -> int:
    """Live a day, print, and write where asked to; 1 if something grew."""
    options = argparse.ArgumentParser(prog="python -m tests.integration.leaks.day", description=__doc__)
    options.add_argument("--hours", type=int, default=HOURS, help=f"default: {HOURS}")
    options.add_argument("--write", action="store_true", help="put the result into docs/measurements.md")
    chosen = options.parse_args(arguments)
    begun, found = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        for hour in hours(home, chosen.hours):
            print(hour, file=sys.stderr, flush=True)
            found.append(hour)
    shown = text(found, time.monotonic() - begun)
    print(shown)
    if chosen.write:
        PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), "day", shown), encoding="utf-8")
    for fault in (faults := grown(found)):
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
