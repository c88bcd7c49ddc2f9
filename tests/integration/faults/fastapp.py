"""The real app without a tray, on a clock that runs fast from a moment that its parent gives: python -m ... SPEED WALL BOOT.

What the file $TRAYCREDS_TEST_WAY holds is taken for the machine's way into the network, which no test can change.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

from traycreds.adapters import network
from traycreds.adapters.clock import FastClock
from traycreds.app import setup
from traycreds.app.desk import Desk, Face
from traycreds.app.setup import Options


def say(*words: object) -> None:
    print(*words, flush=True)


def clock_of(speed: float, wall: str, boot: float) -> FastClock:
    """The same clock in every process."""
    clock = FastClock(speed)
    clock._wall, clock._boot = datetime.fromisoformat(wall), boot
    return clock


def way() -> tuple[str | None, ...]:
    file = Path(os.environ["TRAYCREDS_TEST_WAY"])
    return (file.read_text() if file.exists() else None, None)


def main() -> int:
    if "TRAYCREDS_TEST_WAY" in os.environ:
        network.NetworkWatch.__init__.__kwdefaults__.update(look=way, every=0.02)
    speed, wall, boot = sys.argv[1:]
    face = Face(
        tray=False,
        say=say,
        show=lambda snapshot: say(*(f"{view.name}={view.status.value}" for view in snapshot.roles)),
        notice=lambda notice: say("NOTICE", notice.title, "/", notice.body),
    )
    return Desk(setup.find_places(Options()), clock_of(float(speed), wall, float(boot)), face).run()


if __name__ == "__main__":
    sys.exit(main())
