"""Writers that change a file in place or replace it, slowly or at once, beside our refreshes; counts what is lost.

`python -m tests.integration.credentials_file.stress --seconds 300 --seed 1` runs until the time is over,
`--updates 100000` until so many updates are made; then every writer checks its last update. Several files are written
at the same time, since a writer that pauses holds up all others of its file: in all but the last a pause is rare, in
the last each tenth update has one. `--styles replacing --longest 0 --every 0` has the writers rename as often as can be,
beside our writes without a pause; with `--gap 0.1` they leave each other some time. Prints a line of JSON for each file and one for all; exits with 1 when anything was
lost.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import random
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.integration.credentials_file.actors import a_write
from traycreds.awsfiles.credentials_file import CredentialsFile
from traycreds.awsfiles.ini import IniText, ProfileTextError
from traycreds.core.errors import CredentialsFileError
from traycreds.core.model import Batch

ROOT = Path(__file__).parents[3]
WRITERS = 4
PROFILES = 3
MINE = "# written by hand\n[mine]\nregion = eu-west-1  \n\n; a remark\n[other]\nk = v\n"
FILES = 4
RARE, OFTEN = 1 / 200, 1 / 10
"""Shares of updates that have a long pause."""
PATIENCE = 300.0
"""Seconds after which an update that is not on file is lost: others may pause one after the other meanwhile."""
DAY = 86400.0
STYLES = ("at_once", "truncating", "in_halves", "replacing")
"""Ways to write: methods of `Writer`."""


def counters(text):
    """The count of each writer that a text holds."""
    return {int(name): int(count) for name, count in re.findall(r"^\[w(\d+)\]\ncount = (\d+)$", text, re.MULTILINE)}


def counted(text, number, count):
    """The text with the writer's section set; other lines stay."""
    mine = f"[w{number}]\ncount = {count}\n"
    new, found = re.subn(rf"^\[w{number}\]\ncount = \d+\n", mine, text, flags=re.MULTILINE)
    return new if found else f"{text.rstrip()}\n\n{mine}" if text.strip() else mine


