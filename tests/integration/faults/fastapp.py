"""The real app without a tray, on a clock that runs fast from a moment that its parent gives: python -m ... SPEED WALL BOOT."""

from __future__ import annotations

import sys
from datetime import datetime

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


def main() -> int:
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
