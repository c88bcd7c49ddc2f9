"""The project's tasks, for developers and CI alike: `.venv/bin/nox` runs all, `.venv/bin/nox -s lint` runs one.

Every task uses the environment that nox itself is installed in, so that a task starts at once and CI runs the
tools that a developer runs. `pip install -e '.[dev]'` makes that environment.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "none"
nox.options.error_on_external_run = False
nox.options.sessions = ["check", "test"]

PLATFORMS = ("linux", "win32", "darwin")
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
"""Those that traycreds is for."""
UNITS = [f"tests/unit/{name}" for name in ("core", "files", "awsfiles", "aws", "cli")]
"""The tests of what a Python could do otherwise: text, files, parsers of its own library, the command line."""
BIN = Path(sys.executable).parent
PACKAGING = [*sorted(path.name for path in Path("packaging").glob("*.py")), "lib", "docs", "locks"]


def tool(name: str) -> str:
    """The path of a program of this environment, whatever PATH says."""
    return str(BIN / name)


@nox.session
def test(session: nox.Session) -> None:
    """Run the tests; arguments go to pytest: `nox -s test -- tests/unit`."""
    session.run(tool("pytest"), *session.posargs)


@nox.session(python=PYTHONS, venv_backend="uv|virtualenv", download_python="never", reuse_venv=True)
def pythons(session: nox.Session) -> None:
    """Run unit tests on each Python that is here, in environments of their own; `nox -s pythons-3.12` takes one."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", "-q", "-n", "1", *(session.posargs or UNITS))


@nox.session
def soak(session: nox.Session) -> None:
    """Run the tests N times in a row, each fifth time beside processes that burn every core: `nox -s soak -- 20`."""
    session.run(sys.executable, "-m", "tools.soak", *(session.posargs or ["20"]))


@nox.session
def chaos(session: nox.Session) -> None:
    """Live 30 minutes of a world that fails at random: `nox -s chaos -- --seed 7`, or `-- --seeds 50 --minutes 0.6`."""
    session.run(sys.executable, "-m", "tests.chaos", *session.posargs)


@nox.session
def stress(session: nox.Session) -> None:
    """Write a credentials file while programs write it and pause in the middle: `nox -s stress -- --updates 100000`."""
    session.run(sys.executable, "-m", "tests.integration.credentials_file.stress", *session.posargs)


@nox.session
def day(session: nox.Session) -> None:
    """Live 24 hours on a steered clock, with 10,000 refreshes, and check that nothing grows."""
    session.run(sys.executable, "-m", "tests.integration.leaks.day", *session.posargs)


@nox.session
def desktops(session: nox.Session) -> None:
    """Try the tray on real desktops, 20 starts on each: `nox -s desktops -- --starts 5 gnome plasma`."""
    session.run(sys.executable, "-m", "tools.desktops", *session.posargs)


@nox.session(name="format")
def reformat(session: nox.Session) -> None:
    """Rewrite the code in the project's format and fix what ruff can fix."""
    session.run(tool("ruff"), "format", *session.posargs)
    session.run(tool("ruff"), "check", "--fix", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check format and style; change nothing."""
    session.run(tool("ruff"), "format", "--check", *session.posargs)
    session.run(tool("ruff"), "check", *session.posargs)


@nox.session
def types(session: nox.Session) -> None:
    """Check types as on Linux, Windows and macOS; arguments name platforms: `nox -s types -- win32`."""
    session.run(tool("mypy"), "noxfile.py")
    for platform in session.posargs or PLATFORMS:
        session.run(tool("mypy"), "--platform", platform)
        with session.chdir("packaging"):
            options = ("--config-file", "../pyproject.toml", "--platform", platform)
            session.run(tool("mypy"), *options, *PACKAGING, env={"MYPYPATH": ".."})  # for what they import of tools


@nox.session
def imports(session: nox.Session) -> None:
    """Check the import rules of pyproject.toml: who may import whom."""
    session.run(tool("lint-imports"), *session.posargs)


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the workflows with actionlint."""
    session.run(tool("actionlint"), *sorted(map(str, Path(".github/workflows").glob("*.yml"))))


@nox.session
def docs(session: nox.Session) -> None:
    """Build README and docs as a site in build/site, where a warning is an error, and measure how easy they read."""
    # Without the note on mkdocs 2, which is not our error. With --quiet, strict would count no warnings.
    session.run(tool("mkdocs"), "build", *session.posargs, env={"NO_MKDOCS_2_WARNING": "1"})
    session.run(sys.executable, "-m", "tools.reading_ease")


@nox.session
def coverage(session: nox.Session) -> None:
    """Report the coverage of the last test run with `--cov`, and fail below the limits."""
    # pytest-cov combines the data of its own workers; what subprocesses wrote may be left.
    if any(Path().glob(".coverage.*")):
        session.run(tool("coverage"), "combine", "-q", "--append")
    decisions = "--include=traycreds/core/*,traycreds/lifecycle/*,traycreds/engine/*"
    session.run(tool("coverage"), "report", "--skip-empty", decisions, "--fail-under=100")
    # What only subprocesses run, the command line above all, counts as not covered, so the limit is lower.
    session.run(tool("coverage"), "report", "--skip-empty", "--fail-under=85")


@nox.session
def resolution(session: nox.Session) -> None:
    """Compare traycreds with botocore on random AWS files, 20,000 pairs of them or `-- --pairs N`; half an hour."""
    session.run(sys.executable, "-m", "tests.property.resolution", *(session.posargs or ["--pairs", "20000"]))


@nox.session
def check(session: nox.Session) -> None:
    """Run lint, types, imports and workflows: all that needs no test run."""
    for name in ("lint", "types", "imports", "workflows"):
        session.notify(name, [])
