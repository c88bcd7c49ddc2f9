"""Renews the locks: every version and hash of what the packages are built from, for all platforms and Pythons.

`python packaging/locks/update.py` takes the newest versions that pyproject.toml and the `.in` files allow; `--check`
only says whether the locks still fit. No index is named in them: pip and uv ask the one that they are set up for.
Needs uv.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "packaging" / "locks"
OLDEST = "3.10"
"""The oldest Python of `requires-python`; newer ones get pins of their own where they must."""

SOURCES = {
    "app": ROOT / "pyproject.toml",
    "freeze": LOCKS / "freeze.in",
    "tools": LOCKS / "tools.in",
    "sign": LOCKS / "sign.in",
}


def lock(name: str, target: Path, *, upgrade: bool) -> None:
    """Write one lock; without `upgrade` the pins that `target` holds already stay as long as they fit.

    Raises:
        subprocess.CalledProcessError: uv finds no versions that fit, or no index.
    """
    command = [sys.executable, "-m", "uv", "pip", "compile", str(SOURCES[name].relative_to(ROOT))]
    command += ["--universal", "--python-version", OLDEST, "--generate-hashes", "--quiet", "--no-header"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--output-file", str(target)]
    # `freeze` is installed into the same environment as the app.
    if name == "freeze":
        command += ["--constraints", str((LOCKS / "app.txt").relative_to(ROOT))]
    if upgrade:
        command.append("--upgrade")
    subprocess.run(command, cwd=ROOT, check=True)


def stale() -> list[str]:
    """The locks that would come out otherwise if the pins that fit were kept."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name in SOURCES:
            kept, again = LOCKS / f"{name}.txt", Path(folder) / f"{name}.txt"
            again.write_bytes(kept.read_bytes())
            lock(name, again, upgrade=False)
            if again.read_bytes() != kept.read_bytes():
                found.append(name)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(description="Renew packaging/locks/*.txt.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a lock no longer fits")
    if parser.parse_args(arguments).check:
        names = stale()
        print(f"no longer fit: {', '.join(names)}" if names else "all locks fit")
        return 1 if names else 0
    for name in SOURCES:
        lock(name, LOCKS / f"{name}.txt", upgrade=True)
        print(LOCKS / f"{name}.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
