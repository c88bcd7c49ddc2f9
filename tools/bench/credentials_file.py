"""How long it takes to edit and write a credentials file; run `python -m tools.bench.credentials_file` for the table."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.awsfiles.ini import IniText
from traycreds.core.model import Batch, Credentials, ProfileWrite

SIZES = (10, 200, 1_000, 10_000)


def a_write(number: int, generation: int) -> ProfileWrite:
    """A session with a token of ordinary length."""
    ends = datetime.now(timezone.utc) + timedelta(hours=1 + generation)
    secrets = Credentials(
        access_key_id=f"ASIA{generation:016d}", secret_access_key="s" * 40, session_token="t" * 400, expires_at=ends
    )
    return ProfileWrite(profile=f"p{number}", role=f"r{number}", credentials=secrets)


def measure(
    size: int, folder: Path, rounds: int = 7, clock: Callable[[], float] = time.perf_counter
) -> tuple[float, float, float]:
    """Best of several: seconds to read, to write one profile, to write 200 of them (or all) at once."""
    path = folder / f"{size}" / "credentials"
    store = CredentialsFile(path, lock_dir=folder / "locks")
    store.write(Batch(sets=tuple(a_write(number, 0) for number in range(size))))
    many = range(min(size, 200))
    times: list[tuple[float, float, float]] = []
    for turn in range(1, rounds + 1):
        start = clock()
        store.read()
        read = clock()
        store.write(Batch(sets=(a_write(size // 2, 2 * turn),)))
        one = clock()
        store.write(Batch(sets=tuple(a_write(number, 2 * turn + 1) for number in many)))
        times.append((read - start, one - read, clock() - one))
    assert len(IniText(path.read_text()).sections) == size
    return min(t[0] for t in times), min(t[1] for t in times), min(t[2] for t in times)


def main() -> None:
    """Print the table."""
    print(f"{'profiles':>8}  {'read':>9}  {'write one':>9}  {'write 200':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            print(f"{size:>8}  " + "  ".join(f"{seconds * 1000:>6.1f} ms" for seconds in measure(size, Path(folder))))


if __name__ == "__main__":
    main()