class Writer:
    """A program that knows nothing of traycreds: it reads, truncates, writes, and may stop for a while at any point.

    Programs like it do not overtake each other here, so that what gets lost is lost by us.
    """

    def __init__(self, path, number, seed, slow, longest, styles=STYLES, gap=0.0):
        self.path, self.number, self.styles, self.gap = path, number, styles, gap
        self.random = random.Random(f"{seed}/{number}")
        self.slow, self.longest = slow, longest
        self.count = self.pauses = 0
        self.back = 0.0
        self.lost = []

    def pause(self):
        dice = self.random.random()
        if dice < self.slow:
            self.pauses += 1
            time.sleep(self.random.uniform(0, self.longest))
        elif dice < 0.05:
            time.sleep(self.random.uniform(0, 0.03))

    def update(self, turn):
        """One update, checked at the beginning of the next."""
        fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            way = getattr(self, self.random.choice(self.styles))
            text = self.path.read_text()
            if self.missing(text):
                return False
            self.count += 1
            way()
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)
        return True

    def missing(self, text):
        return self.count and counters(text).get(self.number, 0) < self.count

    def at_once(self):
        with self.path.open("r+") as file:
            new = counted(file.read(), self.number, self.count)
            file.seek(0)
            file.truncate()
            self.pause()
            file.write(new)

    def truncating(self):
        new = counted(self.path.read_text(), self.number, self.count)
        with self.path.open("w") as file:
            self.pause()
            file.write(new)

    def in_halves(self):
        new = counted(self.path.read_text(), self.number, self.count)
        with self.path.open("w") as file:
            file.write(new[: len(new) // 2])
            file.flush()
            self.pause()
            file.write(new[len(new) // 2 :])

    def replacing(self):
        new = counted(self.path.read_text(), self.number, self.count)
        theirs = self.path.with_suffix(f".{self.number}")
        theirs.write_text(new)
        self.pause()
        theirs.replace(self.path)

    def wait_until_back(self):
        """An update that is not on file may come back; how long that took is kept."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            if not self.missing(self.path.read_text()):
                self.back = max(self.back, time.monotonic() - began)
                return
            time.sleep(0.002)
        self.lost.append(f"update {self.count} of writer {self.number}")

    def run(self, turn_path, seconds, updates, enough):
        """Update so many times, or until the time is over or the file `enough` is there."""
        end = time.monotonic() + seconds
        with turn_path.open("w") as turn:
            while time.monotonic() < end and self.count < updates and not enough.exists() and not self.lost:
                if not self.update(turn):
                    self.wait_until_back()
                time.sleep(self.random.uniform(0, self.gap))
        if not self.lost and self.missing(self.path.read_text()):
            self.wait_until_back()
        found = {"updates": self.count, "pauses": self.pauses, "lost": self.lost, "back": round(self.back, 3)}
        print(json.dumps(found))


def refresh(path, lock_dir, stop, every):
    """Refresh without end as the engine does: write, look again; then let the file come to rest."""
    store = CredentialsFile(path, lock_dir=lock_dir)
    generation, written, slowest, refused, read_at = 0, 0, 0.0, [], 0.0
    while not stop.exists():
        generation += 1
        began = time.monotonic()
        with reporting(refused):
            store.write(Batch(sets=tuple(a_write(f"p{number}", generation) for number in range(PROFILES))))
            written = generation
        slowest = max(slowest, time.monotonic() - began)
        wait_until = time.monotonic() + every
        while time.monotonic() < wait_until:
            read_at = read_file(store, read_at, refused)
            time.sleep(0.005)
    end = time.monotonic() + PATIENCE / 2
    while time.monotonic() < end:
        read_at = read_file(store, read_at, refused)
        time.sleep(0.005)
        if store.next_check() is None and not store.changed():
            break
    print(json.dumps({"writes": generation, "written": written, "slowest": round(slowest, 3), "refused": refused[:5]}))


def read_file(store, read_at, refused):
    soon = store.next_check()
    if store.changed() or (soon is not None and time.monotonic() >= read_at):
        with reporting(refused):
            store.read()
        return time.monotonic() + (store.next_check() or 0.0)
    return read_at


@contextlib.contextmanager
def reporting(refused):
    try:
        yield
    except CredentialsFileError as error:
        refused.append(error.sentence)


def damage(path, generation, counts):
    """What the file does not hold at the end though it should."""
    text = path.read_text()
    try:
        own = IniText(text).own()
    except ProfileTextError as error:
        return [f"does not parse: {error}"]
    found = [line for line in MINE.splitlines() if line not in text.splitlines()]
    if [name for name in own if name in {"mine", "other"}] != ["mine", "other"]:
        found.append("the order of sections")
    found += [
        f"p{n}" for n in range(PROFILES) if own.get(f"p{n}", {}).get("aws_access_key_id") != f"ASIA{generation:06d}"
    ]
    return found + [f"w{n}" for n, count in counts.items() if own.get(f"w{n}", {}).get("count") != str(count)]


def run_one(folder, seed, *, slow, enough, seconds=DAY, updates=10**9, longest=10.0, every=0.1, styles=STYLES, gap=0.0):
    """Writers and refreshes at one file; returns what came of it.

    Args:
        folder: for the file and all that belongs to it.
        seed: of the writers' choices.
        slow: the share of updates that have a long pause.
        enough: the writers end once this file is there.
        seconds: after which they end.
        updates: after how many they end, all of them together.
        longest: pause, in seconds.
        every: so many seconds a refresh.
        styles: in which the writers write.
        gap: the longest pause of a writer between two updates.
    """
    path, stop = folder / "aws" / "credentials", folder / "stop"
    path.parent.mkdir(parents=True)
    path.write_text(MINE)
    os.utime(path, (1e9, 1e9))

    def start(*arguments):
        command = [sys.executable, "-m", __spec__.name, "--actor", *map(str, arguments)]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=clean)

    refresher = start("refresh", path, folder / "state" / "locks", stop, every)
    share = -(-updates // WRITERS)
    common = (slow, longest, folder / "turn", seconds, share, enough, ",".join(styles), gap)
    writers = [start("writer", path, number, seed, *common) for number in range(WRITERS)]
    try:
        reported = [json.loads(writer.communicate(timeout=seconds + 3 * PATIENCE)[0]) for writer in writers]
        stop.touch()
        ours = json.loads(refresher.communicate(timeout=2 * PATIENCE)[0])
    finally:
        for process in (refresher, *writers):
            if process.poll() is None:
                process.kill()
                process.wait()
    counts = {number: each["updates"] for number, each in enumerate(reported) if each["updates"]}
    return {
        "slow": slow,
        "updates": sum(counts.values()),
        "pauses": sum(each["pauses"] for each in reported),
        "writes": ours["writes"],
        "lost": [*(each for one in reported for each in one["lost"]), *damage(path, ours["written"], counts)],
        "longest until an update was back": max(each["back"] for each in reported),
        "longest write": ours["slowest"],
        "refused": ours["refused"],
        "backups": len(list(path.parent.glob("*.backup-*"))),
        "litter": [each.name for each in path.parent.iterdir() if each.name.endswith(".tmp")],
    }


def run_all(folder, seed, *, seconds, updates, longest, every, styles, gap):
    """All files at the same time; the last one continues until the others have their updates."""
    enough = folder / "enough"
    with ThreadPoolExecutor(FILES) as threads:

        def begin(number, **how):
            one = threads.submit(
                run_one,
                folder / str(number),
                f"{seed}/{number}",
                enough=enough,
                seconds=seconds,
                longest=longest,
                every=every,
                styles=styles,
                gap=gap,
                **how,
            )
            one.add_done_callback(lambda one: print(json.dumps({"seed": seed, **one.result()}), flush=True))
            return one

        often = begin(FILES - 1, slow=OFTEN)
        rare = [begin(number, slow=RARE, updates=updates // (FILES - 1)) for number in range(FILES - 1)]
        try:
            found = [one.result() for one in rare]
        finally:
            enough.touch()
        return [*found, often.result()]


def total(found):
    """The figures of all files together."""
    sums = {key: sum(one[key] for one in found) for key in ("updates", "pauses", "writes", "backups")}
    longest = {key: max(one[key] for one in found) for key in ("longest until an update was back", "longest write")}
    lists = {key: [each for one in found for each in one[key]] for key in ("lost", "refused", "litter")}
    return {**sums, **longest, **lists}


def main():
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__)
    parser.add_argument("--seconds", type=float, help="how long the writers continue; 60 where no --updates are given")
    parser.add_argument("--updates", type=int, help="how many updates they make, instead")
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    parser.add_argument("--longest", type=float, default=10.0, help="the longest pause of a writer in seconds")
    parser.add_argument("--every", type=float, default=0.1, help="the seconds between two of our refreshes")
    parser.add_argument("--styles", nargs="+", choices=STYLES, default=STYLES, help="in which the writers write")
    parser.add_argument("--gap", type=float, default=0.0, help="the longest pause of a writer between two updates")
    given = parser.parse_args()
    seconds = given.seconds or (DAY if given.updates else 60.0)
    began = time.monotonic()
    with TemporaryDirectory(prefix="traycreds-stress-") as folder:
        found = run_all(
            Path(folder),
            given.seed,
            seconds=seconds,
            updates=given.updates or 10**9,
            longest=given.longest,
            every=given.every,
            styles=given.styles,
            gap=given.gap,
        )
    summary = total(found)
    print(json.dumps({"seed": given.seed, "seconds": round(time.monotonic() - began), **summary}))
    return 1 if summary["lost"] else 0


def act(role, *arguments):
    if role == "refresh":
        path, lock_dir, stop, every = arguments
        refresh(Path(path), Path(lock_dir), Path(stop), float(every))
        return
    path, number, seed, slow, longest, turn, seconds, updates, enough, styles, gap = arguments
    writer = Writer(Path(path), int(number), seed, float(slow), float(longest), styles.split(","), float(gap))
    writer.run(Path(turn), float(seconds), int(updates), Path(enough))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--actor"]:
        act(*sys.argv[2:])
    else:
        sys.exit(main())
