"""The real app, on the clock that a test moves: python -m tests.integration.faults.steered_app CLOCK.

SHARE may follow, as `SteeredClock` takes it, and "tray", for a tray where there is a host. What the file $TRAYCREDS_TEST_WAY holds counts as the machine's way into the network, which no test can change.
The file $TRAYCREDS_TEST_CALLS gets the name of each role for which a call to AWS begins, before it begins.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.support.fakes.steered_clock import SHARE, SteeredClock
from traycreds.app import heap
from traycreds.app.application import Application, Frontend
from traycreds.desktop import network
from traycreds.engine.jobs import Jobs
from traycreds.state import known_secrets
from traycreds.usecases import load
from traycreds.usecases.options import Options


def say(*words: object) -> None:
    print(*words, flush=True)


def way() -> tuple[str | None, ...]:
    file = Path(os.environ["TRAYCREDS_TEST_WAY"])
    if file.exists():
        return (file.read_text(), None)
    say("no way into the network")
    return (None, None)


def record_calls(file: Path) -> None:
    issue = Jobs.issue

    def recorded(self, role, seconds):
        with file.open("a") as opened:
            opened.write(f"{role.name}\n")
        return issue(self, role, seconds)

    Jobs.issue = recorded


def forget_secrets_by(clock: SteeredClock) -> None:
    """What is known of secrets lasts as long as sessions do, whose time passes on this clock."""
    seconds = lambda: clock.now().timestamp()  # noqa: E731
    known_secrets.brief = known_secrets.Pieces(known_secrets.KEEP_BRIEF, known_secrets.MOST_BRIEF, monotonic=seconds)
    known_secrets.lasting = known_secrets.Pieces(known_secrets.KEEP, known_secrets.MOST, monotonic=seconds)


def main() -> int:
    heap.stay_small()
    if "TRAYCREDS_TEST_CALLS" in os.environ:
        record_calls(Path(os.environ["TRAYCREDS_TEST_CALLS"]))
    if "TRAYCREDS_TEST_WAY" in os.environ:
        network.NetworkWatch.__init__.__kwdefaults__.update(read=way, every=0.02)
    frontend = Frontend(
        tray="tray" in sys.argv[3:],
        print_line=say,
        show=lambda snapshot: say(*(f"{view.name}={view.status.value}" for view in snapshot.roles)),
        notice=lambda notice: say("NOTICE", notice.title, "/", notice.body),
    )
    clock = SteeredClock(Path(sys.argv[1]), share=float(sys.argv[2]) if len(sys.argv) > 2 else SHARE)
    forget_secrets_by(clock)
    return Application(load.find_paths(Options()), clock, frontend).run()


if __name__ == "__main__":
    sys.exit(main())
