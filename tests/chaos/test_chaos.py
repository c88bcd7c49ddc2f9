"""Some minutes of one seed, in which hours pass for the app; `python -m tests.chaos` lives others, and longer."""

from __future__ import annotations

import itertools
import os
import sys

import pytest

from tests.chaos.happenings import Happenings
from tests.chaos.run import running
from tests.chaos.schedule import WEIGHTS, happenings
from tests.chaos.tray import TRAY_WEIGHTS, TrayHappenings
from tests.desktop.session_bus import needs_bus

SECONDS = 180
SEED = os.environ.get("TRAYCREDS_CHAOS_SEED", "14")


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and stops processes")
def test_three_minutes_of_chaos_break_no_promise(tmp_path):
    print(f"python -m tests.chaos --minutes 3 --seed {SEED}")
    with running(SEED, tmp_path / "chaos") as run:
        try:
            run.live(SECONDS)
        finally:
            print("\n".join(run.happenings.log))


@pytest.mark.thorough
@pytest.mark.desktop
@pytest.mark.timeout(600)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and stops processes")
@needs_bus
def test_a_minute_of_chaos_beside_a_tray_breaks_no_promise(tmp_path):
    print(f"python -m tests.chaos --minutes 1 --tray --seed {SEED}")
    with running(SEED, tmp_path / "chaos", tray=True) as run:
        try:
            run.live(SECONDS / 3)
        finally:
            print("\n".join(run.happenings.log))
    assert run.tray.menus


@pytest.mark.parametrize("weights", [WEIGHTS, TRAY_WEIGHTS], ids=["without a tray", "with a tray"])
def test_a_seed_says_what_happens(weights):
    def some(seed):
        return list(itertools.islice(happenings(seed, weights), 1000))

    assert some("1") == some("1")
    assert some("1") != some("2")
    assert {one.kind for one in some("1")} == weights.keys()
    assert all(hasattr(TrayHappenings, kind) for kind in weights)
    assert all(hasattr(Happenings, kind) for kind in WEIGHTS)
