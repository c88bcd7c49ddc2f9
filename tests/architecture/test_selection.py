"""How the tests are dealt out to workers: what shares a costly thing runs on one."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT
from tests.support.selection import group_of

PLUGINS = ("-p", "xdist.plugin", "-p", "tests.support.selection")


@pytest.mark.parametrize(
    ("test", "group"),
    [
        ("tests/architecture/test_size.py::test_x[a::b]", "tests/architecture"),
        ("tests/packaging/test_deb.py::test_x", "tests/packaging/test_deb.py"),
        ("tests/desktop/test_dialog_on_screen.py::test_x", "tests/desktop/test_dialog_on_screen.py"),
        ("tests/unit/core/test_names.py::test_x[packaging/a]", "tests/unit/core/test_names.py::test_x[packaging/a]"),
    ],
)
def test_the_group_of_a_test(test, group):
    assert group_of(test) == group


def test_a_group_runs_on_one_worker_beside_other_tests(tmp_path):
    for name in ("packaging/test_grouped.py", "other/test_alone.py"):
        (tmp_path / name).parent.mkdir()
        lines = ["import pytest", "@pytest.mark.parametrize('n', range(12))", "def test_it(n):", "    pass"]
        (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", os.devnull, "-v", "-n2", *PLUGINS, tmp_path],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
    )
    workers = re.findall(r"\[(gw\d)\].*PASSED.*test_grouped\.py::", done.stdout)
    assert (len(workers), len(set(workers))) == (12, 1), done.stdout


@pytest.mark.timeout(300)
def test_tests_are_found_where_nothing_of_theirs_was_prepared(home):
    """A newcomer has none of what `--prepare` fetches: such a test says so when it runs, and breaks no run."""
    folders = [f"tests/{name}" for name in ("contract", "mac", "packaging", "property", "windows")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n0", "--collect-only", "-p", "no:cacheprovider", *folders],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=280,
        env={**os.environ, "PYTEST_ADDOPTS": "", "HOME": str(home)},
    )
    assert done.returncode == 0, done.stdout
