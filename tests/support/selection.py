"""A pytest plugin: which tests run here, by how many workers, and one plain line on those that do not run.

A test of another system is not collected (a mark `skipif` says why); one for which something is missing is skipped, and
what is missing stands once at the end, with the line that installs it. The reasons of those begin with "needs".
"""

from __future__ import annotations

import gc
import os
import re
import sys
from collections import Counter
from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

WORKERS = 5
"""For two cores: most tests wait for processes, and more workers than this wait for the cores alone."""
NAMES = {"win32": "Windows", "darwin": "macOS", "linux": "Linux"}
MUST_RUN = ("desktop", "wine", "readers", "mac", "appimage", "schemas", "recipes")
"""Marks of tests of which none may be skipped where all is installed (`.ci/run` sets TRAYCREDS_NO_SKIPS)."""

_APT = re.compile(r"sudo apt-get install -y (?:--\S+ )*([a-z0-9.+ -]*[a-z0-9])")
_elsewhere = pytest.StashKey[int]()


def pytest_configure(config):
    """Keep what pytest makes of each test file, whatever PYTHONDONTWRITEBYTECODE says: each worker would make it again."""
    sys.dont_write_bytecode = False


def pytest_xdist_auto_num_workers(config):
    """Several for the whole suite; none for what a developer names, where their start would take longer than the tests."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return WORKERS if whole and sys.platform != "win32" else 0


@pytest.hookimpl(hookwrapper=True)
def pytest_collection():
    """Look for garbage neither among what is collected, all of which stays, nor ever again among that."""
    gc.disable()
    yield
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config, items):
    """Leave out the tests of other systems, and begin with those that may take longest, so that none is waited for alone."""
    here = [item for item in items if not _of_another_system(item)]
    config.stash[_elsewhere] = len(items) - len(here)
    items[:] = sorted(here, key=_patience, reverse=True)


class GroupScheduling(LoadScopeScheduling):
    """Keeps on one worker what shares a thing that is costly to make; every other test goes to a worker that is free.

    Not --dist loadgroup: pytest-xdist 3.8 writes the group into the id of a test, which pytest 9.2 no longer lets it.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def mark_test_complete(self, node, item_index, duration=0):
        """Forget a group that has run: all that a worker ever had is looked through after each test."""
        group = group_of(self.registered_collections[node][item_index])
        # Each subtest reports too, so the group may already be gone.
        if group in self.assigned_work[node]:
            super().mark_test_complete(node, item_index, duration)
            if all(self.assigned_work[node][group].values()):
                del self.assigned_work[node][group]


def group_of(nodeid: str) -> str:
    """The tests of one group run one after the other on one worker: a file, a folder, or a test by itself."""
    file = PurePosixPath(nodeid.partition("::")[0])
    # These tests share what they have read of each file.
    if file.parent.name == "architecture":
        return str(file.parent)
    return str(file) if file.parent.name == "packaging" or "on_screen" in file.name else nodeid


def pytest_xdist_make_scheduler(config, log):
    return GroupScheduling(config, log)


def _patience(item):
    """The seconds that a test has, where it says so."""
    mark = item.get_closest_marker("timeout")
    return mark.args[0] if mark else 0


def _of_another_system(item):
    return any(
        mark.args and mark.args[0] is True and not mark.kwargs["reason"].startswith("needs")
        for mark in item.iter_markers("skipif")
    )


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Where all is installed, a test of a desktop or of Wine that is skipped has failed."""
    report = (yield).get_result()
    if report.skipped and "TRAYCREDS_NO_SKIPS" in os.environ and any(map(item.get_closest_marker, MUST_RUN)):
        report.outcome = "failed"
        report.longrepr = f"skipped where it must run: {report.longrepr}"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Workers tell the run how many tests they left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["elsewhere"] = session.config.stash.get(_elsewhere, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """All workers collect the same tests."""
    node.config.stash[_elsewhere] = getattr(node, "workeroutput", {}).get("elsewhere", 0)


def pytest_terminal_summary(terminalreporter, config):
    """Say what did not run, each thing once."""
    if elsewhere := config.stash.get(_elsewhere, 0):
        terminalreporter.write_line(
            f"{elsewhere} tests are for other systems than {NAMES.get(sys.platform, sys.platform)}."
        )
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in skipped)
    packages = sorted({name for reason in reasons for found in _APT.findall(reason) for name in found.split()})
    others = [(reason, count) for reason, count in sorted(reasons.items()) if not _APT.search(reason)]
    if packages:
        count = sum(reasons.values()) - sum(count for _, count in others)
        terminalreporter.write_line(f"{count} tests skipped: sudo apt-get install -y {' '.join(packages)}")
    for reason, count in others:
        terminalreporter.write_line(f"{count} tests skipped: {reason}" if count > 1 else f"1 test skipped: {reason}")
